/* SPDX-License-Identifier: MIT */
/* tracer_figures.c - numbers of functions, and figures by their names. */
#include "core/base/rawmem.h"
#include "core/py/guard.h"
#include "python/pytrace/ext/tracer_object.h"

static int
note_file(struct pt_tracing *self, int64_t function, PyObject *name)
{
    int64_t file = pt_roster_number(&self->files, name);

    if (file < 0) {
        return -1;
    }
    if ((size_t)function >= self->file_of_room) {
        uint32_t room = ((uint32_t)function + 1) * 2;
        uint32_t *file_of =
            pt_rawmem_resize(self->file_of, room, sizeof(*file_of));

        if (file_of == NULL) {
            return -1;
        }
        self->file_of = file_of;
        self->file_of_room = room;
    }
    self->file_of[function] = (uint32_t)file;
    return 0;
}

int
pt_tracing_number(struct pt_tracing *self, struct pt_site *site)
{
    PyCodeObject *code = site->code;
    PyObject *type, *value, *traceback, *name;
    int64_t number = -1;

    pt_guard_enter();
    PyErr_Fetch(&type, &value, &traceback);
    name = Py_BuildValue("OiO", code->co_filename, code->co_firstlineno,
                         code->co_qualname);
    if (name != NULL) {
        number = pt_roster_number(&self->functions, name);
        Py_DECREF(name);
    }
    if (number >= 0 && note_file(self, number, code->co_filename) < 0) {
        number = -1;
    }
    site->number = (uint32_t)number;
    PyErr_Restore(type, value, traceback);
    pt_guard_leave();
    return number >= 0 ? 0 : -1;
}

PyObject *
pt_tracing_calls(PyObject *object, PyObject *unused)
{
    struct pt_tracing *self = (struct pt_tracing *)object;
    PyObject *dict = PyDict_New();

    (void)unused;
    for (uint32_t i = 1; dict != NULL && i < self->calls.used; i++) {
        struct pt_tally_entry entry = self->calls.entry[i];
        PyObject *caller = pt_roster_name(&self->functions, entry.key >> 32);
        PyObject *callee =
            pt_roster_name(&self->functions, entry.key & UINT32_MAX);

        if (pt_put_count(dict, PyTuple_Pack(2, caller, callee), entry.count) <
            0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

/* Add to dict[(file, line)], a list of two numbers, the one at `place`. */
static int
add_line(struct pt_tracing *self, PyObject *dict, struct pt_tally_entry entry,
         Py_ssize_t place)
{
    PyObject *file = pt_roster_name(&self->files, entry.key >> 32);
    PyObject *key = Py_BuildValue("OI", file, (unsigned)entry.key);
    PyObject *number = PyLong_FromUnsignedLongLong(entry.count);
    PyObject *pair = NULL;
    int result = -1;

    if (key != NULL && number != NULL) {
        pair = Py_XNewRef(PyDict_GetItemWithError(dict, key));
        if (pair == NULL && !PyErr_Occurred()) {
            pair = Py_BuildValue("[ii]", 0, 0);
        }
    }
    if (pair != NULL && PyList_SetItem(pair, place, Py_NewRef(number)) == 0) {
        result = PyDict_SetItem(dict, key, pair);
    }
    Py_XDECREF(pair);
    Py_XDECREF(number);
    Py_XDECREF(key);
    return result;
}

PyObject *
pt_tracing_lines(PyObject *object, PyObject *unused)
{
    struct pt_tracing *self = (struct pt_tracing *)object;
    const struct pt_tally *tallies[] = {&self->hits, &self->times_ns};
    PyObject *dict = PyDict_New();

    (void)unused;
    for (Py_ssize_t place = 0; place < 2; place++) {
        const struct pt_tally *tally = tallies[place];

        for (uint32_t i = 1; dict != NULL && i < tally->used; i++) {
            if (add_line(self, dict, tally->entry[i], place) < 0) {
                Py_CLEAR(dict);
            }
        }
    }
    return dict;
}
