/* SPDX-License-Identifier: MIT */
/* extload.c - our _imp.create_dynamic. */
#include "core/py/extload.h"

#include "core/py/guard.h"

static PyObject *original;  // _imp.create_dynamic
static void (*on_load)(void);

static PyObject *
create_dynamic(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyObject *module =
        PyObject_Vectorcall(original, args, (size_t)count, NULL);

    (void)self;
    if (module != NULL) {
        on_load();
    }
    return module;
}

static PyMethodDef create_def = {
    "create_dynamic", (PyCFunction)(void (*)(void))create_dynamic,
    METH_FASTCALL,
    "create_dynamic($module, spec, file=<unrepresentable>, /)\n--\n\n"
    "Create an extension module."};

int
pt_extload_watch(void (*func)(void))
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "_imp");
    PyObject *name, *replacement = NULL;
    int result = -1;

    on_load = func;
    if (original != NULL) {
        return 0;
    }
    pt_guard_enter();
    name = PyUnicode_FromString("_imp");
    if (module == NULL) {
        PyErr_SetString(PyExc_ImportError, "pytrace: there is no module _imp");
    }
    else if (name != NULL) {
        original = PyObject_GetAttrString(module, "create_dynamic");
        replacement = PyCFunction_NewEx(&create_def, NULL, name);
    }
    if (original != NULL && replacement != NULL) {
        result = PyObject_SetAttrString(module, "create_dynamic", replacement);
    }
    Py_XDECREF(replacement);
    Py_XDECREF(name);
    pt_guard_leave();
    return result;
}
