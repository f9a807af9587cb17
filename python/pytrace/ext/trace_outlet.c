/* SPDX-License-Identifier: MIT */
/* trace_outlet.c - see trace_outlet.h. */
#include "python/pytrace/ext/trace_outlet.h"

#include "core/py/dictversion.h"
#include "core/py/guard.h"

#define WAITING_MOST PT_SIZE(256, 2)

static struct {
    PyTypeObject *type;  // io.TextIOWrapper
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
    known.stdout_name = PyUnicode_InternFromString("stdout");
    known.nothing = PyUnicode_FromString("");
    if (known.stdout_name == NULL || known.nothing == NULL) {
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
    PyObject *waiting = outlet->waiting, *all;
    int result = -1;

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
        result = pt_front_write(&outlet->front, all);
        Py_DECREF(all);
    }
    return result;
}

/* The program is about to use the file. */
static int
before_program(struct pt_front *front, enum pt_front_use use)
{
    struct pt_outlet *outlet = (struct pt_outlet *)front;

    outlet->is_unsure |= use == PT_FRONT_FLUSH;
    return hand_over(outlet);
}

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

int
pt_outlet_settle(struct pt_outlet *outlet)
{
    int result;

    if (outlet->front.file == NULL) {
        return 0;
    }
    result = hand_over(outlet);
    Py_CLEAR(outlet->waiting);
    pt_front_leave(&outlet->front);
    outlet->sys_version = 0;
    return result;
}

void
pt_outlet_release(struct pt_outlet *outlet)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    if (pt_outlet_settle(outlet) < 0) {
        PyErr_WriteUnraisable(NULL);
    }
    PyErr_Restore(type, value, traceback);
}

int
pt_outlet_traverse(struct pt_outlet *outlet, visitproc visit, void *arg)
{
    Py_VISIT(outlet->waiting);
    return pt_front_traverse(&outlet->front, visit, arg);
}

PT_COLD static int
make_list(struct pt_outlet *outlet)
{
    PyObject *list;

    pt_guard_enter();
    list = PyList_New(WAITING_MOST);
    pt_guard_leave();
    if (list == NULL) {
        return -1;
    }
    if (outlet->waiting != NULL) {
        // A collection ran, and in it another thread, which came here.
        Py_DECREF(list);
        return 0;
    }
    // It is full of NULLs: gc.get_objects() must not show it.
    PyObject_GC_UnTrack(list);
    outlet->waiting = list;
    return 0;
}

/* Have a text wait. The reference is taken. */
PT_INLINE int
wait(struct pt_outlet *outlet, PyObject *text)
{
    if (pt_unlikely(outlet->waiting == NULL) && make_list(outlet) < 0) {
        Py_DECREF(text);
        return -1;
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
        outlet->front.before = before_program;
        may_wait = pt_front_enter(&outlet->front, file);
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
    uint64_t dict_version = pt_dict_version(outlet->front.dict);

    if (PyDict_GetItemWithError(known.sys, known.stdout_name) !=
            outlet->front.file ||
        !pt_front_is_in_place(&outlet->front)) {
        return 0;
    }
    outlet->sys_version = sys_version;
    outlet->dict_version = dict_version;
    return 1;
}

PT_INLINE int
is_in_place(struct pt_outlet *outlet)
{
    if (outlet->front.file == NULL || outlet->is_unsure) {
        return 0;
    }
    if (pt_likely(outlet->sys_version != 0 &&
                  outlet->sys_version == pt_dict_version(known.sys) &&
                  outlet->dict_version ==
                      pt_dict_version(outlet->front.dict))) {
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
