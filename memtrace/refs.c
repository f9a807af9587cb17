/* SPDX-License-Identifier: MIT */
/* refs.c - our PyRefTracer. */
#include "memtrace/refs.h"

#include "core/py/guard.h"
#include "core/py/objectblock.h"
#include "memtrace/hooks.h"
#include "memtrace/recorder.h"

#if PT_HAS_REF_TRACER

static PyRefTracer earlier;
static void *earlier_data;
static int is_started;  // and not taken out again by us

/* Budget: 5 instructions for the end of an object, 15 for one in a block that
 * was just allocated. */
static int
on_ref_event(PyObject *object, PyRefTracerEvent event, void *data)
{
    void *block;

    (void)data;
    if (event != PyRefTracer_CREATE) {
        return 0;
    }
    block = (void *)pt_object_block(object);
    if (pt_likely(block == pt_recorder.last_block)) {
        // Made just now. The next object in it will be from a free list.
        pt_recorder.last_block = NULL;
        return 0;
    }
    pt_hooks_reuse(block);
    return 0;
}

static int
on_chained_event(PyObject *object, PyRefTracerEvent event, void *data)
{
    (void)on_ref_event(object, event, data);
    return earlier(object, event, earlier_data);
}

static int
is_ours(PyRefTracer tracer)
{
    return tracer == on_ref_event || tracer == on_chained_event;
}

/* Does the making of an object come to ours, by way of the tracer that stands
 * in its place? */
static int
is_reached(void)
{
    PyObject *object;
    int reached = 0;

    pt_guard_enter();
    object = PyObject_Malloc(sizeof(*object));
    if (object != NULL) {
        pt_recorder.last_block = object;
        Py_DECREF(PyObject_Init(object, &PyBaseObject_Type));
        reached = pt_recorder.last_block == NULL;
        pt_recorder.last_block = NULL;
    }
    pt_guard_leave();
    return reached;
}

int
pt_refs_start(void)
{
    void *data;
    PyRefTracer now = PyRefTracer_GetTracer(&data);

    // Not twice in one chain: that would have no end.
    if (is_ours(now) || (is_started && now != NULL && is_reached())) {
        return 0;
    }
    earlier = now;
    earlier_data = data;
    is_started = 1;
    return PyRefTracer_SetTracer(now != NULL ? on_chained_event : on_ref_event,
                                 NULL);
}

void
pt_refs_repair(void)
{
    if (is_started && pt_refs_start() < 0) {
        PyErr_Clear();
    }
}

void
pt_refs_stop(void)
{
    void *data;

    if (is_ours(PyRefTracer_GetTracer(&data))) {
        is_started = 0;
        if (PyRefTracer_SetTracer(earlier, earlier_data) < 0) {
            PyErr_Clear();
        }
    }
}

#else

int
pt_refs_start(void)
{
    return 0;
}

void
pt_refs_repair(void)
{
}

void
pt_refs_stop(void)
{
}

#endif
