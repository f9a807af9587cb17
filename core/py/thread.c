/* SPDX-License-Identifier: MIT */
/* thread.c - our _thread.start_new_thread. */
#include "core/py/thread.h"

#include "core/py/guard.h"

#define ON_START_MAX 4

static PyObject *original;  // _thread.start_new_thread
static void (*on_start[ON_START_MAX])(void);

/* Runs in the new thread; `self` is (function, args, kwargs or None). */
static PyObject *
run_thread(PyObject *self, PyObject *unused)
{
    PyObject *func = PyTuple_GET_ITEM(self, 0);
    PyObject *kwargs = PyTuple_GET_ITEM(self, 2);
    PyObject *result;

    (void)unused;
    for (int i = 0; i < ON_START_MAX; i++) {
        if (on_start[i] != NULL) {
            on_start[i]();
        }
    }
    result = PyObject_Call(func, PyTuple_GET_ITEM(self, 1),
                           kwargs == Py_None ? NULL : kwargs);
    if (result == NULL && !PyErr_ExceptionMatches(PyExc_SystemExit)) {
        // As thread_run() would say it, naming the program's function.
        pt_unraisable("in thread started by", func);
        Py_RETURN_NONE;
    }
    return result;
}

static PyMethodDef run_def = {"run_thread", run_thread, METH_NOARGS, NULL};

/* The original, but the thread calls run_thread() around the function. What
 * the original would refuse is left to it. */
static PyObject *
start_new_thread(PyObject *module, PyObject *args)
{
    PyObject *func, *func_args, *kwargs = Py_None;
    PyObject *call, *runner, *result;

    (void)module;
    if (PyTuple_GET_SIZE(args) < 2 || PyTuple_GET_SIZE(args) > 3) {
        return PyObject_Call(original, args, NULL);
    }
    func = PyTuple_GET_ITEM(args, 0);
    func_args = PyTuple_GET_ITEM(args, 1);
    if (PyTuple_GET_SIZE(args) == 3) {
        kwargs = PyTuple_GET_ITEM(args, 2);
    }
    if (!PyCallable_Check(func) || !PyTuple_Check(func_args) ||
        (kwargs != Py_None && !PyDict_Check(kwargs))) {
        return PyObject_Call(original, args, NULL);
    }
    pt_guard_enter();
    call = PyTuple_Pack(3, func, func_args, kwargs);
    runner = call != NULL ? PyCFunction_New(&run_def, call) : NULL;
    pt_guard_leave();
    Py_XDECREF(call);
    if (runner == NULL) {
        return NULL;
    }
    result = PyObject_CallFunction(original, "O()", runner);
    Py_DECREF(runner);
    return result;
}

static PyMethodDef start_def = {
    "start_new_thread", start_new_thread, METH_VARARGS,
    "start_new_thread(function, args[, kwargs])\n\n"
    "Start a new thread and return its identifier."};

static int
replace(PyObject *module, const char *name, PyObject *func)
{
    return PyObject_HasAttrString(module, name)
               ? PyObject_SetAttrString(module, name, func)
               : 0;
}

int
pt_thread_patch(void)
{
    PyObject *module, *threading, *func = NULL, *name;
    int result = -1;

    if (original != NULL) {
        return 0;
    }
    module = PyImport_ImportModule("_thread");
    name = PyUnicode_FromString("_thread");
    if (module != NULL && name != NULL) {
        original = PyObject_GetAttrString(module, "start_new_thread");
        func = PyCFunction_NewEx(&start_def, NULL, name);
    }
    if (original != NULL && func != NULL) {
        result = replace(module, "start_new_thread", func);
        result |= replace(module, "start_new", func);
        threading =
            PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
        if (threading != NULL) {
            result |= replace(threading, "_start_new_thread", func);
        }
    }
    Py_XDECREF(func);
    Py_XDECREF(name);
    Py_XDECREF(module);
    return result;
}

void
pt_thread_on_start(void (*func)(void))
{
    for (int i = 0; i < ON_START_MAX; i++) {
        if (on_start[i] == NULL || on_start[i] == func) {
            on_start[i] = func;
            return;
        }
    }
}

void
pt_thread_forget_start(void (*func)(void))
{
    for (int i = 0; i < ON_START_MAX; i++) {
        if (on_start[i] == func) {
            on_start[i] = NULL;
        }
    }
}

/* The object that `threading` has for this thread, or NULL. Borrowed. */
static PyObject *
thread_object(PyObject *ident)
{
    PyObject *threading =
        PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
    PyObject *active =
        threading != NULL && PyModule_Check(threading)
            ? PyDict_GetItemString(PyModule_GetDict(threading), "_active")
            : NULL;

    return active != NULL && PyDict_CheckExact(active)
               ? PyDict_GetItemWithError(active, ident)
               : NULL;
}

PyObject *
pt_thread_name(void)
{
    unsigned long number = PyThread_get_thread_ident();
    PyObject *ident = PyLong_FromUnsignedLong(number);
    PyObject *object, *name = NULL;

    if (ident == NULL) {
        return NULL;
    }
    object = thread_object(ident);
    Py_DECREF(ident);
    if (object != NULL) {
        PyObject *dict = PyObject_GenericGetDict(object, NULL);

        if (dict != NULL) {
            name = Py_XNewRef(PyDict_GetItemString(dict, "_name"));
            Py_DECREF(dict);
        }
    }
    if (name != NULL && PyUnicode_Check(name)) {
        return name;
    }
    Py_XDECREF(name);
    PyErr_Clear();
    return PyUnicode_FromFormat("thread %lu", number);
}
