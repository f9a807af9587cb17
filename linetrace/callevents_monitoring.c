/* SPDX-License-Identifier: MIT */
/* callevents_monitoring.c - calls from sys.monitoring (PEP 669).
 *
 * Events that may be local are switched on for each code object that counts
 * and does not tell of them itself, when it is made; so returns need no
 * look-up, and other code runs at full speed. Unwinding and throwing are
 * events of all code.
 *
 * Budget: 45 ns for a call and its return.
 */
#include "core/py/codewatch.h"
#include "core/py/guard.h"
#include "core/py/monitoring.h"
#include "linetrace/callevents.h"
#include "linetrace/callprobe.h"

static struct pt_monitor monitor = {.tool = -1};
static long local_events;
static int (*is_expected)(void);

/* PY_START (code, offset). */
static PyObject *
on_start(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    uint32_t id = pt_callevents_code((PyCodeObject *)args[0]);

    (void)self, (void)nargs, (void)names;
    if (pt_unlikely(id == PT_CALLEVENTS_IGNORED)) {
        return Py_NewRef(pt_monitor_disable);
    }
    pt_stream_enter(pt_callevents_stream, PT_EVENT_CALL, id);
    Py_RETURN_NONE;
}

/* PY_RESUME (code, offset). */
static PyObject *
on_resume(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)self, (void)nargs, (void)names;
    pt_stream_enter(pt_callevents_stream, PT_EVENT_RESUME,
                    pt_callevents_code((PyCodeObject *)args[0]));
    Py_RETURN_NONE;
}

/* PY_THROW (code, offset, exception), of all code. */
static PyObject *
on_throw(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    uint32_t id = pt_callevents_code((PyCodeObject *)args[0]);

    (void)self, (void)nargs, (void)names;
    if (id != PT_CALLEVENTS_IGNORED) {
        pt_stream_enter(pt_callevents_stream, PT_EVENT_THROW, id);
    }
    Py_RETURN_NONE;
}

/* PY_RETURN (code, offset, value). */
static PyObject *
on_return(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)self, (void)args, (void)nargs, (void)names;
    pt_stream_leave(pt_callevents_stream, PT_EVENT_RETURN);
    Py_RETURN_NONE;
}

/* PY_YIELD (code, offset, value). */
static PyObject *
on_yield(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)self, (void)args, (void)nargs, (void)names;
    pt_stream_leave(pt_callevents_stream, PT_EVENT_YIELD);
    Py_RETURN_NONE;
}

/* Was a call written of what ends at this offset? A signal handler may raise
 * at the RESUME, in front of the probe. */
static int
has_begun(const PyCodeObject *code, PyObject *offset)
{
    return pt_monitor_number(offset) / 2 >
               (uint32_t)code->_co_firsttraceable ||
           !pt_callprobe_is_among(code->co_consts);
}

/* PY_UNWIND (code, offset, exception), of all code. */
static PyObject *
on_unwind(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    PyCodeObject *code = (PyCodeObject *)args[0];

    (void)self, (void)nargs, (void)names;
    if (pt_callevents_code(code) != PT_CALLEVENTS_IGNORED &&
        has_begun(code, args[1])) {
        pt_stream_leave(pt_callevents_stream, PT_EVENT_UNWIND);
    }
    Py_RETURN_NONE;
}

void
pt_callevents_adopt(PyCodeObject *code)
{
    if (local_events == 0 || pt_callprobe_is_among(code->co_consts) ||
        pt_callevents_code(code) == PT_CALLEVENTS_IGNORED) {
        return;
    }
    pt_guard_enter();
    if (pt_monitor_set_local(&monitor, code, local_events) < 0) {
        PyErr_Clear();
    }
    pt_guard_leave();
}

static void
on_code_created(PyCodeObject *code)
{
    PyObject *raised;

    if (is_expected != NULL && is_expected()) {
        return;
    }
    raised = PyErr_GetRaisedException();
    pt_callevents_adopt(code);
    PyErr_SetRaisedException(raised);
}

void
pt_callevents_expect(int (*func)(void))
{
    is_expected = func;
}

int
pt_callevents_listen(void)
{
    static const struct {
        const char *name;
        vectorcallfunc call;
        int is_local;
    } wanted[] = {
        {"PY_START", on_start, 1},   {"PY_RESUME", on_resume, 1},
        {"PY_RETURN", on_return, 1}, {"PY_YIELD", on_yield, 1},
        {"PY_THROW", on_throw, 0},   {"PY_UNWIND", on_unwind, 0},
    };
    long global_events = 0;

    if (pt_monitor_open(&monitor) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        long event;

        if (pt_monitor_on(&monitor, wanted[i].name, wanted[i].call, &event) <
            0) {
            return -1;
        }
        if (wanted[i].is_local) {
            local_events |= event;
        }
        else {
            global_events |= event;
        }
    }
    if (pt_codewatch_add(PT_CODEWATCH_CREATED, on_code_created) < 0) {
        return -1;
    }
    return pt_monitor_set(&monitor, global_events);
}
