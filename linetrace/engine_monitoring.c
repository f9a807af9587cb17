/* SPDX-License-Identifier: MIT */
/* engine_monitoring.c - line events from sys.monitoring (PEP 669).
 *
 * The standard library's `trace` counts what sys.settrace delivers. That is
 * LINE, plus backward jumps to the same line, for which monitoring has no LINE
 * (a loop on one line): hence JUMP. And from 3.13 on a line that begins right
 * behind a RESUME of the same line has LINE events only while PY_START is on,
 * or PY_RESUME where a generator goes on: hence these two.
 *
 * Events are local to the code objects that are counted, set when the code
 * object is made, so that ignored code runs at full speed and CPython's
 * per-code bookkeeping is allocated inside our guard. Code that was there
 * before is found by a global PY_START.
 */
#include "core/py/compat.h"

#include "core/py/codewatch.h"
#include "core/py/guard.h"
#include "core/py/monitoring.h"
#include "linetrace/engine.h"
#include "linetrace/follow.h"
#include "linetrace/hits.h"

static struct pt_monitor monitor = {.tool = -1};
static int (*is_expected)(PyCodeObject *code);
static long local_events;
static long event_start;
static int follows;

/* LINE (code, line). Budget: 20 instructions. */
static PyObject *
on_line(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    struct pt_hits *hits = pt_hits_of((PyCodeObject *)args[0]);

    (void)self, (void)nargs, (void)names;
    if (pt_unlikely(hits->lines == 0)) {
        return Py_NewRef(pt_monitor_disable);
    }
    pt_hits_add(hits, pt_monitor_number(args[1]));
    Py_RETURN_NONE;
}

/* PY_RESUME (code, offset): that it is on is all that is wanted of it. */
static PyObject *
on_going_on(PyObject *self, PyObject *const *args, size_t nargs,
            PyObject *names)
{
    (void)self, (void)args, (void)nargs, (void)names;
    Py_RETURN_NONE;
}

/* LINE where one is enough. What is switched off costs nothing: CPython puts
 * the instruction back as it was. */
static PyObject *
on_first_line(PyObject *self, PyObject *const *args, size_t nargs,
              PyObject *names)
{
    Py_XDECREF(on_line(self, args, nargs, names));
    return Py_NewRef(pt_monitor_disable);
}

/* JUMP (code, from, to), offsets in bytes. */
static PyObject *
on_jump(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    struct pt_hits *hits = pt_hits_of(code);
    uint32_t from = pt_monitor_number(args[1]),
             to = pt_monitor_number(args[2]);
    int line;

    (void)self, (void)nargs, (void)names;
    if (to > from || hits->lines == 0) {
        return Py_NewRef(pt_monitor_disable);
    }
    line = pt_hits_line_of_unit(hits, code, to / 2);
    if (line < 0 || line != pt_hits_line_of_unit(hits, code, from / 2)) {
        return Py_NewRef(pt_monitor_disable);
    }
    pt_hits_add(hits, (uint32_t)line);
    if (follows) {
        pt_follow_line(hits, pt_frame_top(pt_thread_attached()),
                       (uint32_t)line);
    }
    Py_RETURN_NONE;
}

/* Switch the local events of `code` on if its lines are counted. */
static struct pt_hits *
adopt(PyCodeObject *code)
{
    struct pt_hits *hits = pt_hits_of(code);

    if (hits->lines == 0 || hits->adopted) {
        return hits;
    }
    hits->adopted = 1;
    pt_guard_enter();
    if (pt_monitor_set_local(&monitor, code, local_events) < 0) {
        PyErr_Clear();
        pt_hits_drop_slow();
    }
    pt_guard_leave();
    return hits;
}

static void
adopt_expected(PyCodeObject *code)
{
    adopt(code);
}

static void
adopt_all(PyCodeObject *code)
{
    adopt(code);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);

        if (PyCode_Check(constant)) {
            adopt_all((PyCodeObject *)constant);
        }
    }
}

/* What it will define has its code objects already. */
static void
meet(PyFunctionObject *function)
{
    adopt_all((PyCodeObject *)function->func_code);
}

/* PY_START (code, offset). */
static PyObject *
on_start(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    struct pt_hits *hits = adopt((PyCodeObject *)args[0]);

    (void)self, (void)nargs, (void)names;
    if (hits->lines != 0 && local_events & event_start) {
        Py_RETURN_NONE;
    }
    return Py_NewRef(pt_monitor_disable);
}

static PyObject *
on_first_start(PyObject *self, PyObject *const *args, size_t nargs,
               PyObject *names)
{
    (void)self, (void)nargs, (void)names;
    adopt((PyCodeObject *)args[0]);
    return Py_NewRef(pt_monitor_disable);
}

/* The frame that an event is of. */
static const struct pt_frame *
frame_here(void)
{
    return pt_frame_top(pt_thread_attached());
}

/* LINE of followed code. Budget: 50 instructions, and the clock. */
static PyObject *
on_followed_line(PyObject *self, PyObject *const *args, size_t nargs,
                 PyObject *names)
{
    struct pt_hits *hits = pt_hits_of((PyCodeObject *)args[0]);
    uint32_t line = pt_monitor_number(args[1]);

    (void)self, (void)nargs, (void)names;
    if (pt_unlikely(hits->lines == 0)) {
        return Py_NewRef(pt_monitor_disable);
    }
    pt_hits_add(hits, line);
    pt_follow_line(hits, frame_here(), line);
    Py_RETURN_NONE;
}

static PyObject *
on_followed_start(PyObject *self, PyObject *const *args, size_t nargs,
                  PyObject *names)
{
    struct pt_hits *hits = adopt((PyCodeObject *)args[0]);

    (void)self, (void)nargs, (void)names;
    if (hits->lines == 0) {
        return Py_NewRef(pt_monitor_disable);
    }
    pt_follow_enter(hits, frame_here());
    Py_RETURN_NONE;
}

/* PY_RESUME (code, offset) and PY_THROW (code, offset, exception); the latter
 * comes of all code, and cannot be disabled. */
static PyObject *
on_resume(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    struct pt_hits *hits = pt_hits_of(code);
    uint32_t offset = pt_monitor_number(args[1]);

    (void)self, (void)nargs, (void)names;
    if (hits->lines != 0) {
        pt_follow_resume(hits, frame_here(),
                         pt_hits_line_of_unit(hits, code, offset / 2));
    }
    Py_RETURN_NONE;
}

static void
leave(PyCodeObject *code, enum pt_follow_leave how)
{
    struct pt_hits *hits = pt_hits_of(code);

    if (hits->lines != 0) {
        pt_follow_leave(hits, frame_here(), how);
    }
}

/* PY_RETURN and PY_YIELD (code, offset, value). */
static PyObject *
on_return(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)self, (void)nargs, (void)names;
    leave((PyCodeObject *)args[0], PT_FOLLOW_RETURN);
    Py_RETURN_NONE;
}

static PyObject *
on_yield(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)self, (void)nargs, (void)names;
    leave((PyCodeObject *)args[0], PT_FOLLOW_YIELD);
    Py_RETURN_NONE;
}

/* PY_UNWIND (code, offset, exception), of all code. */
static PyObject *
on_unwind(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)self, (void)nargs, (void)names;
    leave((PyCodeObject *)args[0], PT_FOLLOW_UNWIND);
    Py_RETURN_NONE;
}

static void
on_code_created(PyCodeObject *code)
{
    PyObject *raised;

    if (is_expected != NULL && is_expected(code)) {
        return;
    }
    raised = PyErr_GetRaisedException();

    adopt(code);
    PyErr_SetRaisedException(raised);
}

static void
stop(void)
{
    pt_codewatch_remove(PT_CODEWATCH_CREATED, on_code_created);
    pt_monitor_close(&monitor);
}

static int
start_counting(long *everywhere)
{
    long line, jump, resume;

    if (pt_monitor_on(&monitor, "LINE", on_line, &line) < 0 ||
        pt_monitor_on(&monitor, "JUMP", on_jump, &jump) < 0 ||
        pt_monitor_on(&monitor, "PY_RESUME", on_going_on, &resume) < 0 ||
        pt_monitor_on(&monitor, "PY_START", on_start, &event_start) < 0) {
        return -1;
    }
    local_events = line | jump;
    if (PT_HAS_RESUME_CHECK) {
        local_events |= event_start | resume;
    }
    *everywhere = 0;
    return 0;
}

/* A line that a jump goes back to has been there before, so JUMP tells nothing
 * new; and the first call of a function of one line is enough. */
static int
start_hits(long *everywhere)
{
    if (pt_monitor_on(&monitor, "LINE", on_first_line, &local_events) < 0 ||
        pt_monitor_on(&monitor, "PY_START", on_first_start, &event_start) <
            0) {
        return -1;
    }
    if (PT_HAS_RESUME_CHECK) {
        local_events |= event_start;
    }
    *everywhere = 0;
    return 0;
}

static int
start_following(long *everywhere)
{
    long line, jump, resume, throw, returned, yield, unwind;

    if (pt_monitor_on(&monitor, "LINE", on_followed_line, &line) < 0 ||
        pt_monitor_on(&monitor, "JUMP", on_jump, &jump) < 0 ||
        pt_monitor_on(&monitor, "PY_START", on_followed_start, &event_start) <
            0 ||
        pt_monitor_on(&monitor, "PY_RESUME", on_resume, &resume) < 0 ||
        pt_monitor_on(&monitor, "PY_THROW", on_resume, &throw) < 0 ||
        pt_monitor_on(&monitor, "PY_RETURN", on_return, &returned) < 0 ||
        pt_monitor_on(&monitor, "PY_YIELD", on_yield, &yield) < 0 ||
        pt_monitor_on(&monitor, "PY_UNWIND", on_unwind, &unwind) < 0) {
        return -1;
    }
    local_events = line | jump | event_start | resume | returned | yield;
    *everywhere = throw | unwind;
    return 0;
}

static int
start_events(const struct pt_engine_start *wishes, long *everywhere)
{
    if (wishes->follows) {
        return start_following(everywhere);
    }
    return wishes->hits_only ? start_hits(everywhere)
                             : start_counting(everywhere);
}

static int
start(const struct pt_engine_start *wishes)
{
    long everywhere;

    is_expected = wishes->is_expected;
    follows = wishes->follows;
    if (pt_monitor_open(&monitor) < 0) {
        return -1;
    }
    if (start_events(wishes, &everywhere) < 0) {
        stop();
        return -1;
    }
    everywhere |= wishes->existing ? event_start : 0;
    if (pt_codewatch_add(PT_CODEWATCH_CREATED, on_code_created) < 0 ||
        (everywhere != 0 && pt_monitor_set(&monitor, everywhere) < 0)) {
        stop();
        return -1;
    }
    return 0;
}

const struct pt_engine pt_engine_monitoring = {"monitoring", start, stop,
                                               adopt_expected, meet};
