/* SPDX-License-Identifier: MIT */
/* trace_module.c - the types and functions behind pytrace.trace. */
#include "python/pytrace/ext/trace_module.h"

#include "python/pytrace/ext/trace_ignore.h"
#include "python/pytrace/ext/trace_names.h"
#include "python/pytrace/ext/trace_tracer.h"

static PyObject *
modname(PyObject *module, PyObject *path)
{
    PyObject *text = PyOS_FSPath(path), *name;

    (void)module;
    if (text != NULL && !PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a path of bytes names no module");
        Py_CLEAR(text);
    }
    name = text != NULL ? pt_trace_modname(text) : NULL;
    Py_XDECREF(text);
    return name;
}

static PyMethodDef methods[] = {
    {"modname", modname, METH_O,
     "modname($module, path, /)\n--\n\n"
     "Return a plausible module name for the path."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pytrace._pytrace.trace",
    .m_doc = "What pytrace.trace does at each event.",
    .m_size = -1,
    .m_methods = methods,
};

int
pt_trace_add(PyObject *module)
{
    PyObject *functions = PyModule_Create(&definition);

    if (functions == NULL || pt_tracer_add_type(functions) < 0 ||
        pt_trace_ignore_add_type(functions) < 0 ||
        PyModule_AddObjectRef(module, "trace", functions) < 0) {
        Py_XDECREF(functions);
        return -1;
    }
    Py_DECREF(functions);
    return 0;
}
