/* SPDX-License-Identifier: MIT */
/* trace_outlet.c - see trace_outlet.h. */
#include "python/pytrace/ext/trace_outlet.h"

#include "core/py/dictversion.h"
#include "core/py/guard.h"

#define WAITING_MOST PT_SIZE(256, 2)

// Outlets that stand in front of a file, to be found by it.
static struct pt_outlet *outlets;

static struct {
    PyTypeObject *type;  // io.TextIOWrapper
    PyObject *write;     // its methods
    PyObject *flush;
    PyObject *write_name;
    PyObject *flush_name;
    PyObject *stdout_name;
    PyObject *sys;  // dict of the module, borrowed
    PyObject *nothing;
} known;

static int
look_up(void)
{
    PyObject *io = PyImport_ImportModule("_io");
    PyObject *type = io != NULL ? PyObject_GetAttrString(io, "TextIOWrapper")
                                : NULL;
    PyObject *sys = PyImport_ImportModule("sys");

    Py_XDECREF(io);
    if (type == NULL || sys == NULL || !PyType_Check(type)) {
        Py_XDECREF(type);
        Py_XDECREF(sys);
        return -1;
    }
    known.sys = PyModule_GetDict(sys);
    Py_DECREF(sys);
    known.write_name = PyUnicode_InternFromString("write");
    known.flush_name = PyUnicode_InternFromString("flush");
    known.stdout_name = PyUnicode_InternFromString("stdout");
    known.nothing = PyUnicode_FromString("");
    known.write = PyObject_GetAttrString(type, "write");
    known.flush = PyObject_GetAttrString(type, "flush");
    if (known.write_name == NULL || known.flush_name == NULL ||
        known.stdout_name == NULL || known.nothing == NULL ||
        known.write == NULL || known.flush == NULL) {
        Py_DECREF(type);
        return -1;
    }
    known.type = (PyTypeObject *)type;
    return 0;
}

/* Hand what waits to the file, as one text. */
static int
hand_over(struct pt_outlet *outlet)
{
    PyObject *waiting = outlet->waiting, *all, *result = NULL;

    if (outlet->used == 0) {
        return 0;
    }
    // Whoever comes while this one is being written finds an empty list.
    outlet->waiting = NULL;
    pt_guard_enter();
    if (PyList_SetSlice(waiting, outlet->used, WAITING_MOST, NULL) < 0) {
        PyErr_Clear();
    }
    outlet->used = 0;
    all = PyUnicode_Join(known.nothing, waiting);
    pt_guard_leave();
    Py_DECREF(waiting);
    if (all != NULL) {
        PyObject *args[] = {outlet->file, all};

        result = PyObject_Vectorcall(known.write, args, 2, NULL);
        Py_DECREF(all);
    }
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

static struct pt_outlet *
outlet_of(PyObject *file)
{
    struct pt_outlet *outlet = outlets;

    while (outlet != NULL && outlet->file != file) {
        outlet = outlet->next;
    }
    return outlet;
}

/* What the program calls as sys.stdout.write(text). */
static PyObject *
write_for_program(PyObject *file, PyObject *text)
{
    struct pt_outlet *outlet = outlet_of(file);
    PyObject *args[] = {file, text};

    if (outlet != NULL && hand_over(outlet) < 0) {
        return NULL;
    }
    return PyObject_Vectorcall(known.write, args, 2, NULL);
}

/* sys.stdout.flush(): reconfigure(), seek() and close() call it as well. */
static PyObject *
flush_for_program(PyObject *file, PyObject *unused)
{
    struct pt_outlet *outlet = outlet_of(file);

    (void)unused;
    if (outlet != NULL) {
        outlet->is_unsure = 1;
        if (hand_over(outlet) < 0) {
            return NULL;
        }
    }
    return PyObject_CallOneArg(known.flush, file);
}

static PyMethodDef write_method = {"write", write_for_program, METH_O, NULL};
static PyMethodDef flush_method = {"flush", flush_for_program, METH_NOARGS,
                                   NULL};

static int
is_true(PyObject *object, const char *name)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    int truth = value != NULL ? PyObject_IsTrue(value) : -1;

    Py_XDECREF(value);
    return truth;
}

/* May texts for this file wait? -1 with an exception. */
static int
is_patient(PyObject *file)
{
    int is_hasty;

    if (Py_TYPE(file) != known.type) {
        return 0;
    }
    is_hasty = is_true(file, "line_buffering");
    if (is_hasty == 0) {
        is_hasty = is_true(file, "write_through");
    }
    if (is_hasty == 0) {
        is_hasty = is_true(file, "closed");
    }
    return is_hasty < 0 ? -1 : !is_hasty;
}

/* Stand in front of a file. 1, 0 if somebody else does, -1: an exception. */
static int
stand_in_front(struct pt_outlet *outlet, PyObject *file)
{
    PyObject *dict = PyObject_GenericGetDict(file, NULL);

    if (dict == NULL) {
        return -1;
    }
    if (PyDict_GetItem(dict, known.write_name) != NULL ||
        PyDict_GetItem(dict, known.flush_name) != NULL) {
        Py_DECREF(dict);
        return 0;
    }
    outlet->write = PyCFunction_New(&write_method, file);
    outlet->flush = PyCFunction_New(&flush_method, file);
    if (outlet->write == NULL || outlet->flush == NULL ||
        PyDict_SetItem(dict, known.write_name, outlet->write) < 0 ||
        PyDict_SetItem(dict, known.flush_name, outlet->flush) < 0) {
        Py_CLEAR(outlet->write);
        Py_CLEAR(outlet->flush);
        Py_DECREF(dict);
        return -1;
    }
    outlet->dict = dict;
    outlet->file = Py_NewRef(file);
    outlet->next = outlets;
    outlets = outlet;
    return 1;
}

static void
take_out(PyObject *dict, PyObject *name, PyObject *ours)
{
    if (PyDict_GetItem(dict, name) == ours && PyDict_DelItem(dict, name) < 0) {
        PyErr_Clear();
    }
}

static void
stand_aside(struct pt_outlet *outlet)
{
    struct pt_outlet **link = &outlets;

    while (*link != NULL && *link != outlet) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = outlet->next;
    }
    take_out(outlet->dict, known.write_name, outlet->write);
    take_out(outlet->dict, known.flush_name, outlet->flush);
    Py_CLEAR(outlet->dict);
    Py_CLEAR(outlet->write);
    Py_CLEAR(outlet->flush);
    Py_CLEAR(outlet->file);
    outlet->sys_version = 0;
}

int
pt_outlet_settle(struct pt_outlet *outlet)
{
    int result;

    if (outlet->file == NULL) {
        return 0;
    }
    result = hand_over(outlet);
    Py_CLEAR(outlet->waiting);
    if (outlet->file != NULL) {
        stand_aside(outlet);
    }
    return result;
}

void
pt_outlet_release(struct pt_outlet *outlet)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    if (pt_outlet_settle(outlet) < 0) {
        PyErr_WriteUnraisable(known.write);
    }
    PyErr_Restore(type, value, traceback);
}

int
pt_outlet_traverse(struct pt_outlet *outlet, visitproc visit, void *arg)
{
    Py_VISIT(outlet->file);
    Py_VISIT(outlet->dict);
    Py_VISIT(outlet->write);
    Py_VISIT(outlet->flush);
    Py_VISIT(outlet->waiting);
    return 0;
}

/* Have a text wait. The reference is taken. */
PT_INLINE int
wait(struct pt_outlet *outlet, PyObject *text)
{
    if (pt_unlikely(outlet->waiting == NULL)) {
        pt_guard_enter();
        outlet->waiting = PyList_New(WAITING_MOST);
        pt_guard_leave();
        if (outlet->waiting == NULL) {
            Py_DECREF(text);
            return -1;
        }
        // It is full of NULLs: gc.get_objects() must not show it.
        PyObject_GC_UnTrack(outlet->waiting);
    }
    PyList_SET_ITEM(outlet->waiting, outlet->used, text);
    outlet->used++;
    return outlet->used < WAITING_MOST ? 0 : hand_over(outlet);
}

/* sys.stdout is not what it was, or we do not know it yet. */
PT_COLD static int
write_slow(struct pt_outlet *outlet, PyObject *text, PyObject *file)
{
    int may_wait, result;

    Py_INCREF(file);
    result = pt_outlet_settle(outlet);
    outlet->is_unsure = 0;
    may_wait = result == 0 ? is_patient(file) : -1;
    if (may_wait > 0) {
        may_wait = stand_in_front(outlet, file);
    }
    if (may_wait > 0) {
        Py_DECREF(file);
        return wait(outlet, text);
    }
    if (may_wait == 0) {
        result = PyFile_WriteObject(text, file, Py_PRINT_RAW);
    }
    Py_DECREF(text);
    Py_DECREF(file);
    return may_wait < 0 ? -1 : result;
}

/* Is sys.stdout the file that we stand in front of? */
PT_COLD static int
is_in_place_slow(struct pt_outlet *outlet)
{
    uint64_t sys_version = pt_dict_version(known.sys);
    uint64_t dict_version = pt_dict_version(outlet->dict);

    if (PyDict_GetItemWithError(known.sys, known.stdout_name) !=
            outlet->file ||
        PyDict_GetItemWithError(outlet->dict, known.write_name) !=
            outlet->write) {
        return 0;
    }
    outlet->sys_version = sys_version;
    outlet->dict_version = dict_version;
    return 1;
}

PT_INLINE int
is_in_place(struct pt_outlet *outlet)
{
    if (outlet->file == NULL || outlet->is_unsure) {
        return 0;
    }
    if (pt_likely(outlet->sys_version != 0 &&
                  outlet->sys_version == pt_dict_version(known.sys) &&
                  outlet->dict_version == pt_dict_version(outlet->dict))) {
        return 1;
    }
    return is_in_place_slow(outlet);
}

int
pt_outlet_write(struct pt_outlet *outlet, PyObject *text)
{
    PyObject *file;

    if (text == NULL || (known.type == NULL && look_up() < 0)) {
        Py_XDECREF(text);
        return -1;
    }
    if (pt_likely(is_in_place(outlet))) {
        return wait(outlet, text);
    }
    file = PyDict_GetItemWithError(known.sys, known.stdout_name);
    if (file == NULL || file == Py_None) {
        Py_DECREF(text);
        if (file == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
        }
        return file != NULL ? 0 : -1;
    }
    return write_slow(outlet, text, file);
}
