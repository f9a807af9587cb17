/* SPDX-License-Identifier: MIT */
/* monitoring.c - see monitoring.h. */
#include "core/py/monitoring.h"

#include <stddef.h>

static PyTypeObject callback_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._callback",
    .tp_basicsize = sizeof(pt_monitor_callback),
    .tp_vectorcall_offset = offsetof(pt_monitor_callback, call),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
};

PyObject *pt_monitor_disable;

static PyObject *monitoring;  // the module sys.monitoring
static PyObject *all_events;  // its namespace `events`

static int
look_up(void)
{
    if (pt_monitor_disable != NULL) {
        return 0;
    }
    monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
    if (monitoring == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: this interpreter has no sys.monitoring");
        return -1;
    }
    all_events = PyObject_GetAttrString(monitoring, "events");
    if (all_events == NULL || PyType_Ready(&callback_type) < 0) {
        return -1;
    }
    pt_monitor_disable = PyObject_GetAttrString(monitoring, "DISABLE");
    return pt_monitor_disable != NULL ? 0 : -1;
}

/* 0, or -1 with an exception: takes what a method returned. */
static int
is_done(PyObject *result)
{
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* The optimizer's first, which CPython has no use for; programs that monitor
 * themselves take the others, often by their numbers. */
int
pt_monitor_open(struct pt_monitor *monitor)
{
    static const long wish[] = {5, 4, 3, 2, 1, 0};

    *monitor = (struct pt_monitor){.tool = -1};
    if (look_up() < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(wish) / sizeof(wish[0]); i++) {
        PyObject *owner =
            PyObject_CallMethod(monitoring, "get_tool", "l", wish[i]);

        if (owner == NULL) {
            return -1;
        }
        Py_DECREF(owner);
        if (owner != Py_None) {
            continue;
        }
        if (is_done(PyObject_CallMethod(monitoring, "use_tool_id", "ls",
                                        wish[i], "pytrace")) < 0) {
            return -1;
        }
        monitor->tool = wish[i];
        return 0;
    }
    PyErr_SetString(PyExc_RuntimeError,
                    "pytrace: all sys.monitoring tool ids are taken; stop one "
                    "of the other tools");
    return -1;
}

void
pt_monitor_close(struct pt_monitor *monitor)
{
    PyObject *raised;

    if (monitor->tool < 0) {
        return;
    }
    raised = PyErr_GetRaisedException();
    if (pt_monitor_set(monitor, 0) < 0) {
        PyErr_Clear();
    }
    // Who takes the id next may switch events on before it has callbacks.
    for (long event = 1; event <= monitor->events; event <<= 1) {
        if ((monitor->events & event) != 0 &&
            is_done(PyObject_CallMethod(monitoring, "register_callback", "llO",
                                        monitor->tool, event, Py_None)) < 0) {
            PyErr_Clear();
        }
    }
    if (is_done(PyObject_CallMethod(monitoring, "free_tool_id", "l",
                                    monitor->tool)) < 0) {
        PyErr_Clear();
    }
    monitor->tool = -1;
    PyErr_SetRaisedException(raised);
}

int
pt_monitor_on(struct pt_monitor *monitor, const char *name,
              vectorcallfunc call, long *event)
{
    return pt_monitor_on_for(monitor, name, call, NULL, event);
}

int
pt_monitor_on_for(struct pt_monitor *monitor, const char *name,
                  vectorcallfunc call, void *context, long *event)
{
    PyObject *number = PyObject_GetAttrString(all_events, name);
    pt_monitor_callback *callback;
    int result;

    if (number == NULL) {
        return -1;
    }
    *event = PyLong_AsLong(number);
    Py_DECREF(number);
    callback = PyErr_Occurred() == NULL
                   ? PyObject_New(pt_monitor_callback, &callback_type)
                   : NULL;
    if (callback == NULL) {
        return -1;
    }
    callback->call = call;
    callback->context = context;
    monitor->events |= *event;
    result =
        is_done(PyObject_CallMethod(monitoring, "register_callback", "llO",
                                    monitor->tool, *event, callback));
    Py_DECREF(callback);
    return result;
}

int
pt_monitor_set(struct pt_monitor *monitor, long events)
{
    return is_done(PyObject_CallMethod(monitoring, "set_events", "ll",
                                       monitor->tool, events));
}

int
pt_monitor_set_local(struct pt_monitor *monitor, PyCodeObject *code,
                     long events)
{
    return is_done(PyObject_CallMethod(monitoring, "set_local_events", "lOl",
                                       monitor->tool, code, events));
}

int
pt_monitor_restart(void)
{
    return is_done(PyObject_CallMethod(monitoring, "restart_events", NULL));
}
