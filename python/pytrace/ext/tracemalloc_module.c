/* SPDX-License-Identifier: MIT */
/* tracemalloc_module.c - what CPython's _tracemalloc has, over our engine. */
#include "python/pytrace/ext/tracemalloc_module.h"

#include <limits.h>

#include "core/py/guard.h"
#include "core/py/objectblock.h"
#include "memtrace/foreign.h"
#include "python/pytrace/ext/tracemalloc_counters.h"
#include "python/pytrace/ext/tracemalloc_engine.h"

#define FRAMES_MAX 65535

static int limit = 1;

static PyObject *pair_frames(uint32_t pair);

PyDoc_STRVAR(start_doc, "start($module, nframe=1, /)\n--\n\n"
                        "Start tracing Python memory allocations.\n\n"
                        "Also set the maximum number of frames stored in the "
                        "traceback of a\ntrace to nframe.");

static PyObject *
start(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    long frames = 1;

    // Leaves nothing on a free list, as a tuple of arguments would: the first
    // block counted is the program's.
    (void)module;
    if (count > 1) {
        PyErr_Format(PyExc_TypeError,
                     "start expected at most 1 argument, got %zd", count);
        return NULL;
    }
    if (count == 1) {
        frames = PyLong_AsLong(args[0]);
        if (frames == -1 && PyErr_Occurred()) {
            return NULL;
        }
        if (frames < INT_MIN || frames > INT_MAX) {
            PyErr_SetString(PyExc_OverflowError,
                            "signed integer is greater than maximum");
            return NULL;
        }
    }
    if (frames < 1 || frames > FRAMES_MAX) {
        PyErr_Format(PyExc_ValueError,
                     "the number of frames must be in range [1; %i]",
                     FRAMES_MAX);
        return NULL;
    }
    if (pt_tracemalloc_pairs() == NULL) {
        if (pt_tracemalloc_start() < 0) {
            return NULL;
        }
        limit = (int)frames;
        pt_foreign_show(pair_frames);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(stop_doc,
             "stop($module, /)\n--\n\n"
             "Stop tracing Python memory allocations.\n\n"
             "Also clear traces of memory blocks allocated by Python.");

static PyObject *
stop(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    pt_foreign_show(NULL);
    pt_tracemalloc_stop();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(is_tracing_doc,
             "is_tracing($module, /)\n--\n\n"
             "Return True if the tracemalloc module is tracing Python memory "
             "allocations.");

static PyObject *
is_tracing(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyBool_FromLong(pt_tracemalloc_pairs() != NULL);
}

PyDoc_STRVAR(clear_traces_doc,
             "clear_traces($module, /)\n--\n\n"
             "Clear traces of memory blocks allocated by Python.");

static PyObject *
clear_traces(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (pt_tracemalloc_clear() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(get_traced_memory_doc,
             "get_traced_memory($module, /)\n--\n\n"
             "Get the current size and peak size of memory blocks traced by "
             "tracemalloc.\n\n"
             "Returns a tuple: (current: int, peak: int).");

static PyObject *
get_traced_memory(PyObject *module, PyObject *unused)
{
    const struct pt_pairs *pairs = pt_tracemalloc_pairs();
    struct pt_pairs_totals totals = {0, 0};

    (void)module, (void)unused;
    if (pairs != NULL) {
        totals = pt_pairs_totals(pairs);
    }
    return Py_BuildValue("nn", (Py_ssize_t)totals.current_bytes,
                         (Py_ssize_t)totals.peak_bytes);
}

PyDoc_STRVAR(reset_peak_doc,
             "reset_peak($module, /)\n--\n\n"
             "Set the peak size of memory blocks traced by tracemalloc to the "
             "current size.\n\n"
             "Do nothing if the tracemalloc module is not tracing memory "
             "allocations.");

static PyObject *
reset_peak(PyObject *module, PyObject *unused)
{
    struct pt_pairs *pairs = pt_tracemalloc_pairs();

    (void)module, (void)unused;
    if (pairs != NULL) {
        pt_pairs_reset_peak(pairs);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(get_traceback_limit_doc,
             "get_traceback_limit($module, /)\n--\n\n"
             "Get the maximum number of frames stored in the traceback of a "
             "trace.");

static PyObject *
get_traceback_limit(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromLong(limit);
}

PyDoc_STRVAR(get_tracemalloc_memory_doc,
             "get_tracemalloc_memory($module, /)\n--\n\n"
             "Get the memory usage in bytes of the tracemalloc module.");

static PyObject *
get_tracemalloc_memory(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromSize_t(pt_tracemalloc_memory());
}

static PyObject *
frame_of(const struct pt_timeline *timeline, const struct pt_node *node)
{
    const struct pt_code *code =
        pt_array_at(&timeline->array[PT_SEGMENT_CODE], node->code);
    const struct pt_source *source =
        pt_array_at(&timeline->array[PT_SEGMENT_FILE], code->source);
    const struct pt_text *path =
        pt_array_at(&timeline->array[PT_SEGMENT_TEXT], source->path);
    PyObject *name = PyUnicode_DecodeUTF8(path->data, (Py_ssize_t)path->bytes,
                                          "surrogateescape");

    return name != NULL ? Py_BuildValue("NI", name, node->line) : NULL;
}

/* The traceback of a pair, newest frame first. */
static PyObject *
pair_frames(uint32_t pair)
{
    const struct pt_pairs *pairs = pt_memtrace_pairs();
    const struct pt_timeline *timeline = pairs->timeline;
    const struct pt_array *nodes = &timeline->array[PT_SEGMENT_NODE];
    const struct pt_node *node =
        pt_array_at(nodes, pt_pairs_at(pairs, pair)->node);
    const struct pt_node *at = node;
    int count = 0;
    PyObject *frames;

    // A node without code ends what is known frame by frame.
    while (at->code != 0 && count < limit) {
        count++;
        at = pt_array_at(nodes, at->parent);
    }
    if (count == 0) {
        return Py_BuildValue("((si))", PT_SNAPSHOT_UNKNOWN, 0);
    }
    frames = PyTuple_New(count);
    for (int i = 0; frames != NULL && i < count; i++) {
        PyObject *frame = frame_of(timeline, node);

        if (frame == NULL) {
            Py_CLEAR(frames);
            break;
        }
        PyTuple_SET_ITEM(frames, i, frame);
        node = pt_array_at(nodes, node->parent);
    }
    return frames;
}

PyDoc_STRVAR(get_object_traceback_doc,
             "_get_object_traceback($module, obj, /)\n--\n\n"
             "Get the traceback where the Python object obj was "
             "allocated.\n\n"
             "Return a tuple of (filename: str, lineno: int) tuples.\n"
             "Return None if the tracemalloc module is disabled or did not "
             "trace the\nallocation of the object.");

static PyObject *
get_object_traceback(PyObject *module, PyObject *object)
{
    uint32_t pair = 0;

    (void)module;
    if (pt_tracemalloc_pairs() != NULL) {
        pair = pt_memtrace_find(0, pt_object_block(object));
    }
    if (pair == 0) {
        Py_RETURN_NONE;
    }
    return pair_frames(pair);
}

PyDoc_STRVAR(capture_doc, "_capture($module, /)\n--\n\n"
                          "Counters of all blocks traced now, or None when "
                          "not tracing.");

static PyObject *
capture(PyObject *module, PyObject *unused)
{
    const struct pt_pairs *pairs = pt_tracemalloc_pairs();
    struct pt_snapshot snapshot;
    PyObject *counters;

    (void)module, (void)unused;
    if (pairs == NULL) {
        Py_RETURN_NONE;
    }
    if (pt_snapshot_capture(&snapshot, pairs, (uint32_t)limit) != PT_OK) {
        return PyErr_NoMemory();
    }
    // What is made for looking at the figures is not part of them.
    pt_guard_enter();
    counters = pt_counters_take(&snapshot, NULL);
    pt_guard_leave();
    return counters;
}

PyDoc_STRVAR(get_traces_doc,
             "_get_traces($module, /)\n--\n\n"
             "Get traces of all memory blocks allocated by Python.\n\n"
             "Return a list of (domain: int, size: int, traceback: tuple, "
             "total frames: int)\ntuples. traceback is a tuple of "
             "(filename: str, lineno: int) tuples.\n\n"
             "Return an empty list if the tracemalloc module is disabled.");

static PyObject *
get_traces(PyObject *module, PyObject *unused)
{
    PyObject *counters = capture(module, unused), *traces;

    if (counters == NULL) {
        return NULL;
    }
    traces = counters == Py_None ? PyList_New(0)
                                 : pt_counters_traces(counters, NULL);
    Py_DECREF(counters);
    return traces;
}

PyDoc_STRVAR(prepare_doc, "_prepare($module, /)\n--\n\n"
                          "Do what start() would have to do the first time.");

static PyObject *
prepare(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    if (pt_foreign_prepare() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"start", (PyCFunction)(void (*)(void))start, METH_FASTCALL, start_doc},
    {"stop", stop, METH_NOARGS, stop_doc},
    {"is_tracing", is_tracing, METH_NOARGS, is_tracing_doc},
    {"clear_traces", clear_traces, METH_NOARGS, clear_traces_doc},
    {"get_traced_memory", get_traced_memory, METH_NOARGS,
     get_traced_memory_doc},
    {"reset_peak", reset_peak, METH_NOARGS, reset_peak_doc},
    {"get_traceback_limit", get_traceback_limit, METH_NOARGS,
     get_traceback_limit_doc},
    {"get_tracemalloc_memory", get_tracemalloc_memory, METH_NOARGS,
     get_tracemalloc_memory_doc},
    {"_get_object_traceback", get_object_traceback, METH_O,
     get_object_traceback_doc},
    {"_get_traces", get_traces, METH_NOARGS, get_traces_doc},
    {"_prepare", prepare, METH_NOARGS, prepare_doc},
    {"_capture", capture, METH_NOARGS, capture_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pytrace._tracemalloc",
    .m_doc = "Debug module to trace memory blocks allocated by Python.",
    .m_size = -1,
    .m_methods = methods,
};

int
pt_tracemalloc_add(PyObject *module)
{
    PyObject *functions = PyModule_Create(&definition);

    if (functions == NULL || pt_counters_add_type(functions) < 0 ||
        PyModule_AddObjectRef(module, "tracemalloc", functions) < 0) {
        Py_XDECREF(functions);
        return -1;
    }
    Py_DECREF(functions);
    return 0;
}
