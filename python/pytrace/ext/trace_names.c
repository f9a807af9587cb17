/* SPDX-License-Identifier: MIT */
/* trace_names.c - files, modules, functions, and the classes of methods.
 *
 * Which class a method belongs to is not written on its code. The standard
 * module asks the garbage collector: if one function has the code, one dict
 * the function and one class the dict, it is that class. Its answers are part
 * of its output, so the question must be put in the same way, at the same
 * moment (the first call) and once for equal code objects.
 */
#include "python/pytrace/ext/trace_names.h"

#include "core/base/rawmem.h"
#include "core/py/codeextra.h"
#include "core/py/guard.h"

struct pt_trace_latest pt_trace_latest;

static Py_ssize_t extra_index = -1;
static uint64_t last_serial;

static void
on_code_death(void *extra)
{
    if (extra == NULL) {
        return;
    }
    if (extra == pt_trace_latest.place) {
        pt_trace_latest = (struct pt_trace_latest){0};
    }
    pt_rawmem_free(extra);
}

int
pt_trace_names_init(struct pt_trace_names *names)
{
    PyObject *gc;

    *names = (struct pt_trace_names){.serial = ++last_serial};
    if (pt_codeextra_take(&extra_index, on_code_death) < 0 ||
        pt_roster_init(&names->files) < 0 ||
        pt_roster_init(&names->functions) < 0) {
        return -1;
    }
    names->class_of = PyDict_New();
    gc = PyImport_ImportModule("gc");
    if (gc != NULL) {
        names->get_referrers = PyObject_GetAttrString(gc, "get_referrers");
        Py_DECREF(gc);
    }
    return names->class_of != NULL && names->get_referrers != NULL ? 0 : -1;
}

void
pt_trace_names_release(struct pt_trace_names *names)
{
    pt_roster_release(&names->files);
    pt_roster_release(&names->functions);
    Py_CLEAR(names->class_of);
    Py_CLEAR(names->get_referrers);
}

int
pt_trace_names_traverse(struct pt_trace_names *names, visitproc visit,
                        void *arg)
{
    Py_VISIT(names->files.list);
    Py_VISIT(names->files.numbers);
    Py_VISIT(names->functions.list);
    Py_VISIT(names->functions.numbers);
    Py_VISIT(names->class_of);
    Py_VISIT(names->get_referrers);
    return 0;
}

PT_COLD static struct pt_trace_place *
attach_place(PyCodeObject *code)
{
    struct pt_trace_place *place = pt_rawmem_array(1, sizeof(*place));

    if (place == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (pt_extra_set(code, extra_index, place) != 0) {
        pt_rawmem_free(place);
        return NULL;
    }
    return place;
}

struct pt_trace_place *
pt_trace_place_slow(struct pt_trace_names *names, PyCodeObject *code)
{
    struct pt_trace_place *place = NULL;
    int64_t file;

    if (pt_extra_get(code, extra_index, (void **)&place) != 0) {
        return NULL;
    }
    if (pt_unlikely(place == NULL || place->serial != names->serial)) {
        pt_guard_enter();
        if (place == NULL) {
            place = attach_place(code);
        }
        file = place != NULL
                   ? pt_roster_number(&names->files, code->co_filename)
                   : -1;
        pt_guard_leave();
        if (file < 0) {
            return NULL;
        }
        *place = (struct pt_trace_place){names->serial, (uint32_t)file,
                                         PT_TRACE_NO_FUNCTION};
    }
    pt_trace_latest = (struct pt_trace_latest){code, place};
    return place;
}

PyObject *
pt_trace_modname(PyObject *path)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    Py_ssize_t base = PyUnicode_FindChar(path, '/', 0, length, -1) + 1;
    Py_ssize_t dot = PyUnicode_FindChar(path, '.', base, length, -1);
    Py_ssize_t first = base;

    // Dots in front are part of the name: ".profile" has no ending.
    while (first < length && PyUnicode_READ_CHAR(path, first) == '.') {
        first++;
    }
    return PyUnicode_Substring(path, base, dot > first ? dot : length);
}

/* The only one of the objects that refer to `object` which `check` lets pass;
 * NULL when there are none or several, or with an exception. */
static PyObject *
only_referrer(struct pt_trace_names *names, PyObject *object,
              int (*check)(PyObject *))
{
    PyObject *all = PyObject_CallOneArg(names->get_referrers, object);
    PyObject *only = NULL;

    for (Py_ssize_t i = 0; all != NULL && i < PyList_GET_SIZE(all); i++) {
        PyObject *referrer = PyList_GET_ITEM(all, i);

        if (!check(referrer)) {
            continue;
        }
        if (only != NULL) {
            only = NULL;
            break;
        }
        only = referrer;
    }
    Py_XINCREF(only);
    Py_XDECREF(all);
    return only;
}

static int
is_function(PyObject *object)
{
    return PyFunction_Check(object);
}

static int
is_dict(PyObject *object)
{
    return PyDict_Check(object);
}

static int
is_class(PyObject *object)
{
    return PyType_Check(object);
}

/* The class whose method has this code; NULL when that is not certain, or with
 * an exception. */
static PyObject *
find_class(struct pt_trace_names *names, PyCodeObject *code)
{
    PyObject *function, *dict = NULL, *class = NULL;

    // Code of modules and class bodies is run once, by a function that nobody
    // else sees.
    if ((code->co_flags & CO_OPTIMIZED) == 0) {
        return NULL;
    }
    function = only_referrer(names, (PyObject *)code, is_function);
    if (function != NULL) {
        dict = only_referrer(names, function, is_dict);
    }
    if (dict != NULL && dict != PyFunction_GET_GLOBALS(function)) {
        class = only_referrer(names, dict, is_class);
    }
    Py_XDECREF(function);
    Py_XDECREF(dict);
    return class;
}

/* The name of that class, or None. Borrowed, or NULL with an exception. */
static PyObject *
class_name(struct pt_trace_names *names, PyCodeObject *code)
{
    PyObject *known =
        PyDict_GetItemWithError(names->class_of, (PyObject *)code);
    PyObject *class, *name;

    if (known != NULL || PyErr_Occurred()) {
        return known;
    }
    class = find_class(names, code);
    if (class != NULL) {
        name = PyType_GetName((PyTypeObject *)class);
        Py_DECREF(class);
    }
    else {
        name = PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    if (name == NULL ||
        PyDict_SetItem(names->class_of, (PyObject *)code, name) < 0) {
        Py_XDECREF(name);
        return NULL;
    }
    Py_DECREF(name);
    return name;
}

/* (file, module, function or Class.function), or NULL with an exception. */
static PyObject *
make_name(struct pt_trace_names *names, PyCodeObject *code)
{
    PyObject *file = code->co_filename;
    PyObject *class = class_name(names, code);
    PyObject *name, *module, *function = NULL;

    if (class == NULL) {
        return NULL;
    }
    name = class == Py_None
               ? Py_NewRef(code->co_name)
               : PyUnicode_FromFormat("%U.%U", class, code->co_name);
    module = PyUnicode_GET_LENGTH(file) != 0 ? pt_trace_modname(file)
                                             : Py_NewRef(Py_None);
    if (name != NULL && module != NULL) {
        function = PyTuple_Pack(3, file, module, name);
    }
    Py_XDECREF(name);
    Py_XDECREF(module);
    return function;
}

int
pt_trace_name_function(struct pt_trace_names *names, PyCodeObject *code,
                       struct pt_trace_place *place)
{
    PyObject *name;
    int64_t number = -1;

    pt_guard_enter();
    name = make_name(names, code);
    if (name != NULL) {
        number = pt_roster_number(&names->functions, name);
        Py_DECREF(name);
    }
    pt_guard_leave();
    if (number < 0) {
        return -1;
    }
    place->function = (uint32_t)number;
    return 0;
}
