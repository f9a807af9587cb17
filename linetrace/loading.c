/* SPDX-License-Identifier: MIT */
/* loading.c - our builtins.exec. */
#include "linetrace/loading.h"

#include <string.h>

#include "core/py/frame.h"
#include "core/py/guard.h"
#include "core/py/mainswap.h"

#define ARGUMENTS_MAX 8

static PyObject *original;  // builtins.exec
static PyObject *ours;
static PyObject *loader_globals;  // of importlib._bootstrap_external
static pt_loading_func load;

/* exec(source, globals=None, locals=None, /, **keywords) */
static PyObject *
exec_loaded(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
            PyObject *names)
{
    Py_ssize_t given = nargs + (names != NULL ? PyTuple_GET_SIZE(names) : 0);
    PyObject *changed[ARGUMENTS_MAX], *result;
    PyCodeObject *code;

    (void)module;
    if (load == NULL || nargs == 0 || given > ARGUMENTS_MAX ||
        !PyCode_Check(args[0])) {
        return PyObject_Vectorcall(original, args, (size_t)nargs, names);
    }
    pt_guard_enter();
    code = load((PyCodeObject *)args[0]);
    pt_guard_leave();
    memcpy(changed, args, (size_t)given * sizeof(*args));
    changed[0] = (PyObject *)code;
    result = PyObject_Vectorcall(original, changed, (size_t)nargs, names);
    Py_DECREF(code);
    return result;
}

static PyMethodDef exec_def = {"exec",
                               (PyCFunction)(void (*)(void))exec_loaded,
                               METH_FASTCALL | METH_KEYWORDS, NULL};

static int
find_loader_globals(void)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(),
                                            "_frozen_importlib_external");

    if (module == NULL || !PyModule_Check(module)) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: this interpreter has no importlib");
        return -1;
    }
    loader_globals = PyModule_GetDict(module);
    return 0;
}

static int
replace_exec(void)
{
    PyObject *builtins = PyImport_ImportModule("builtins");
    PyObject *name = PyUnicode_FromString("builtins");
    int result = -1;

    if (builtins != NULL && name != NULL) {
        original = PyObject_GetAttrString(builtins, "exec");
    }
    if (original != NULL) {
        if (PyCFunction_Check(original)) {
            // The same signature and help text, for whoever looks.
            exec_def.ml_doc = ((PyCFunctionObject *)original)->m_ml->ml_doc;
        }
        ours = PyCFunction_NewEx(&exec_def, builtins, name);
    }
    if (ours != NULL) {
        result = PyObject_SetAttrString(builtins, "exec", ours);
    }
    Py_XDECREF(name);
    Py_XDECREF(builtins);
    return result;
}

int
pt_loading_start(pt_loading_func func)
{
    if (find_loader_globals() < 0 ||
        (original == NULL && replace_exec() < 0) ||
        pt_mainswap_start(func) < 0) {
        return -1;
    }
    load = func;
    return 0;
}

void
pt_loading_stop(void)
{
    PyObject *builtins = PyImport_ImportModule("builtins");
    PyObject *now = NULL;

    load = NULL;
    pt_mainswap_stop();
    if (builtins != NULL) {
        now = PyObject_GetAttrString(builtins, "exec");
    }
    if (now != NULL && now == ours &&
        PyObject_SetAttrString(builtins, "exec", original) == 0) {
        Py_CLEAR(original);
        Py_CLEAR(ours);
    }
    PyErr_Clear();
    Py_XDECREF(now);
    Py_XDECREF(builtins);
}

int
pt_loading_is_loader_running(void)
{
    const struct pt_frame *frame = pt_frame_top(pt_thread_attached());

    return load != NULL && (frame == NULL || frame->globals == loader_globals);
}
