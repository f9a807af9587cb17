/* SPDX-License-Identifier: MIT */
/* thread.c - our start_new_thread and start_joinable_thread. */
#include "core/py/thread.h"

#include "core/py/guard.h"

#define WATCHERS_MAX 4

static PyObject *original;           // _thread.start_new_thread
static PyObject *original_joinable;  // start_joinable_thread, or NULL
static const struct pt_thread_watcher *watchers[WATCHERS_MAX];

static void
tell_start(void)
{
    for (int i = 0; i < WATCHERS_MAX; i++) {
        if (watchers[i] != NULL && watchers[i]->on_start != NULL) {
            watchers[i]->on_start();
        }
    }
}

static void
tell_stop(void)
{
    for (int i = 0; i < WATCHERS_MAX; i++) {
        if (watchers[i] != NULL && watchers[i]->on_stop != NULL) {
            watchers[i]->on_stop();
        }
    }
}

/* Runs in the new thread; `self` is (function, args, kwargs or None). */
static PyObject *
run_thread(PyObject *self, PyObject *unused)
{
    PyObject *func = PyTuple_GET_ITEM(self, 0);
    PyObject *kwargs = PyTuple_GET_ITEM(self, 2);
    PyObject *result;

    (void)unused;
    tell_start();
    result = PyObject_Call(func, PyTuple_GET_ITEM(self, 1),
                           kwargs == Py_None ? NULL : kwargs);
    tell_stop();
    if (result == NULL && !PyErr_ExceptionMatches(PyExc_SystemExit)) {
        // As thread_run() would say it, naming the program's function.
        pt_unraisable("in thread started by", func);
        Py_RETURN_NONE;
    }
    return result;
}

static PyMethodDef run_def = {"run_thread", run_thread, METH_NOARGS, NULL};

/* What to have started in place of a function: run_thread() around it. */
static PyObject *
make_runner(PyObject *func, PyObject *args, PyObject *kwargs)
{
    PyObject *call, *runner;

    pt_guard_enter();
    call = PyTuple_Pack(3, func, args, kwargs);
    runner = call != NULL ? PyCFunction_New(&run_def, call) : NULL;
    pt_guard_leave();
    Py_XDECREF(call);
    return runner;
}

/* The original, but the thread calls run_thread() around the function. What
 * the original would refuse is left to it. */
static PyObject *
start_new_thread(PyObject *module, PyObject *args)
{
    PyObject *func, *func_args, *kwargs = Py_None;
    PyObject *runner, *empty, *words, *result;

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
    runner = make_runner(func, func_args, kwargs);
    pt_guard_enter();
    empty = PyTuple_New(0);
    words = runner != NULL && empty != NULL ? PyTuple_Pack(2, runner, empty)
                                            : NULL;
    pt_guard_leave();
    result = words != NULL ? PyObject_Call(original, words, NULL) : NULL;
    Py_XDECREF(words);
    Py_XDECREF(empty);
    Py_XDECREF(runner);
    return result;
}

static PyMethodDef start_def = {
    "start_new_thread", start_new_thread, METH_VARARGS,
    "start_new_thread(function, args[, kwargs])\n\n"
    "Start a new thread and return its identifier."};

/* The same for start_joinable_thread(function, handle=None, daemon=True). */
static PyObject *
start_joinable(PyObject *module, PyObject *args, PyObject *names)
{
    PyObject *func, *runner, *words, *none, *result;

    (void)module;
    if (PyTuple_GET_SIZE(args) != 1 ||
        !PyCallable_Check(PyTuple_GET_ITEM(args, 0))) {
        return PyObject_Call(original_joinable, args, names);
    }
    func = PyTuple_GET_ITEM(args, 0);
    none = PyTuple_New(0);
    runner = none != NULL ? make_runner(func, none, Py_None) : NULL;
    pt_guard_enter();
    words = runner != NULL ? PyTuple_Pack(1, runner) : NULL;
    pt_guard_leave();
    result = words != NULL ? PyObject_Call(original_joinable, words, names)
                           : NULL;
    Py_XDECREF(words);
    Py_XDECREF(runner);
    Py_XDECREF(none);
    return result;
}

static PyMethodDef joinable_def = {
    "start_joinable_thread", (PyCFunction)(void (*)(void))start_joinable,
    METH_VARARGS | METH_KEYWORDS,
    "start_joinable_thread(function[, daemon=True[, handle=None]])\n\n"
    "Start a new thread and return a handle on it."};

static int
replace(PyObject *module, const char *name, PyObject *func)
{
    return PyObject_HasAttrString(module, name)
               ? PyObject_SetAttrString(module, name, func)
               : 0;
}

/* Put a function in the place of _thread.<name>, of threading's copy too. */
static int
put_function(PyMethodDef *def, const char *copy, PyObject **kept)
{
    PyObject *threading =
        PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
    PyObject *module = PyImport_ImportModule("_thread");
    PyObject *name = PyUnicode_FromString("_thread");
    PyObject *func = NULL;
    int result = -1;

    if (module != NULL && name != NULL) {
        *kept = PyObject_GetAttrString(module, def->ml_name);
        func = PyCFunction_NewEx(def, module, name);
    }
    if (*kept != NULL && func != NULL) {
        result = replace(module, def->ml_name, func);
        if (def == &start_def) {
            result |= replace(module, "start_new", func);
        }
        if (threading != NULL) {
            result |= replace(threading, copy, func);
        }
    }
    Py_XDECREF(func);
    Py_XDECREF(name);
    Py_XDECREF(module);
    return result;
}

/* Replace what there is, once. */
static int
patch(void)
{
    if (original != NULL) {
        return 0;
    }
    if (put_function(&start_def, "_start_new_thread", &original) < 0) {
        return -1;
    }
    return PT_HAS_JOINABLE_THREAD
               ? put_function(&joinable_def, "_start_joinable_thread",
                              &original_joinable)
               : 0;
}

int
pt_thread_watch(const struct pt_thread_watcher *watcher)
{
    if (patch() < 0) {
        return -1;
    }
    // Wherever it stands already: it is told once.
    pt_thread_unwatch(watcher);
    for (int i = 0; i < WATCHERS_MAX; i++) {
        if (watchers[i] == NULL) {
            watchers[i] = watcher;
            return 0;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "pytrace: too many thread watchers");
    return -1;
}

void
pt_thread_unwatch(const struct pt_thread_watcher *watcher)
{
    for (int i = 0; i < WATCHERS_MAX; i++) {
        if (watchers[i] == watcher) {
            watchers[i] = NULL;
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
