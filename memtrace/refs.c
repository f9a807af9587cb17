/* SPDX-License-Identifier: MIT */
/* refs.c - our PyRefTracer. */
#include "memtrace/refs.h"

#include "memtrace/hooks.h"

#if PT_HAS_REF_TRACER

static PyRefTracer earlier;
static void *earlier_data;

/* Bytes between the start of a block and the object in it: the header of the
 * collector, and the two words in front of it for __dict__ and weak references
 * (CPython, Objects/object_layout.md). */
PT_INLINE size_t
header_bytes(const PyTypeObject *type)
{
    size_t bytes = 0;

    if (type->tp_flags & Py_TPFLAGS_HAVE_GC) {
        bytes += 2 * sizeof(uintptr_t);
    }
    if (type->tp_flags &
        (Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_MANAGED_DICT)) {
        bytes += 2 * sizeof(PyObject *);
    }
    return bytes;
}

static int
on_ref_event(PyObject *object, PyRefTracerEvent event, void *data)
{
    (void)data;
    if (event == PyRefTracer_CREATE) {
        pt_hooks_reuse((char *)object - header_bytes(Py_TYPE(object)));
    }
    return earlier != NULL ? earlier(object, event, earlier_data) : 0;
}

int
pt_refs_start(void)
{
    PyRefTracer now = PyRefTracer_GetTracer(&earlier_data);

    if (now == on_ref_event) {
        return 0;
    }
    earlier = now;
    return PyRefTracer_SetTracer(on_ref_event, NULL);
}

void
pt_refs_stop(void)
{
    void *data;

    if (PyRefTracer_GetTracer(&data) == on_ref_event &&
        PyRefTracer_SetTracer(earlier, earlier_data) < 0) {
        PyErr_Clear();
    }
}

#else

int
pt_refs_start(void)
{
    return 0;
}

void
pt_refs_stop(void)
{
}

#endif
