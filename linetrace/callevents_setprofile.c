/* SPDX-License-Identifier: MIT */
/* callevents_setprofile.c - calls from PyEval_SetProfile, for CPython 3.11.
 *
 * The profile function belongs to a thread, so new threads install it before
 * they run anything. A program that calls sys.setprofile takes it from us, and
 * the report says so.
 */
#include "core/py/frame.h"
#include "core/py/guard.h"
#include "core/py/thread.h"
#include "linetrace/bytecode.h"
#include "linetrace/callevents.h"

static int
is_at_first(const struct pt_frame *frame)
{
    PyCodeObject *code = pt_frame_code(frame);

    return frame->instr == pt_code_start(code) + code->_co_firsttraceable;
}

static void
on_call(const struct pt_frame *frame, uint32_t id)
{
    pt_stream_enter(pt_callevents_stream,
                    is_at_first(frame) ? PT_EVENT_CALL : PT_EVENT_RESUME, id);
}

static void
on_return(const struct pt_frame *frame, PyObject *value)
{
    int is_yield =
        (uint8_t)(*frame->instr & 0xff) == pt_bytecode.op.yield_value;

    // A signal handler that raises there comes before the event of the call.
    if (value == NULL && is_at_first(frame)) {
        return;
    }
    pt_stream_leave(pt_callevents_stream, value == NULL ? PT_EVENT_UNWIND
                                          : is_yield    ? PT_EVENT_YIELD
                                                        : PT_EVENT_RETURN);
}

static int
on_event(PyObject *self, PyFrameObject *object, int what, PyObject *value)
{
    const struct pt_frame *frame =
        ((const struct pt_frame_object *)(const void *)object)->frame;
    PyCodeObject *code;
    uint32_t id;

    (void)self;
    if (what != PyTrace_CALL && what != PyTrace_RETURN) {
        return 0;
    }
    code = pt_frame_code(frame);
    id = pt_callevents_code(code);
    if (id == PT_CALLEVENTS_IGNORED) {
        return 0;
    }
    if (what == PyTrace_CALL) {
        on_call(frame, id);
    }
    else {
        on_return(frame, value);
    }
    return 0;
}

static void
profile_this_thread(void)
{
    pt_guard_enter();
    PyEval_SetProfile(on_event, NULL);
    pt_guard_leave();
}

static const struct pt_thread_watcher watcher = {profile_this_thread, NULL};

// The profile function sees all code.
void
pt_callevents_adopt(PyCodeObject *code)
{
    (void)code;
}

int
pt_callevents_listen(void)
{
    if (pt_thread_watch(&watcher) < 0) {
        return -1;
    }
    profile_this_thread();
    return 0;
}
