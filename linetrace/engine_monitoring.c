/* SPDX-License-Identifier: MIT */
/* engine_monitoring.c - line events from sys.monitoring (PEP 669).
 *
 * The standard library's `trace` counts what sys.settrace delivers. That is
 * LINE, plus backward jumps to the same line, for which monitoring has no LINE
 * (a loop on one line): hence JUMP. And from 3.13 on a function of one line
 * has LINE events only while PY_START is on: hence PY_START.
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
#include "linetrace/hits.h"

static struct pt_monitor monitor = {-1};
static int (*is_expected)(PyCodeObject *code);
static long local_events;
static long event_start;

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
start(const struct pt_engine_start *wishes)
{
    long event_line, event_jump;

    is_expected = wishes->is_expected;
    if (pt_monitor_open(&monitor) < 0) {
        return -1;
    }
    if (pt_monitor_on(&monitor, "LINE", on_line, &event_line) < 0 ||
        pt_monitor_on(&monitor, "JUMP", on_jump, &event_jump) < 0 ||
        pt_monitor_on(&monitor, "PY_START", on_start, &event_start) < 0) {
        stop();
        return -1;
    }
    local_events = event_line | event_jump;
    if (PT_HAS_RESUME_CHECK) {
        local_events |= event_start;
    }
    if (pt_codewatch_add(PT_CODEWATCH_CREATED, on_code_created) < 0 ||
        (wishes->existing && pt_monitor_set(&monitor, event_start) < 0)) {
        stop();
        return -1;
    }
    return 0;
}

const struct pt_engine pt_engine_monitoring = {"monitoring", start, stop,
                                               adopt_expected, meet};
