/* SPDX-License-Identifier: MIT */
/* engine_settrace.c - line events from PyEval_SetTrace, for CPython 3.11.
 *
 * A C trace function gets the very events that sys.settrace hands to `trace`.
 * It belongs to a thread, so new threads install it before they run anything.
 * There is one such slot: a program that calls sys.settrace takes it from us,
 * and the report says so.
 */
#include "core/py/compat.h"

#include "core/py/frame.h"
#include "core/py/guard.h"
#include "core/py/thread.h"
#include "linetrace/bytecode.h"
#include "linetrace/engine.h"
#include "linetrace/follow.h"
#include "linetrace/hits.h"
#include "linetrace/linetrace.h"

static int started;
static Py_tracefunc handler;

/* The interpreter has worked out the line. Budget: 20 instructions. */
static int
on_event(PyObject *self, PyFrameObject *object, int what, PyObject *arg)
{
    const struct pt_frame_object *traced = (const void *)object;
    struct pt_hits *hits;

    (void)self, (void)arg;
    if (what != PyTrace_LINE) {
        return 0;
    }
    hits = pt_hits_of(pt_frame_code(traced->frame));
    if (hits->lines != 0) {
        pt_hits_add(hits, (uint32_t)traced->line);
    }
    return 0;
}

static uint8_t
op_of(const struct pt_frame *frame)
{
    return (uint8_t)(*frame->instr & 0xff);
}

static void
on_call(struct pt_hits *hits, PyFrameObject *object,
        const struct pt_frame *frame)
{
    PyCodeObject *code = pt_frame_code(frame);

    if (frame->instr == pt_code_start(code) + code->_co_firsttraceable) {
        pt_follow_enter(hits, frame);
    }
    else {
        pt_follow_resume(hits, frame, PyFrame_GetLineNumber(object));
    }
}

static void
on_return(struct pt_hits *hits, const struct pt_frame *frame, PyObject *arg)
{
    pt_follow_leave(hits, frame,
                    arg == NULL ? PT_FOLLOW_UNWIND
                    : op_of(frame) == pt_bytecode.op.yield_value
                        ? PT_FOLLOW_YIELD
                        : PT_FOLLOW_RETURN);
}

/* Of all frames; budget where code is counted: 60 instructions, and the
 * clock. */
static int
on_followed_event(PyObject *self, PyFrameObject *object, int what,
                  PyObject *arg)
{
    const struct pt_frame_object *traced = (const void *)object;
    struct pt_hits *hits = pt_hits_of(pt_frame_code(traced->frame));

    (void)self;
    if (hits->lines == 0) {
        return 0;
    }
    if (what == PyTrace_LINE) {
        pt_hits_add(hits, (uint32_t)traced->line);
        pt_follow_line(hits, traced->frame, (uint32_t)traced->line);
    }
    else if (what == PyTrace_CALL) {
        on_call(hits, object, traced->frame);
    }
    else if (what == PyTrace_RETURN) {
        on_return(hits, traced->frame, arg);
    }
    return 0;
}

/* Our trace object lost its slot. With Python frames on the stack that was the
 * program's own doing; without, the thread has just ended. */
static void
on_slot_lost(PyObject *tracer)
{
    PyThreadState *thread = pt_thread_attached();

    Py_TYPE(tracer)->tp_free(tracer);
    if (started && thread != NULL && pt_frame_top(thread) != NULL) {
        pt_linetrace_trouble(PT_TROUBLE_SETTRACE);
    }
}

/* tracer(frame, event, arg). The program gave sys.settrace() what it had from
 * sys.gettrace(): take the slot back, as of this call. */
static PyObject *
resume(PyObject *self, PyObject *args, PyObject *names)
{
    (void)args, (void)names;
    if (started) {
        pt_linetrace_trouble(PT_TROUBLE_SETTRACE);
        PyEval_SetTrace(handler, self);
    }
    return Py_NewRef(self);
}

static PyTypeObject tracer_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._tracer",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_call = resume,
    .tp_dealloc = on_slot_lost,
};

static void
trace_this_thread(void)
{
    PyObject *tracer;

    if (!started) {
        return;
    }
    pt_guard_enter();
    tracer = PyObject_New(PyObject, &tracer_type);
    if (tracer == NULL) {
        PyErr_Clear();
        pt_linetrace_trouble(PT_TROUBLE_MEMORY);
    }
    else {
        PyEval_SetTrace(handler, tracer);
        Py_DECREF(tracer);
    }
    pt_guard_leave();
}

static const struct pt_thread_watcher watcher = {trace_this_thread, NULL};

static void
stop(void)
{
    PyThreadState *thread = pt_thread_attached();

    if (!started) {
        return;
    }
    started = 0;
    pt_thread_unwatch(&watcher);
    if (thread->c_tracefunc == handler) {
        PyEval_SetTrace(NULL, NULL);
    }
}

static int
start(const struct pt_engine_start *wishes)
{
    handler = wishes->follows ? on_followed_event : on_event;
    if (PyType_Ready(&tracer_type) < 0 || pt_thread_watch(&watcher) < 0) {
        return -1;
    }
    started = 1;
    trace_this_thread();
    return 0;
}

const struct pt_engine pt_engine_settrace = {"settrace", start, stop, NULL,
                                             NULL};
