/* SPDX-License-Identifier: MIT */
/* tracemalloc_groups.c - Counters grouped, compared and listed. */
#include "python/pytrace/ext/tracemalloc_counters.h"

#include <string.h>

#include "core/base/rawmem.h"
#include "core/py/guard.h"

/* A grouping with the files that its trails refer to. */
struct named {
    struct pt_grouping grouping;
    struct pt_roster files;
};

static void
named_release(struct named *named)
{
    pt_grouping_release(&named->grouping);
    pt_roster_release(&named->files);
}

static int
named_init(struct named *named)
{
    if (pt_grouping_init(&named->grouping) != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    if (pt_roster_init(&named->files) < 0) {
        named_release(named);
        return -1;
    }
    return 0;
}

static int
named_add(struct named *named, PyObject *counters, enum pt_group_key key,
          enum pt_group_mode mode, enum pt_group_side side)
{
    struct pt_counters *self = (struct pt_counters *)counters;
    uint32_t *file_of = pt_counters_number_files(self, &named->files);
    int code;

    if (file_of == NULL) {
        return -1;
    }
    code = pt_grouping_add(&named->grouping, &self->snapshot, file_of, key,
                           mode, side);
    pt_rawmem_free(file_of);
    if (code != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static PyObject *
group_tuple(PyObject *frames, const struct pt_group *group)
{
    return Py_BuildValue("NKK", frames, group->bytes[PT_SIDE_NEW],
                         group->count[PT_SIDE_NEW]);
}

static PyObject *
diff_tuple(PyObject *frames, const struct pt_group *group)
{
    uint64_t bytes = group->bytes[PT_SIDE_NEW];
    uint64_t count = group->count[PT_SIDE_NEW];

    return Py_BuildValue("NKLKL", frames, bytes,
                         (int64_t)(bytes - group->bytes[PT_SIDE_OLD]), count,
                         (int64_t)(count - group->count[PT_SIDE_OLD]));
}

static PyObject *
list_groups(const struct named *named,
            PyObject *(*make)(PyObject *, const struct pt_group *))
{
    const struct pt_grouping *grouping = &named->grouping;
    PyObject *list = PyList_New(0);

    for (uint32_t trail = 1; list != NULL && trail < grouping->used; trail++) {
        const struct pt_group *group = &grouping->group[trail];
        PyObject *frames, *item;

        if (group->count[PT_SIDE_NEW] == 0 && group->count[PT_SIDE_OLD] == 0) {
            continue;
        }
        frames = pt_counters_frames(grouping, &named->files, trail);
        item = frames != NULL ? make(frames, group) : NULL;
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

/* Read key_type and cumulative, and refuse what the standard module does. */
static int
read_key(PyObject *name, int cumulative, enum pt_group_key *key,
         enum pt_group_mode *mode)
{
    static const char *const names[] = {
        [PT_GROUP_TRACEBACK] = "traceback",
        [PT_GROUP_LINENO] = "lineno",
        [PT_GROUP_FILENAME] = "filename",
    };
    int found = -1;

    for (int i = 0; i < 3 && PyUnicode_Check(name); i++) {
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) {
            found = i;
        }
    }
    if (found < 0) {
        PyErr_Format(PyExc_ValueError, "unknown key_type: %R", name);
        return -1;
    }
    if (cumulative && found == PT_GROUP_TRACEBACK) {
        PyErr_Format(PyExc_ValueError,
                     "cumulative mode cannot by used with key type %R", name);
        return -1;
    }
    *key = (enum pt_group_key)found;
    *mode = cumulative ? PT_GROUP_CUMULATIVE : PT_GROUP_NEWEST;
    return 0;
}

PyObject *
pt_counters_groups(PyObject *self, PyObject *args)
{
    PyObject *name, *list = NULL;
    enum pt_group_key key;
    enum pt_group_mode mode;
    struct named named;
    int cumulative;

    if (!PyArg_ParseTuple(args, "Op:groups", &name, &cumulative) ||
        read_key(name, cumulative, &key, &mode) < 0 ||
        named_init(&named) < 0) {
        return NULL;
    }
    if (named_add(&named, self, key, mode, PT_SIDE_NEW) == 0) {
        list = list_groups(&named, group_tuple);
    }
    named_release(&named);
    return list;
}

PyObject *
pt_counters_diff(PyObject *self, PyObject *args)
{
    PyObject *old, *name, *list = NULL;
    enum pt_group_key key;
    enum pt_group_mode mode;
    struct named named;
    int cumulative;

    if (!PyArg_ParseTuple(args, "OOp:diff", &old, &name, &cumulative) ||
        read_key(name, cumulative, &key, &mode) < 0) {
        return NULL;
    }
    if (!pt_counters_check(old)) {
        PyErr_SetString(PyExc_TypeError, "diff() needs Counters");
        return NULL;
    }
    if (named_init(&named) < 0) {
        return NULL;
    }
    if (named_add(&named, self, key, mode, PT_SIDE_NEW) == 0 &&
        named_add(&named, old, key, mode, PT_SIDE_OLD) == 0) {
        list = list_groups(&named, diff_tuple);
    }
    named_release(&named);
    return list;
}

/* The frames of a trail, made once: equal tracebacks are one object. */
static PyObject *
shared_frames(const struct named *named, PyObject *cache, uint32_t trail)
{
    PyObject *key = PyLong_FromUnsignedLong(trail);
    PyObject *frames = key != NULL ? PyDict_GetItemWithError(cache, key)
                                   : NULL;

    if (frames != NULL) {
        Py_INCREF(frames);
    }
    else if (key != NULL && !PyErr_Occurred()) {
        frames = pt_counters_frames(&named->grouping, &named->files, trail);
        if (frames != NULL && PyDict_SetItem(cache, key, frames) < 0) {
            Py_CLEAR(frames);
        }
    }
    Py_XDECREF(key);
    return frames;
}

static PyObject *
row_tuple(struct named *named, const struct pt_snapshot *snapshot,
          const uint32_t *file_of, PyObject *cache,
          const struct pt_snapshot_row *row)
{
    uint32_t trail =
        pt_grouping_trail(&named->grouping, snapshot, file_of, row->node);
    PyObject *frames;

    if (trail == 0) {
        PyErr_NoMemory();
        return NULL;
    }
    frames = shared_frames(named, cache, trail);
    if (frames == NULL) {
        return NULL;
    }
    if (row->total == PT_SNAPSHOT_NO_TOTAL) {
        return Py_BuildValue("IKNO", row->domain, row->size_bytes, frames,
                             Py_None);
    }
    return Py_BuildValue("IKNI", row->domain, row->size_bytes, frames,
                         row->total);
}

enum repeat {
    ONCE,
    EACH_BLOCK,
};

static PyObject *
fill_list(struct named *named, struct pt_counters *self,
          const uint32_t *file_of, enum repeat repeat)
{
    const struct pt_snapshot *snapshot = &self->snapshot;
    PyObject *list =
        PyList_New(repeat == ONCE ? (Py_ssize_t)snapshot->rows
                                  : PyObject_Size((PyObject *)self));
    PyObject *cache = PyDict_New();
    Py_ssize_t at = 0;

    for (uint32_t i = 0; list != NULL && i < snapshot->rows; i++) {
        const struct pt_snapshot_row *row = &snapshot->row[i];
        PyObject *item = cache != NULL
                             ? row_tuple(named, snapshot, file_of, cache, row)
                             : NULL;

        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        for (uint64_t k = 0; k < (repeat == ONCE ? 1 : row->count); k++) {
            PyList_SET_ITEM(list, at++, Py_NewRef(item));
        }
        Py_DECREF(item);
    }
    Py_XDECREF(cache);
    return list;
}

static PyObject *
list_rows(PyObject *object, enum repeat repeat)
{
    struct pt_counters *self = (struct pt_counters *)object;
    PyObject *list = NULL;
    struct named named;
    uint32_t *file_of;

    // What is made for looking at the figures is not part of them.
    pt_guard_enter();
    if (named_init(&named) == 0) {
        file_of = pt_counters_number_files(self, &named.files);
        if (file_of != NULL) {
            list = fill_list(&named, self, file_of, repeat);
            pt_rawmem_free(file_of);
        }
        named_release(&named);
    }
    pt_guard_leave();
    return list;
}

PyObject *
pt_counters_traces(PyObject *self, PyObject *unused)
{
    (void)unused;
    return list_rows(self, EACH_BLOCK);
}

PyObject *
pt_counters_rows(PyObject *self, PyObject *unused)
{
    (void)unused;
    return list_rows(self, ONCE);
}
