/* SPDX-License-Identifier: MIT */
/* leaky.c - an extension that takes memory from malloc() in all its ways. */
#include "core/py/compat.h"

#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HELD_MAX 100000

PyMODINIT_FUNC PyInit_leaky(void);

/* What the compiler makes of `new char[n]` and `delete[]`. Weak, as only a
 * process with C++ in it has them. */
extern void *_Znam(size_t bytes) __attribute__((weak));
extern void _ZdaPv(void *block) __attribute__((weak));

static void *held[HELD_MAX];
static int count;

static void
hold(void *block)
{
    if (block != NULL && count < HELD_MAX) {
        memset(block, 1, 1);
        held[count++] = block;
    }
}

/* hold_malloc(blocks, bytes): and forget to free them. */
static PyObject *
hold_malloc(PyObject *module, PyObject *args)
{
    int blocks;
    Py_ssize_t bytes;

    (void)module;
    if (!PyArg_ParseTuple(args, "in", &blocks, &bytes)) {
        return NULL;
    }
    for (int i = 0; i < blocks; i++) {
        hold(malloc((size_t)bytes));
    }
    Py_RETURN_NONE;
}

/* So many calls deep, and none of them a jump. */
__attribute__((noinline)) static int
nest(int depth, Py_ssize_t bytes)
{
    if (depth == 0) {
        hold(malloc((size_t)bytes));
    }
    else {
        nest(depth - 1, bytes);
    }
    return count;
}

/* hold_nested(depth, bytes): a block, from so deep. */
static PyObject *
hold_nested(PyObject *module, PyObject *args)
{
    int depth;
    Py_ssize_t bytes;

    (void)module;
    if (!PyArg_ParseTuple(args, "in", &depth, &bytes)) {
        return NULL;
    }
    return PyLong_FromLong(nest(depth, bytes));
}

/* deep::shelf::fill(unsigned long), had C++ compiled it. */
static void fill_shelf(size_t bytes) __asm__("_ZN4deep5shelf4fillEm");

__attribute__((noinline)) static void
fill_shelf(size_t bytes)
{
    hold(malloc(bytes));
}

/* hold_in_shelf(bytes): a block, from a function of C++. */
static PyObject *
hold_in_shelf(PyObject *module, PyObject *arg)
{
    (void)module;
    fill_shelf(PyLong_AsSize_t(arg));
    Py_RETURN_NONE;
}

static uint64_t
thread_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* pairs(times, bytes): a block that is freed at once, so often, without the
 * GIL; nanoseconds of the thread for each. */
static PyObject *
pairs(PyObject *module, PyObject *args)
{
    long times;
    Py_ssize_t bytes;
    uint64_t start;

    (void)module;
    if (!PyArg_ParseTuple(args, "ln", &times, &bytes)) {
        return NULL;
    }
    start = thread_ns();
    Py_BEGIN_ALLOW_THREADS;
    for (long i = 0; i < times; i++) {
        void *volatile block = malloc((size_t)bytes);

        free(block);
    }
    Py_END_ALLOW_THREADS;
    return PyFloat_FromDouble((double)(thread_ns() - start) / (double)times);
}

/* hold_filled(blocks, bytes): the same, and every page is written to. */
static PyObject *
hold_filled(PyObject *module, PyObject *args)
{
    int blocks;
    Py_ssize_t bytes;

    (void)module;
    if (!PyArg_ParseTuple(args, "in", &blocks, &bytes)) {
        return NULL;
    }
    for (int i = 0; i < blocks; i++) {
        char *block = malloc((size_t)bytes);

        if (block != NULL) {
            memset(block, 1, (size_t)bytes);
        }
        hold(block);
    }
    Py_RETURN_NONE;
}

/* hold_family(bytes): a block from each function of the family. */
static PyObject *
hold_family(PyObject *module, PyObject *arg)
{
    size_t bytes = PyLong_AsSize_t(arg);
    void *block = NULL;

    (void)module;
    hold(malloc(bytes));
    hold(calloc(1, bytes));
    hold(realloc(NULL, bytes));
    hold(reallocarray(NULL, 1, bytes));
    hold(posix_memalign(&block, 64, bytes) == 0 ? block : NULL);
    hold(aligned_alloc(64, bytes));
    hold(memalign(4096, bytes));
    hold(valloc(bytes));
    hold(strdup("seven b"));
    Py_RETURN_NONE;
}

/* churn(rounds): take and free, and grow step by step. */
static PyObject *
churn(PyObject *module, PyObject *arg)
{
    long rounds = PyLong_AsLong(arg);

    (void)module;
    for (long i = 0; i < rounds; i++) {
        char *block = malloc(100);

        for (size_t bytes = 200; bytes <= 1000 && block != NULL;
             bytes += 100) {
            block = realloc(block, bytes);
        }
        free(block);
    }
    Py_RETURN_NONE;
}

static void *
free_held(void *unused)
{
    (void)unused;
    while (count > 0) {
        free(held[--count]);
    }
    return NULL;
}

/* free_elsewhere(): all that is held, in another thread. */
static PyObject *
free_elsewhere(PyObject *module, PyObject *unused)
{
    pthread_t thread;

    (void)module;
    (void)unused;
    if (pthread_create(&thread, NULL, free_held, NULL) == 0) {
        pthread_join(thread, NULL);
    }
    Py_RETURN_NONE;
}

/* hold_without_gil(blocks, bytes): as numeric libraries do. */
static PyObject *
hold_without_gil(PyObject *module, PyObject *args)
{
    int blocks;
    Py_ssize_t bytes;

    (void)module;
    if (!PyArg_ParseTuple(args, "in", &blocks, &bytes)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    for (int i = 0; i < blocks; i++) {
        hold(malloc((size_t)bytes));
    }
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

/* hold_new(blocks, bytes): C++'s operator new; False if there is none. */
static PyObject *
hold_new(PyObject *module, PyObject *args)
{
    int blocks;
    Py_ssize_t bytes;

    (void)module;
    if (!PyArg_ParseTuple(args, "in", &blocks, &bytes)) {
        return NULL;
    }
    if (_Znam == NULL || _ZdaPv == NULL) {
        Py_RETURN_FALSE;
    }
    for (int i = 0; i < blocks; i++) {
        hold(_Znam((size_t)bytes));
        _ZdaPv(_Znam((size_t)bytes));
    }
    Py_RETURN_TRUE;
}

static PyMethodDef methods[] = {
    {"hold_malloc", hold_malloc, METH_VARARGS, NULL},
    {"hold_nested", hold_nested, METH_VARARGS, NULL},
    {"hold_in_shelf", hold_in_shelf, METH_O, NULL},
    {"pairs", pairs, METH_VARARGS, NULL},
    {"hold_filled", hold_filled, METH_VARARGS, NULL},
    {"hold_family", hold_family, METH_O, NULL},
    {"churn", churn, METH_O, NULL},
    {"free_elsewhere", free_elsewhere, METH_NOARGS, NULL},
    {"hold_without_gil", hold_without_gil, METH_VARARGS, NULL},
    {"hold_new", hold_new, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                        .m_name = "leaky",
                                        .m_methods = methods, .m_size = -1};

PyMODINIT_FUNC
PyInit_leaky(void)
{
    return PyModule_Create(&definition);
}
