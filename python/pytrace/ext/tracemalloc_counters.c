/* SPDX-License-Identifier: MIT */
/* tracemalloc_counters.c - life of Counters, names of files, its table. */
#include "python/pytrace/ext/tracemalloc_counters.h"

#include "core/base/rawmem.h"

static PyTypeObject *counters_type;

static void
dealloc(PyObject *object)
{
    struct pt_counters *self = (struct pt_counters *)object;
    PyTypeObject *type = Py_TYPE(object);

    pt_snapshot_release(&self->snapshot);
    Py_XDECREF(self->files);
    type->tp_free(object);
    Py_DECREF(type);
}

/* How many blocks it counts. */
static Py_ssize_t
length(PyObject *object)
{
    const struct pt_snapshot *snapshot =
        &((struct pt_counters *)object)->snapshot;
    uint64_t blocks = 0;

    for (uint32_t i = 0; i < snapshot->rows; i++) {
        blocks += snapshot->row[i].count;
    }
    return (Py_ssize_t)blocks;
}

PyObject *
pt_counters_take(struct pt_snapshot *snapshot, PyObject *files)
{
    struct pt_counters *self = PyObject_New(struct pt_counters, counters_type);

    if (self == NULL) {
        pt_snapshot_release(snapshot);
        Py_XDECREF(files);
        return NULL;
    }
    self->snapshot = *snapshot;
    self->files = files;
    return (PyObject *)self;
}

int
pt_counters_check(PyObject *object)
{
    return Py_IS_TYPE(object, counters_type);
}

PyObject *
pt_counters_files(struct pt_counters *self)
{
    const struct pt_snapshot *snapshot = &self->snapshot;

    if (self->files == NULL) {
        PyObject *files = PyList_New((Py_ssize_t)snapshot->files);

        for (uint32_t i = 0; files != NULL && i < snapshot->files; i++) {
            PyObject *name = PyUnicode_DecodeUTF8(
                snapshot->text + snapshot->file[i].at,
                (Py_ssize_t)snapshot->file[i].bytes, "surrogateescape");

            if (name == NULL) {
                Py_CLEAR(files);
                break;
            }
            PyList_SET_ITEM(files, i, name);
        }
        self->files = files;
    }
    return self->files;
}

uint32_t *
pt_counters_number_files(struct pt_counters *self, struct pt_roster *files)
{
    PyObject *names = pt_counters_files(self);
    uint32_t *numbers;

    if (names == NULL) {
        return NULL;
    }
    numbers =
        pt_rawmem_array((size_t)PyList_GET_SIZE(names), sizeof(*numbers));
    if (numbers == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        int64_t number = pt_roster_number(files, PyList_GET_ITEM(names, i));

        if (number < 0) {
            pt_rawmem_free(numbers);
            return NULL;
        }
        numbers[i] = (uint32_t)number;
    }
    return numbers;
}

PyObject *
pt_counters_frames(const struct pt_grouping *grouping,
                   const struct pt_roster *files, uint32_t trail)
{
    const struct pt_trail *at = &grouping->trail[trail];
    PyObject *frames = PyTuple_New((Py_ssize_t)at->frames);

    for (; frames != NULL && at->frames != 0;
         at = &grouping->trail[at->newer]) {
        PyObject *frame =
            Py_BuildValue("OI", pt_roster_name(files, at->file), at->line);

        if (frame == NULL) {
            Py_CLEAR(frames);
            break;
        }
        PyTuple_SET_ITEM(frames, (Py_ssize_t)at->frames - 1, frame);
    }
    return frames;
}

static PyObject *
files(PyObject *self, PyObject *unused)
{
    PyObject *list = pt_counters_files((struct pt_counters *)self);

    (void)unused;
    return list != NULL ? PyList_GetSlice(list, 0, PyList_GET_SIZE(list))
                        : NULL;
}

static PyMethodDef methods[] = {
    {"files", files, METH_NOARGS, "Names of the files, a list."},
    {"traces", pt_counters_traces, METH_NOARGS,
     "A tuple (domain, size, frames, total frames) for each block."},
    {"rows", pt_counters_rows, METH_NOARGS,
     "The same for each row: all blocks of one size and place."},
    {"groups", pt_counters_groups, METH_VARARGS,
     "groups(key_type, cumulative): tuples (frames, size, count)."},
    {"diff", pt_counters_diff, METH_VARARGS,
     "diff(old, key_type, cumulative): tuples (frames, size, size_diff, "
     "count, count_diff)."},
    {"filter", pt_counters_filter, METH_VARARGS,
     "filter(filters): Counters of the rows that match."},
    {"select", pt_counters_select, METH_O,
     "select(mask): Counters of the rows whose byte is not 0."},
    {"pack", pt_counters_pack, METH_NOARGS,
     "(limit, files, nodes, rows), the last two as bytes."},
    {"unpack", pt_counters_unpack, METH_VARARGS | METH_CLASS,
     "unpack(limit, files, nodes, rows): Counters; ValueError if unsound."},
    {"from_traces", pt_counters_from_traces, METH_O | METH_CLASS,
     "from_traces(traces): Counters of a sequence of trace tuples."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_sq_length, length},
    {Py_tp_doc, "Live counts of one moment (see pytrace.tracemalloc)."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "pytrace._pytrace.Counters",
    .basicsize = sizeof(struct pt_counters),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
pt_counters_add_type(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);

    if (type == NULL || PyModule_AddObjectRef(module, "Counters", type) < 0) {
        Py_XDECREF(type);
        return -1;
    }
    counters_type = (PyTypeObject *)type;
    return 0;
}
