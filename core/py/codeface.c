/* SPDX-License-Identifier: MIT */
/* codeface.c - see codeface.h.
 *
 * For attributes a getter of ours stands in the dictionary of the type `code`,
 * and asks the descriptor that stood there. Methods are exchanged in the
 * interpreter's static table, as in funcmade.c, so that they stay methods.
 */
#include "core/py/codeface.h"

#include <stdbool.h>
#include <string.h>

#include "core/py/guard.h"

typedef PyObject *(*replace_func)(PyObject *, PyObject *const *, Py_ssize_t,
                                  PyObject *);

static pt_codeface_func choose;
static bool are_in_place;

static PyCFunction earlier_lines, earlier_positions;
static replace_func earlier_replace;

// A new reference.
static PyObject *
face_of(PyObject *code, PyObject *consts)
{
    PyCodeObject *face;

    // The type is that of all interpreters; we serve the main one.
    if (choose == NULL ||
        PyInterpreterState_Get() != PyInterpreterState_Main()) {
        return Py_NewRef(code);
    }
    pt_guard_enter();
    face = choose((PyCodeObject *)code, consts);
    pt_guard_leave();
    return (PyObject *)face;
}

static PyObject *
get_attribute(PyObject *code, void *earlier)
{
    PyObject *face = face_of(code, NULL), *value;

    if (face == NULL) {
        return NULL;
    }
    value = Py_TYPE(earlier)->tp_descr_get(earlier, face,
                                           (PyObject *)&PyCode_Type);
    Py_DECREF(face);
    return value;
}

static PyGetSetDef attributes[] = {
    {"co_code", get_attribute, NULL, NULL, NULL},
    {"_co_code_adaptive", get_attribute, NULL, NULL, NULL},
    {"co_consts", get_attribute, NULL, NULL, NULL},
    {"co_stacksize", get_attribute, NULL, NULL, NULL},
    {"co_linetable", get_attribute, NULL, NULL, NULL},
    {"co_lnotab", get_attribute, NULL, NULL, NULL},
    {"co_exceptiontable", get_attribute, NULL, NULL, NULL},
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

static PyObject *
call(PyCFunction method, PyObject *code)
{
    PyObject *face = face_of(code, NULL), *result;

    if (face == NULL) {
        return NULL;
    }
    result = method(face, NULL);
    Py_DECREF(face);
    return result;
}

static PyObject *
code_lines(PyObject *code, PyObject *ignored)
{
    (void)ignored;
    return call(earlier_lines, code);
}

static PyObject *
code_positions(PyObject *code, PyObject *ignored)
{
    (void)ignored;
    return call(earlier_positions, code);
}

// Borrowed, or NULL.
static PyObject *
find_keyword(const char *name, PyObject *const *values, PyObject *names)
{
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i),
                                             name) == 0) {
            return values[i];
        }
    }
    return NULL;
}

static PyObject *
code_replace(PyObject *code, PyObject *const *args, Py_ssize_t nargs,
             PyObject *names)
{
    PyObject *consts = find_keyword("co_consts", args + nargs, names);
    PyObject *face = face_of(code, consts), *result;

    if (face == NULL) {
        return NULL;
    }
    result = earlier_replace(face, args, nargs, names);
    Py_DECREF(face);
    return result;
}

static int
exchange_attributes(void)
{
    PyObject *dict = pt_type_dict(&PyCode_Type);
    int result = 0;

    for (size_t i = 0; i < ATTRIBUTES && result == 0; i++) {
        PyObject *earlier = PyDict_GetItemString(dict, attributes[i].name);
        PyObject *ours;

        if (earlier == NULL) {
            continue;
        }
        attributes[i].closure = Py_NewRef(earlier);
        ours = PyDescr_NewGetSet(&PyCode_Type, &attributes[i]);
        result = ours == NULL
                     ? -1
                     : PyDict_SetItemString(dict, attributes[i].name, ours);
        Py_XDECREF(ours);
    }
    Py_DECREF(dict);
    PyType_Modified(&PyCode_Type);
    return result;
}

#define FUNCTION(func) (void (*)(void))(func)

// copy.replace() comes by another name than code.replace().
static void
exchange_methods(void)
{
    for (PyMethodDef *method = PyCode_Type.tp_methods; method->ml_name != NULL;
         method++) {
        if (strcmp(method->ml_name, "co_lines") == 0) {
            earlier_lines = method->ml_meth;
            method->ml_meth = code_lines;
        }
        else if (strcmp(method->ml_name, "co_positions") == 0) {
            earlier_positions = method->ml_meth;
            method->ml_meth = code_positions;
        }
        else if (strcmp(method->ml_name, "replace") == 0 ||
                 strcmp(method->ml_name, "__replace__") == 0) {
            earlier_replace = (replace_func)FUNCTION(method->ml_meth);
            method->ml_meth = (PyCFunction)FUNCTION(code_replace);
        }
    }
}

int
pt_codeface_start(pt_codeface_func func)
{
    if (!are_in_place) {
        if (exchange_attributes() < 0) {
            return -1;
        }
        exchange_methods();
        are_in_place = true;
    }
    choose = func;
    return 0;
}

void
pt_codeface_stop(void)
{
    choose = NULL;
}
