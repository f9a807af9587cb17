/* SPDX-License-Identifier: MIT */
/* refs.c - our PyRefTracer. */
#include "memtrace/refs.h"

#include "core/py/objectblock.h"
#include "memtrace/hooks.h"

#if PT_HAS_REF_TRACER

static PyRefTracer earlier;
static void *earlier_data;

static int
on_ref_event(PyObject *object, PyRefTracerEvent event, void *data)
{
    (void)data;
    if (event == PyRefTracer_CREATE) {
        pt_hooks_reuse((void *)pt_object_block(object));
    }
    return pt_likely(earlier == NULL) ? 0
                                      : earlier(object, event, earlier_data);
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
