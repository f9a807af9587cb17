/* SPDX-License-Identifier: MIT */
/* meddler.c - a tool that sets allocators and the tracer of references. */
#include "core/py/compat.h"

#include <stdatomic.h>

PyMODINIT_FUNC PyInit_meddler(void);

// -- Allocators --------------------------------------------------------------

#define DOMAINS 3

static const PyMemAllocatorDomain domains[DOMAINS] = {
    PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
static PyMemAllocatorEx inner[DOMAINS];
static atomic_long born, died;  // blocks that went through us

static void *
count_born(void *block)
{
    atomic_fetch_add(&born, block != NULL);
    return block;
}

static void *
pass_malloc(void *context, size_t bytes)
{
    PyMemAllocatorEx *below = context;

    return count_born(below->malloc(below->ctx, bytes));
}

static void *
pass_calloc(void *context, size_t count, size_t item_bytes)
{
    PyMemAllocatorEx *below = context;

    return count_born(below->calloc(below->ctx, count, item_bytes));
}

static void *
pass_realloc(void *context, void *old, size_t bytes)
{
    PyMemAllocatorEx *below = context;
    void *block = below->realloc(below->ctx, old, bytes);

    return old == NULL ? count_born(block) : block;
}

static void
pass_free(void *context, void *block)
{
    PyMemAllocatorEx *below = context;

    atomic_fetch_add(&died, block != NULL);
    below->free(below->ctx, block);
}

/* put(): in front of what is there. */
static PyObject *
put(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    for (int i = 0; i < DOMAINS; i++) {
        PyMemAllocatorEx ours = {&inner[i], pass_malloc, pass_calloc,
                                 pass_realloc, pass_free};

        PyMem_GetAllocator(domains[i], &inner[i]);
        PyMem_SetAllocator(domains[i], &ours);
    }
    Py_RETURN_NONE;
}

/* take(): put back what was there at the time of put(), whoever came since. */
static PyObject *
take(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    for (int i = 0; i < DOMAINS; i++) {
        PyMem_SetAllocator(domains[i], &inner[i]);
    }
    Py_RETURN_NONE;
}

/* seen() -> (born, died) */
static PyObject *
seen(PyObject *module, PyObject *unused)
{
    long first = atomic_load(&born), second = atomic_load(&died);

    (void)module;
    (void)unused;
    return Py_BuildValue("ll", first, second);
}

// -- The tracer of references ------------------------------------------------

#if PT_HAS_REF_TRACER

static PyRefTracer earlier;
static void *earlier_data;
static long made;

static int
on_event(PyObject *object, PyRefTracerEvent event, void *data)
{
    made += event == PyRefTracer_CREATE;
    return data != NULL && earlier != NULL
               ? earlier(object, event, earlier_data)
               : 0;
}

/* put_tracer(chained): in place of what is there, which is called or not. */
static PyObject *
put_tracer(PyObject *module, PyObject *chained)
{
    (void)module;
    earlier = PyRefTracer_GetTracer(&earlier_data);
    if (PyRefTracer_SetTracer(on_event,
                              PyObject_IsTrue(chained) ? &made : NULL) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* take_tracer(): put back what was there at the time of put_tracer(). */
static PyObject *
take_tracer(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (PyRefTracer_SetTracer(earlier, earlier_data) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
objects_made(PyObject *module, PyObject *unused)
{
    long count = made;

    (void)module;
    (void)unused;
    return PyLong_FromLong(count);
}

#endif

static PyMethodDef methods[] = {
    {"put", put, METH_NOARGS, NULL},
    {"take", take, METH_NOARGS, NULL},
    {"seen", seen, METH_NOARGS, NULL},
#if PT_HAS_REF_TRACER
    {"put_tracer", put_tracer, METH_O, NULL},
    {"take_tracer", take_tracer, METH_NOARGS, NULL},
    {"objects_made", objects_made, METH_NOARGS, NULL},
#endif
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "meddler",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_meddler(void)
{
    return PyModule_Create(&definition);
}
