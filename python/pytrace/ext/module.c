/* SPDX-License-Identifier: MIT */
/* module.c - the extension module pytrace._pytrace. */
#include "core/py/compat.h"

#include "linetrace/filter.h"
#include "python/pytrace/ext/marks.h"
#include "python/pytrace/ext/session.h"
#include "python/pytrace/ext/snapshots.h"
#include "python/pytrace/ext/trace_module.h"
#include "python/pytrace/ext/tracemalloc_module.h"
#include "python/pytrace/ext/tracer_module.h"

PyMODINIT_FUNC PyInit__pytrace(void);

PyDoc_STRVAR(
    start_doc,
    "start(fd, spools, main_path, main_suffix, ignored, own)\n\n"
    "Join the recording in descriptor `fd` and start its engines.\n"
    "`spools` is the descriptor of what is printed through, or -1.\n"
    "`main_path` is the program's file or directory, `main_suffix`\n"
    "the tail of its path where only a module name is known;\n"
    "`ignored` lists directories whose lines are counted only when\n"
    "the recording asks for all; `own` is this tool's and never is.\n"
    "For the boot module only. ValueError for a wrong engine name or\n"
    "recording.");

static PyObject *
start(PyObject *module, PyObject *args)
{
    const char *main_path, *main_suffix, *own;
    PyObject *ignored;
    int fd, spools;

    (void)module;
    if (!PyArg_ParseTuple(args, "iiyyO!y:start", &fd, &spools, &main_path,
                          &main_suffix, &PyList_Type, &ignored, &own)) {
        return NULL;
    }
    pt_filter_init(main_path, main_suffix);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(ignored); i++) {
        const char *path = PyBytes_AsString(PyList_GET_ITEM(ignored, i));

        if (path == NULL) {
            return NULL;
        }
        if (pt_filter_ignore(path, 0) < 0) {
            PyErr_SetString(PyExc_ValueError, "too many ignored directories");
            return NULL;
        }
    }
    if (pt_filter_ignore(own, 1) < 0) {
        PyErr_SetString(PyExc_ValueError, "too many ignored directories");
        return NULL;
    }
    if (pt_session_start(fd, spools) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(
    finish_doc,
    "finish()\n\n"
    "Stop recording memory and note that the program has ended. Runs\n"
    "as the last of the exit handlers; harmless at any time.");

static PyObject *
finish(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    pt_session_finish();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"start", start, METH_VARARGS, start_doc},
    {"finish", finish, METH_NOARGS, finish_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pytrace._pytrace",
    .m_doc = "C side of pytrace: recording, line engines, memory engine.",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit__pytrace(void)
{
    PyObject *module = PyModule_Create(&definition);

    if (module != NULL &&
        (PyModule_AddStringConstant(module, "__version__", PT_VERSION) < 0 ||
         pt_marks_add(module) < 0 || pt_snapshots_add(module) < 0 ||
         pt_trace_add(module) < 0 || pt_tracer_module_add(module) < 0 ||
         pt_tracemalloc_add(module) < 0)) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
