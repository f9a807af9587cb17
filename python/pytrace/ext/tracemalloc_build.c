/* SPDX-License-Identifier: MIT */
/* tracemalloc_build.c - Counters from a list of traces, and from a file. */
#include <string.h>

#include "python/pytrace/ext/tracemalloc_counters.h"

#include "core/base/rawmem.h"

/* A snapshot under construction. */
struct builder {
    struct pt_snapshot snapshot;
    uint32_t node_room;
    struct pt_roster files;
    PyObject *tracebacks;  // tuple of frames to its node
};

static int
builder_init(struct builder *builder, Py_ssize_t rows)
{
    PyObject *unknown;
    int64_t number = -1;

    *builder = (struct builder){.node_room = 64};
    if (rows > INT32_MAX ||
        pt_snapshot_init(&builder->snapshot, builder->node_room,
                         (uint32_t)rows) != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    builder->snapshot.nodes = 1;
    builder->tracebacks = PyDict_New();
    unknown = PyUnicode_FromString(PT_SNAPSHOT_UNKNOWN);
    if (pt_roster_init(&builder->files) == 0 && unknown != NULL) {
        number = pt_roster_number(&builder->files, unknown);
    }
    Py_XDECREF(unknown);
    return number == 0 && builder->tracebacks != NULL ? 0 : -1;
}

static void
builder_release(struct builder *builder)
{
    pt_snapshot_release(&builder->snapshot);
    pt_roster_release(&builder->files);
    Py_CLEAR(builder->tracebacks);
}

static int
reserve_node(struct builder *builder)
{
    struct pt_snapshot_node *node;

    if (builder->snapshot.nodes < builder->node_room) {
        return 0;
    }
    if (builder->node_room > UINT32_MAX / 2) {
        PyErr_NoMemory();
        return -1;
    }
    node = pt_rawmem_resize(builder->snapshot.node,
                            (size_t)builder->node_room * 2, sizeof(*node));
    if (node == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    builder->snapshot.node = node;
    builder->node_room *= 2;
    return 0;
}

/* A new node for one frame under `parent`, or 0 with an exception. */
static uint32_t
add_node(struct builder *builder, uint32_t parent, PyObject *frame)
{
    struct pt_snapshot *snapshot = &builder->snapshot;
    PyObject *name;
    int64_t file;
    unsigned int line;

    if (!PyTuple_Check(frame) || PyTuple_GET_SIZE(frame) != 2) {
        PyErr_SetString(PyExc_TypeError,
                        "a frame must be a tuple (filename, lineno)");
        return 0;
    }
    if (!PyArg_ParseTuple(frame, "UI", &name, &line)) {
        return 0;
    }
    file = pt_roster_number(&builder->files, name);
    if (file < 0 || reserve_node(builder) < 0) {
        return 0;
    }
    snapshot->node[snapshot->nodes] = (struct pt_snapshot_node){
        .parent = parent,
        .file = (uint32_t)file,
        .line = line,
        .depth = snapshot->node[parent].depth + 1,
    };
    return snapshot->nodes++;
}

/* The node of a traceback, newest frame first. -1: exception. */
static Py_ssize_t
traceback_node(struct builder *builder, PyObject *frames)
{
    PyObject *number = PyDict_GetItemWithError(builder->tracebacks, frames);
    uint32_t node = 0;

    if (number != NULL) {
        return PyLong_AsSsize_t(number);
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    for (Py_ssize_t i = PyTuple_GET_SIZE(frames) - 1; i >= 0; i--) {
        node = add_node(builder, node, PyTuple_GET_ITEM(frames, i));
        if (node == 0) {
            return -1;
        }
    }
    number = PyLong_FromUnsignedLong(node);
    if (number == NULL ||
        PyDict_SetItem(builder->tracebacks, frames, number) < 0) {
        Py_XDECREF(number);
        return -1;
    }
    Py_DECREF(number);
    return (Py_ssize_t)node;
}

static int
add_trace(struct builder *builder, PyObject *trace)
{
    struct pt_snapshot *snapshot = &builder->snapshot;
    unsigned long long bytes;
    PyObject *frames, *total = Py_None;
    unsigned int domain;
    Py_ssize_t node;

    if (!PyTuple_Check(trace)) {
        PyErr_SetString(PyExc_TypeError, "a trace must be a tuple (domain, "
                                         "size, frames, total frames)");
        return -1;
    }
    if (!PyArg_ParseTuple(trace, "IKO!|O;a trace", &domain, &bytes,
                          &PyTuple_Type, &frames, &total)) {
        return -1;
    }
    node = traceback_node(builder, frames);
    if (node < 0) {
        return -1;
    }
    snapshot->row[snapshot->rows++] = (struct pt_snapshot_row){
        .size_bytes = bytes,
        .count = 1,
        .node = (uint32_t)node,
        .domain = domain,
        .total = total != Py_None ? (uint32_t)PyLong_AsUnsignedLongMask(total)
                                  : PT_SNAPSHOT_NO_TOTAL,
    };
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *
finish(struct builder *builder)
{
    struct pt_snapshot snapshot = builder->snapshot;
    PyObject *files = Py_NewRef(builder->files.list);

    builder->snapshot = (struct pt_snapshot){0};
    builder_release(builder);
    snapshot.files = (uint32_t)PyList_GET_SIZE(files);
    return pt_counters_take(&snapshot, files);
}

PyObject *
pt_counters_from_traces(PyObject *type, PyObject *traces)
{
    // A list may grow while its numbers are asked for their value.
    PyObject *fixed = PySequence_Tuple(traces);
    struct builder builder;
    int failed;

    (void)type;
    if (fixed == NULL) {
        return NULL;
    }
    failed = builder_init(&builder, PyTuple_GET_SIZE(fixed)) < 0;
    for (Py_ssize_t i = 0; !failed && i < PyTuple_GET_SIZE(fixed); i++) {
        failed = add_trace(&builder, PyTuple_GET_ITEM(fixed, i)) < 0;
    }
    Py_DECREF(fixed);
    if (failed) {
        builder_release(&builder);
        return NULL;
    }
    return finish(&builder);
}

PyObject *
pt_counters_pack(PyObject *object, PyObject *unused)
{
    struct pt_counters *self = (struct pt_counters *)object;
    const struct pt_snapshot *snapshot = &self->snapshot;
    PyObject *files = pt_counters_files(self);

    (void)unused;
    if (files == NULL) {
        return NULL;
    }
    return Py_BuildValue(
        "IOy#y#", snapshot->limit, files, (const char *)snapshot->node,
        (Py_ssize_t)(snapshot->nodes * sizeof(*snapshot->node)),
        (const char *)snapshot->row,
        (Py_ssize_t)(snapshot->rows * sizeof(*snapshot->row)));
}

static int
are_names(PyObject *files)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(files); i++) {
        if (!PyUnicode_Check(PyList_GET_ITEM(files, i))) {
            return 0;
        }
    }
    return PyList_GET_SIZE(files) < UINT32_MAX;
}

/* Whatever the file says, node and row indices are right after this. */
PyObject *
pt_counters_unpack(PyObject *type, PyObject *args)
{
    struct pt_snapshot snapshot;
    Py_buffer nodes, rows;
    PyObject *files, *result = NULL;
    unsigned int limit;

    (void)type;
    if (!PyArg_ParseTuple(args, "IO!y*y*:unpack", &limit, &PyList_Type, &files,
                          &nodes, &rows)) {
        return NULL;
    }
    if (nodes.len % (Py_ssize_t)sizeof(*snapshot.node) != 0 ||
        rows.len % (Py_ssize_t)sizeof(*snapshot.row) != 0 ||
        nodes.len > UINT32_MAX || rows.len > UINT32_MAX || !are_names(files)) {
        PyErr_SetString(PyExc_ValueError, "the snapshot is damaged");
    }
    else if (pt_snapshot_init(
                 &snapshot, (uint32_t)nodes.len / sizeof(*snapshot.node),
                 (uint32_t)rows.len / sizeof(*snapshot.row)) != PT_OK) {
        PyErr_NoMemory();
    }
    else {
        snapshot.limit = limit;
        snapshot.nodes = (uint32_t)nodes.len / sizeof(*snapshot.node);
        snapshot.rows = (uint32_t)rows.len / sizeof(*snapshot.row);
        snapshot.files = (uint32_t)PyList_GET_SIZE(files);
        memcpy(snapshot.node, nodes.buf, (size_t)nodes.len);
        memcpy(snapshot.row, rows.buf, (size_t)rows.len);
        if (pt_snapshot_is_sound(&snapshot)) {
            result = pt_counters_take(&snapshot, Py_NewRef(files));
        }
        else {
            pt_snapshot_release(&snapshot);
            PyErr_SetString(PyExc_ValueError, "the snapshot is damaged");
        }
    }
    PyBuffer_Release(&nodes);
    PyBuffer_Release(&rows);
    return result;
}
