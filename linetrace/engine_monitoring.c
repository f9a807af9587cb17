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
#include "linetrace/engine.h"
#include "linetrace/hits.h"

typedef struct {
    PyObject_HEAD vectorcallfunc call;
} Callback;

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._callback",
    .tp_basicsize = sizeof(Callback),
    .tp_vectorcall_offset = offsetof(Callback, call),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
};

static PyObject *monitoring;  // the module sys.monitoring
static PyObject *disable;     // its DISABLE
static long tool_id = -1;
static int (*is_expected)(PyCodeObject *code);
static long local_events;
static long event_line, event_jump, event_start;

/* A line number or offset: small, as code objects go. */
PT_INLINE uint32_t
small_value(PyObject *number)
{
    if (pt_likely(PyUnstable_Long_IsCompact((PyLongObject *)number))) {
        return (uint32_t)PyUnstable_Long_CompactValue((PyLongObject *)number);
    }
    return (uint32_t)PyLong_AsLong(number);
}

/* LINE (code, line). Budget: 20 instructions. */
static PyObject *
on_line(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    struct pt_hits *hits = pt_hits_of((PyCodeObject *)args[0]);

    (void)self, (void)nargs, (void)names;
    if (pt_unlikely(hits->lines == 0)) {
        return Py_NewRef(disable);
    }
    pt_hits_add(hits, small_value(args[1]));
    Py_RETURN_NONE;
}

/* JUMP (code, from, to), offsets in bytes. */
static PyObject *
on_jump(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    struct pt_hits *hits = pt_hits_of(code);
    uint32_t from = small_value(args[1]), to = small_value(args[2]);
    int line;

    (void)self, (void)nargs, (void)names;
    if (to > from || hits->lines == 0) {
        return Py_NewRef(disable);
    }
    line = pt_hits_line_of_unit(hits, code, to / 2);
    if (line < 0 || line != pt_hits_line_of_unit(hits, code, from / 2)) {
        return Py_NewRef(disable);
    }
    pt_hits_add(hits, (uint32_t)line);
    Py_RETURN_NONE;
}

/* Switch the local events of `code` on if its lines are counted. */
static struct pt_hits *
adopt(PyCodeObject *code)
{
    struct pt_hits *hits = pt_hits_of(code);
    PyObject *result;

    if (hits->lines == 0 || hits->adopted) {
        return hits;
    }
    hits->adopted = 1;
    pt_guard_enter();
    result = PyObject_CallMethod(monitoring, "set_local_events", "lOl",
                                 tool_id, code, local_events);
    if (result == NULL) {
        PyErr_Clear();
        pt_hits_drop_slow();
    }
    Py_XDECREF(result);
    pt_guard_leave();
    return hits;
}

static void
adopt_expected(PyCodeObject *code)
{
    adopt(code);
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
    return Py_NewRef(disable);
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

static int
event_value(PyObject *events, const char *name, long *value)
{
    PyObject *number = PyObject_GetAttrString(events, name);

    if (number == NULL) {
        return -1;
    }
    *value = PyLong_AsLong(number);
    Py_DECREF(number);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

/* Take a tool id that nobody uses, those without a customary owner first. */
static int
take_tool_id(void)
{
    static const long wish[] = {4, 3, 2, 5, 1, 0};

    for (size_t i = 0; i < sizeof(wish) / sizeof(wish[0]); i++) {
        PyObject *owner =
            PyObject_CallMethod(monitoring, "get_tool", "l", wish[i]);
        PyObject *result;

        if (owner == NULL) {
            return -1;
        }
        Py_DECREF(owner);
        if (owner != Py_None) {
            continue;
        }
        result = PyObject_CallMethod(monitoring, "use_tool_id", "ls", wish[i],
                                     "pytrace");
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
        tool_id = wish[i];
        return 0;
    }
    PyErr_SetString(PyExc_RuntimeError,
                    "pytrace: all sys.monitoring tool ids are taken; stop one "
                    "of the other tools");
    return -1;
}

static int
register_callback(long event, vectorcallfunc call)
{
    Callback *callback = PyObject_New(Callback, &callback_type);
    PyObject *result;

    if (callback == NULL) {
        return -1;
    }
    callback->call = call;
    result = PyObject_CallMethod(monitoring, "register_callback", "llO",
                                 tool_id, event, callback);
    Py_DECREF(callback);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
look_up_monitoring(void)
{
    PyObject *events;
    int failed;

    monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
    if (monitoring == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: this interpreter has no sys.monitoring");
        return -1;
    }
    disable = PyObject_GetAttrString(monitoring, "DISABLE");
    events = PyObject_GetAttrString(monitoring, "events");
    failed = disable == NULL || events == NULL ||
             event_value(events, "LINE", &event_line) < 0 ||
             event_value(events, "JUMP", &event_jump) < 0 ||
             event_value(events, "PY_START", &event_start) < 0;
    Py_XDECREF(events);
    return failed ? -1 : 0;
}

static int
set_global_events(long events)
{
    PyObject *result =
        PyObject_CallMethod(monitoring, "set_events", "ll", tool_id, events);

    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static void
stop(void)
{
    PyObject *result;

    pt_codewatch_remove(PT_CODEWATCH_CREATED, on_code_created);
    if (tool_id < 0) {
        return;
    }
    if (set_global_events(0) < 0) {
        PyErr_Clear();
    }
    result = PyObject_CallMethod(monitoring, "free_tool_id", "l", tool_id);
    if (result == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
    tool_id = -1;
}

static int
start(const struct pt_engine_start *wishes)
{
    if (PyType_Ready(&callback_type) < 0 || look_up_monitoring() < 0 ||
        take_tool_id() < 0) {
        return -1;
    }
    is_expected = wishes->is_expected;
    local_events = event_line | event_jump;
    if (PT_HAS_RESUME_CHECK) {
        local_events |= event_start;
    }
    if (register_callback(event_line, on_line) < 0 ||
        register_callback(event_jump, on_jump) < 0 ||
        register_callback(event_start, on_start) < 0 ||
        pt_codewatch_add(PT_CODEWATCH_CREATED, on_code_created) < 0 ||
        (wishes->existing && set_global_events(event_start) < 0)) {
        PyObject *raised = PyErr_GetRaisedException();

        stop();
        PyErr_SetRaisedException(raised);
        return -1;
    }
    return 0;
}

const struct pt_engine pt_engine_monitoring = {"monitoring", start, stop,
                                               adopt_expected};
