/* SPDX-License-Identifier: MIT */
/* loading.c - our builtins.exec and eval. */
#include "linetrace/loading.h"

#include <string.h>

#include "core/py/frame.h"
#include "core/py/guard.h"
#include "core/py/mainswap.h"

#define ARGUMENTS_MAX 8

/* A builtin function that runs code objects. */
struct runner {
    PyMethodDef def;     // of ours
    PyObject *original;  // owned while it is replaced, else NULL
    PyObject *ours;      // the same
};

static PyObject *exec_loaded(PyObject *module, PyObject *const *args,
                             Py_ssize_t nargs, PyObject *names);
static PyObject *eval_loaded(PyObject *module, PyObject *const *args,
                             Py_ssize_t nargs, PyObject *names);

#define METHOD(func) (PyCFunction)(void (*)(void))(func)

static struct runner runners[] = {
    {.def = {"exec", METHOD(exec_loaded), METH_FASTCALL | METH_KEYWORDS,
             NULL}},
    {.def = {"eval", METHOD(eval_loaded), METH_FASTCALL | METH_KEYWORDS,
             NULL}},
};

#define RUNNERS (sizeof(runners) / sizeof(runners[0]))

static PyObject *loader_globals;  // of importlib._bootstrap_external
static pt_loading_func load;

/* run(source, globals=None, locals=None, /, **keywords) */
static PyObject *
run_loaded(const struct runner *runner, PyObject *const *args,
           Py_ssize_t nargs, PyObject *names)
{
    Py_ssize_t given = nargs + (names != NULL ? PyTuple_GET_SIZE(names) : 0);
    PyObject *changed[ARGUMENTS_MAX], *result;
    PyCodeObject *code;

    if (load == NULL || nargs == 0 || given > ARGUMENTS_MAX ||
        !PyCode_Check(args[0])) {
        return PyObject_Vectorcall(runner->original, args, (size_t)nargs,
                                   names);
    }
    pt_guard_enter();
    code = load((PyCodeObject *)args[0]);
    pt_guard_leave();
    memcpy(changed, args, (size_t)given * sizeof(*args));
    changed[0] = (PyObject *)code;
    result =
        PyObject_Vectorcall(runner->original, changed, (size_t)nargs, names);
    Py_DECREF(code);
    return result;
}

static PyObject *
exec_loaded(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
            PyObject *names)
{
    (void)module;
    return run_loaded(&runners[0], args, nargs, names);
}

static PyObject *
eval_loaded(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
            PyObject *names)
{
    (void)module;
    return run_loaded(&runners[1], args, nargs, names);
}

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
replace(struct runner *runner, PyObject *builtins, PyObject *module_name)
{
    const char *name = runner->def.ml_name;

    if (runner->original != NULL) {
        return 0;
    }
    runner->original = PyObject_GetAttrString(builtins, name);
    if (runner->original == NULL) {
        return -1;
    }
    if (PyCFunction_Check(runner->original)) {
        // The same signature and help text, for whoever looks.
        runner->def.ml_doc =
            ((PyCFunctionObject *)runner->original)->m_ml->ml_doc;
    }
    runner->ours = PyCFunction_NewEx(&runner->def, builtins, module_name);
    return runner->ours == NULL
               ? -1
               : PyObject_SetAttrString(builtins, name, runner->ours);
}

static void
put_back(struct runner *runner, PyObject *builtins)
{
    const char *name = runner->def.ml_name;
    PyObject *now = PyObject_GetAttrString(builtins, name);

    if (now != NULL && now == runner->ours &&
        PyObject_SetAttrString(builtins, name, runner->original) == 0) {
        Py_CLEAR(runner->original);
        Py_CLEAR(runner->ours);
    }
    PyErr_Clear();
    Py_XDECREF(now);
}

static int
replace_all(void)
{
    PyObject *builtins = PyImport_ImportModule("builtins");
    PyObject *name = PyUnicode_FromString("builtins");
    int result = builtins != NULL && name != NULL ? 0 : -1;

    for (size_t i = 0; i < RUNNERS && result == 0; i++) {
        result = replace(&runners[i], builtins, name);
    }
    Py_XDECREF(name);
    Py_XDECREF(builtins);
    return result;
}

int
pt_loading_start(pt_loading_func func)
{
    if (find_loader_globals() < 0 || replace_all() < 0 ||
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

    load = NULL;
    pt_mainswap_stop();
    for (size_t i = 0; i < RUNNERS && builtins != NULL; i++) {
        put_back(&runners[i], builtins);
    }
    PyErr_Clear();
    Py_XDECREF(builtins);
}

int
pt_loading_is_loader_running(void)
{
    const struct pt_frame *frame = pt_frame_top(pt_thread_attached());

    return load != NULL && (frame == NULL || frame->globals == loader_globals);
}
