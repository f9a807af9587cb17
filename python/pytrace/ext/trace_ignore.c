/* SPDX-License-Identifier: MIT */
/* trace_ignore.c - is a file to be left alone? */
#include "python/pytrace/ext/trace_ignore.h"

typedef struct {
    PyObject_HEAD PyObject *modules;  // a set of names
    PyObject *directories;            // a list, each with a '/' at its end
    PyObject *known;                  // {module: 1 or 0}
} Ignore;

/* The list of directories, ready for comparing. */
static PyObject *
with_slashes(PyObject *directories)
{
    PyObject *list = PySequence_List(directories);

    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
        PyObject *path = PyUnicode_FromFormat("%S/", PyList_GET_ITEM(list, i));

        if (path == NULL) {
            Py_CLEAR(list);
            break;
        }
        Py_SETREF(PyList_GET_ITEM(list, i), path);
    }
    return list;
}

static PyObject *
new_ignore(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *modules, *directories, *self_object;
    Ignore *self;

    (void)kwargs;
    if (!PyArg_ParseTuple(args, "OO:Ignore", &modules, &directories)) {
        return NULL;
    }
    self_object = type->tp_alloc(type, 0);
    if (self_object == NULL) {
        return NULL;
    }
    self = (Ignore *)self_object;
    self->modules = PySet_New(modules);
    self->directories = with_slashes(directories);
    self->known = Py_BuildValue("{si}", "<string>", 1);
    if (self->modules == NULL || self->directories == NULL ||
        self->known == NULL) {
        Py_DECREF(self_object);
        return NULL;
    }
    return self_object;
}

static void
dealloc(PyObject *object)
{
    Ignore *self = (Ignore *)object;
    PyTypeObject *type = Py_TYPE(object);

    Py_CLEAR(self->modules);
    Py_CLEAR(self->directories);
    Py_CLEAR(self->known);
    type->tp_free(object);
    Py_DECREF(type);
}

/* Is `module` one of the modules, or inside one of the packages? */
static int
is_module_ignored(const Ignore *self, PyObject *module)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(module);
    Py_ssize_t end = length;
    int found = 0;

    // "Spam.eggs.ham", "Spam.eggs", "Spam".
    while (found == 0 && end > 0) {
        PyObject *package = PyUnicode_Substring(module, 0, end);

        found = package != NULL ? PySet_Contains(self->modules, package) : -1;
        Py_XDECREF(package);
        end = PyUnicode_FindChar(module, '.', 0, end, -1);
    }
    return found;
}

static int
is_file_ignored(const Ignore *self, PyObject *file)
{
    if (!PyUnicode_Check(file)) {
        // A built-in module.
        return 1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(self->directories); i++) {
        Py_ssize_t found =
            PyUnicode_Tailmatch(file, PyList_GET_ITEM(self->directories, i), 0,
                                PY_SSIZE_T_MAX, -1);

        if (found != 0) {
            return (int)found;
        }
    }
    return 0;
}

static PyObject *
names(PyObject *object, PyObject *args)
{
    Ignore *self = (Ignore *)object;
    PyObject *file, *module, *answer;
    int ignored;

    if (!PyArg_ParseTuple(args, "OU:names", &file, &module)) {
        return NULL;
    }
    answer = PyDict_GetItemWithError(self->known, module);
    if (answer != NULL || PyErr_Occurred()) {
        return Py_XNewRef(answer);
    }
    ignored = is_module_ignored(self, module);
    if (ignored == 0) {
        ignored = is_file_ignored(self, file);
    }
    answer = ignored >= 0 ? PyLong_FromLong(ignored) : NULL;
    if (answer != NULL && PyDict_SetItem(self->known, module, answer) < 0) {
        Py_CLEAR(answer);
    }
    return answer;
}

static PyMethodDef methods[] = {
    {"names", names, METH_VARARGS,
     "names($self, filename, modulename, /)\n--\n\n"
     "1 if what is in this file, of this module, is to be ignored, else 0."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, new_ignore},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_tp_doc, "Ignore(modules, directories)"},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "pytrace._pytrace.Ignore",
    .basicsize = sizeof(Ignore),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

int
pt_trace_ignore_add_type(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    int result = -1;

    if (type != NULL) {
        result = PyModule_AddObjectRef(module, "Ignore", type);
        Py_DECREF(type);
    }
    return result;
}
