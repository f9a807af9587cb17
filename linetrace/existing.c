/* SPDX-License-Identifier: MIT */
/* existing.c - asking the garbage collector, which knows all functions. */
#include "linetrace/existing.h"

/* gc.get_objects(), without leaving a module that was not there. */
static PyObject *
all_objects(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    int was_there = PyDict_GetItemString(modules, "gc") != NULL;
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *objects = NULL;

    if (gc != NULL) {
        objects = PyObject_CallMethod(gc, "get_objects", NULL);
        Py_DECREF(gc);
        if (!was_there && PyDict_DelItemString(modules, "gc") < 0) {
            Py_CLEAR(objects);
        }
    }
    return objects;
}

int
pt_existing_visit(bool (*wants)(PyCodeObject *code),
                  void (*func)(PyFunctionObject *function))
{
    PyObject *objects = all_objects();

    if (objects == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects); i++) {
        PyObject *object = PyList_GET_ITEM(objects, i);

        if (PyFunction_Check(object) &&
            wants((PyCodeObject *)PyFunction_GET_CODE(object))) {
            func((PyFunctionObject *)object);
        }
    }
    Py_DECREF(objects);
    return 0;
}
