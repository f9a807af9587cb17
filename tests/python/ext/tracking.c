/* SPDX-License-Identifier: MIT */
/* tracking.c - an extension that reports blocks to tracemalloc, as numpy does.
 *
 * And that allocates RAW memory in a thread of its own, without the GIL.
 */
#include "core/py/compat.h"

#include <pthread.h>
#include <stdint.h>

PyMODINIT_FUNC PyInit_tracking(void);

static PyObject *
track(PyObject *module, PyObject *args)
{
    unsigned long long address, bytes;
    unsigned int domain;

    (void)module;
    if (!PyArg_ParseTuple(args, "IKK", &domain, &address, &bytes)) {
        return NULL;
    }
    return PyLong_FromLong(
        PyTraceMalloc_Track(domain, (uintptr_t)address, (size_t)bytes));
}

static PyObject *
untrack(PyObject *module, PyObject *args)
{
    unsigned long long address;
    unsigned int domain;

    (void)module;
    if (!PyArg_ParseTuple(args, "IK", &domain, &address)) {
        return NULL;
    }
    return PyLong_FromLong(PyTraceMalloc_Untrack(domain, (uintptr_t)address));
}

struct work {
    size_t bytes;
    int blocks;
    int kept;
    void *block[1000];
};

static void *
allocate(void *data)
{
    struct work *work = data;

    for (int i = 0; i < work->blocks; i++) {
        void *block = PyMem_RawMalloc(work->bytes);

        block = PyMem_RawRealloc(block, work->bytes * 2);
        if (i < work->kept) {
            work->block[i] = block;
        }
        else {
            PyMem_RawFree(block);
        }
    }
    return NULL;
}

#define THREADS 4
static struct work works[THREADS];

static PyObject *
raw_threads(PyObject *module, PyObject *args)
{
    pthread_t thread[THREADS];
    int blocks, kept;
    Py_ssize_t bytes;

    (void)module;
    if (!PyArg_ParseTuple(args, "nii", &bytes, &blocks, &kept)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS for (int i = 0; i < THREADS; i++)
    {
        works[i].bytes = (size_t)bytes;
        works[i].blocks = blocks;
        works[i].kept = kept;
        pthread_create(&thread[i], NULL, allocate, &works[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    Py_END_ALLOW_THREADS return PyLong_FromLong(THREADS);
}

static PyObject *
raw_release(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    for (int i = 0; i < THREADS; i++) {
        for (int k = 0; k < works[i].kept; k++) {
            PyMem_RawFree(works[i].block[k]);
        }
        works[i].kept = 0;
    }
    Py_RETURN_NONE;
}

/* Resize to nothing and back, by each of Python's allocators. */
static PyObject *
shrink(PyObject *module, PyObject *unused)
{
    void *raw = PyMem_RawCalloc(10, 100), *mem = PyMem_Calloc(10, 100);
    void *obj = PyObject_Calloc(10, 100);

    (void)module, (void)unused;
    raw = PyMem_RawRealloc(raw, 0);
    mem = PyMem_Realloc(mem, 0);
    obj = PyObject_Realloc(obj, 0);
    PyMem_RawFree(PyMem_RawRealloc(raw, 5000));
    PyMem_Free(PyMem_Realloc(mem, 5000));
    PyObject_Free(PyObject_Realloc(obj, 5000));
    Py_RETURN_NONE;
}

/* Blocks of which one in three lives on when the next is allocated. */
static PyObject *
resize_last(PyObject *module, PyObject *turns)
{
    (void)module;
    for (long i = PyLong_AsLong(turns); i > 0; i--) {
        void *last = PyMem_Realloc(PyMem_Malloc(301), 402), *next;

        next = PyObject_Malloc(103);
        PyMem_Free(last);
        PyObject_Free(next);
    }
    Py_RETURN_NONE;
}

static void *
free_and_take(void *block)
{
    void **taken = block;

    PyMem_RawFree(taken[0]);
    taken[0] = PyMem_RawMalloc(917);  // the very same, if malloc() likes
    taken[1] = PyMem_RawMalloc(918);
    return NULL;
}

/* Another thread frees our last block, and gives us two: one that was not its
 * last, and the last of a thread that is no more. */
static PyObject *
swap_last(PyObject *module, PyObject *unused)
{
    void *block[2] = {PyMem_RawMalloc(916), NULL};
    pthread_t thread;

    (void)module, (void)unused;
    Py_BEGIN_ALLOW_THREADS pthread_create(&thread, NULL, free_and_take, block);
    pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS PyMem_RawFree(block[0]);
    PyMem_RawFree(block[1]);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"resize_last", resize_last, METH_O, NULL},
    {"swap_last", swap_last, METH_NOARGS, NULL},
    {"track", track, METH_VARARGS, NULL},
    {"untrack", untrack, METH_VARARGS, NULL},
    {"raw_threads", raw_threads, METH_VARARGS, NULL},
    {"raw_release", raw_release, METH_NOARGS, NULL},
    {"shrink", shrink, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tracking",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_tracking(void)
{
    return PyModule_Create(&definition);
}
