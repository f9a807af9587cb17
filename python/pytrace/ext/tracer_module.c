/* SPDX-License-Identifier: MIT */
/* tracer_module.c - the types and functions behind pytrace.Tracer. */
#include "python/pytrace/ext/tracer_module.h"

#include "core/py/saferepr.h"
#include "python/pytrace/ext/tracer_object.h"

static PyObject *
saferepr(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"", "size", "depth", "items", NULL};
    struct pt_buf out = PT_BUF_INIT;
    struct pt_saferepr_limits limits = {0};
    Py_ssize_t size = PT_SAFEREPR_BYTES;
    PyObject *value, *text;

    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$nii:saferepr", keywords,
                                     &value, &size, &limits.depth,
                                     &limits.items)) {
        return NULL;
    }
    limits.bytes = (size_t)size;
    pt_saferepr(&out, value, &limits);
    text = out.failed
               ? PyErr_NoMemory()
               : PyUnicode_DecodeUTF8(pt_buf_text(&out), (Py_ssize_t)out.used,
                                      "surrogateescape");
    pt_buf_release(&out);
    return text;
}

static PyMethodDef methods[] = {
    {"saferepr", (PyCFunction)(void (*)(void))saferepr,
     METH_VARARGS | METH_KEYWORDS,
     "saferepr($module, value, /, *, size=80, depth=3, items=8)\n--\n\n"
     "What a value looks like, found out without running its code."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pytrace._pytrace.tracer",
    .m_doc = "What pytrace.Tracer is made of.",
    .m_size = -1,
    .m_methods = methods,
};

int
pt_tracer_module_add(PyObject *module)
{
    PyObject *functions = PyModule_Create(&definition);
    int result;

    if (functions == NULL) {
        return -1;
    }
    result = pt_tracing_add_type(functions);
    if (result == 0) {
        result = PyModule_AddObjectRef(module, "tracer", functions);
    }
    Py_DECREF(functions);
    return result;
}
