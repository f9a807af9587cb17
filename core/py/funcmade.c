/* SPDX-License-Identifier: MIT */
/* funcmade.c - see funcmade.h.
 *
 * Both ways lead through the type `function`, a static object of the
 * interpreter's: its tp_new and the setter of its attribute __code__ are
 * exchanged for ours, which call the earlier ones and then look at the result.
 */
#include "core/py/funcmade.h"

#include <string.h>

#include "core/py/guard.h"

static pt_funcmade_func change;
static newfunc earlier_new;
static setter earlier_set;

static void
look_at(PyObject *object)
{
    PyFunctionObject *function = (PyFunctionObject *)object;
    PyCodeObject *instead;

    // The type is that of all interpreters; we serve the main one.
    if (change == NULL ||
        PyInterpreterState_Get() != PyInterpreterState_Main()) {
        return;
    }
    pt_guard_enter();
    instead = change((PyCodeObject *)function->func_code);
    pt_guard_leave();
    // Nothing is specialised for a function that has just got its code.
    Py_SETREF(function->func_code, (PyObject *)instead);
}

static PyObject *
function_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *function = earlier_new(type, args, names);

    if (function != NULL) {
        look_at(function);
    }
    return function;
}

static int
set_code(PyObject *function, PyObject *code, void *closure)
{
    int result = earlier_set(function, code, closure);

    if (result == 0) {
        look_at(function);
    }
    return result;
}

static PyGetSetDef *
find_code_attribute(void)
{
    PyGetSetDef *attribute = PyFunction_Type.tp_getset;

    while (attribute->name != NULL && strcmp(attribute->name, "__code__")) {
        attribute++;
    }
    return attribute->name != NULL ? attribute : NULL;
}

int
pt_funcmade_start(pt_funcmade_func func)
{
    PyGetSetDef *attribute = find_code_attribute();

    if (attribute == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: functions of this interpreter have no "
                        "__code__");
        return -1;
    }
    if (earlier_new == NULL) {
        earlier_new = PyFunction_Type.tp_new;
        earlier_set = attribute->set;
        PyFunction_Type.tp_new = function_new;
        attribute->set = set_code;
    }
    change = func;
    return 0;
}

void
pt_funcmade_stop(void)
{
    change = NULL;
}
