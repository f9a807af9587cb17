/* SPDX-License-Identifier: MIT */
/* blocks.c - an extension that allocates what it is told to.
 *
 * Its functions allocate no Python object.
 */
#include "core/py/compat.h"

PyMODINIT_FUNC PyInit_blocks(void);

#define SLOTS 1000

static void *slot[SLOTS];

static void *
allocate(long domain, size_t count, size_t item_bytes)
{
    size_t bytes = count * item_bytes;

    switch (domain) {
    case PYMEM_DOMAIN_RAW:
        return item_bytes == 1 ? PyMem_RawMalloc(bytes)
                               : PyMem_RawCalloc(count, item_bytes);
    case PYMEM_DOMAIN_MEM:
        return item_bytes == 1 ? PyMem_Malloc(bytes)
                               : PyMem_Calloc(count, item_bytes);
    default:
        return item_bytes == 1 ? PyObject_Malloc(bytes)
                               : PyObject_Calloc(count, item_bytes);
    }
}

static void *
resize(long domain, void *block, size_t bytes)
{
    switch (domain) {
    case PYMEM_DOMAIN_RAW:
        return PyMem_RawRealloc(block, bytes);
    case PYMEM_DOMAIN_MEM:
        return PyMem_Realloc(block, bytes);
    default:
        return PyObject_Realloc(block, bytes);
    }
}

static void
release(long domain, void *block)
{
    switch (domain) {
    case PYMEM_DOMAIN_RAW:
        PyMem_RawFree(block);
        break;
    case PYMEM_DOMAIN_MEM:
        PyMem_Free(block);
        break;
    default:
        PyObject_Free(block);
    }
}

/* new(domain, slot, count, item_bytes) -> was there memory? Of items of
 * one byte by malloc(), of others by calloc(). */
static PyObject *
block_new(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    long at = PyLong_AsLong(args[1]);

    (void)module;
    (void)count;
    slot[at] = allocate(PyLong_AsLong(args[0]), PyLong_AsSize_t(args[2]),
                        PyLong_AsSize_t(args[3]));
    return PyBool_FromLong(slot[at] != NULL);
}

/* resize(domain, slot, bytes) -> was there memory? */
static PyObject *
block_resize(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    long at = PyLong_AsLong(args[1]);
    void *block =
        resize(PyLong_AsLong(args[0]), slot[at], PyLong_AsSize_t(args[2]));

    (void)module;
    (void)count;
    if (block != NULL) {
        slot[at] = block;
    }
    return PyBool_FromLong(block != NULL);
}

/* free(domain, slot) */
static PyObject *
block_free(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    long at = PyLong_AsLong(args[1]);

    (void)module;
    (void)count;
    release(PyLong_AsLong(args[0]), slot[at]);
    slot[at] = NULL;
    Py_RETURN_NONE;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL

static PyMethodDef methods[] = {
    {"new", FAST(block_new), NULL},
    {"resize", FAST(block_resize), NULL},
    {"free", FAST(block_free), NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "blocks",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_blocks(void)
{
    return PyModule_Create(&definition);
}
