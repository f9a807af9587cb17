/* SPDX-License-Identifier: MIT */
/* landmarks.c - see landmarks.h. */
#include "python/pytrace/ext/landmarks.h"

#include "core/py/thread.h"

// A page for each stream: a large one where there are many events.
#define FEW_BYTES (16u << 10)
#define MANY_BYTES (64u << 10)
#define EVENTS_WANTED \
  (PT_WANT_CALL_EVENTS | PT_WANT_LINE_EVENTS | PT_WANT_ALLOC_EVENTS)

static struct pt_stream *stream;
static PyObject *generation_key, *collected_key, *uncollectable_key;

static void
note(enum pt_event_other other)
{
    pt_stream_note(stream, other, NULL, 0);
}

static void
on_thread_start(void)
{
    // Whoever has no number yet is announced by being made ready.
    (void)pt_stream_is_ready(stream);
}

static void
on_thread_stop(void)
{
    note(PT_OTHER_THREAD_STOP);
}

static const struct pt_thread_watcher watcher = {on_thread_start,
                                                 on_thread_stop};

static uint64_t
number_of(PyObject *info, PyObject *key)
{
    PyObject *value = PyDict_GetItemWithError(info, key);
    long long number =
        value != NULL && PyLong_Check(value) ? PyLong_AsLongLong(value) : 0;

    PyErr_Clear();
    return number > 0 ? (uint64_t)number : 0;
}

/* callback(phase, info): "start" or "stop". */
static PyObject *
on_collection(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    uint64_t number[3];
    int is_start;

    (void)self;
    if (nargs != 2 || !PyUnicode_Check(args[0]) || !PyDict_Check(args[1])) {
        Py_RETURN_NONE;
    }
    is_start = PyUnicode_GET_LENGTH(args[0]) == 5;
    number[0] = number_of(args[1], generation_key);
    number[1] = number_of(args[1], collected_key);
    number[2] = number_of(args[1], uncollectable_key);
    pt_stream_note_numbers(stream,
                           is_start ? PT_OTHER_GC_START : PT_OTHER_GC_STOP,
                           number, is_start ? 1 : 3, NULL, 0);
    Py_RETURN_NONE;
}

static PyMethodDef collection_def = {
    "note_collection", (PyCFunction)(void (*)(void))on_collection,
    METH_FASTCALL, NULL};

static int
make_keys(void)
{
    generation_key = PyUnicode_InternFromString("generation");
    collected_key = PyUnicode_InternFromString("collected");
    uncollectable_key = PyUnicode_InternFromString("uncollectable");
    return generation_key != NULL && collected_key != NULL &&
                   uncollectable_key != NULL
               ? 0
               : -1;
}

/* The module may not be seen to have been imported. */
static PyObject *
import_gc(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    int is_new = PyDict_GetItemString(modules, "gc") == NULL;
    PyObject *module = PyImport_ImportModule("gc");

    if (module != NULL && is_new && PyDict_DelItemString(modules, "gc") < 0) {
        Py_CLEAR(module);
    }
    return module;
}

static int
watch_collections(void)
{
    PyObject *module = import_gc();
    PyObject *callbacks =
        module != NULL ? PyObject_GetAttrString(module, "callbacks") : NULL;
    PyObject *callback =
        callbacks != NULL ? PyCFunction_New(&collection_def, NULL) : NULL;
    int result = -1;

    if (callback != NULL && make_keys() == 0) {
        result = PyList_Append(callbacks, callback);
    }
    Py_XDECREF(callback);
    Py_XDECREF(callbacks);
    Py_XDECREF(module);
    return result;
}

int
pt_landmarks_start(struct pt_timeline *timeline)
{
    const struct pt_header *header = timeline->header;
    uint32_t wanted = header->wanted;
    size_t bytes = wanted & EVENTS_WANTED ? MANY_BYTES : FEW_BYTES;
    int code = pt_stream_open(timeline, PT_STREAM_GIL, bytes);

    stream = &timeline->stream[PT_STREAM_GIL];
    if (code == PT_OK && wanted & PT_WANT_ALLOC_EVENTS) {
        code = pt_stream_open(timeline, PT_STREAM_FREE, FEW_BYTES);
    }
    if (code != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    if (header->ring_bytes != 0 || header->last_ns != 0) {
        pt_seal_make_ring(&timeline->events, header->ring_bytes,
                          header->last_ns);
    }
    note(PT_OTHER_START);
    return 0;
}

int
pt_landmarks_watch(uint32_t wanted)
{
    if (pt_thread_watch(&watcher) < 0) {
        return -1;
    }
    return (wanted & PT_WANT_MEM) == 0 || wanted & EVENTS_WANTED
               ? watch_collections()
               : 0;
}

void
pt_landmarks_stop(void)
{
    note(PT_OTHER_STOP);
}

/* A library may fork() without the GIL; then nobody may write. */
static int
holds_gil(void)
{
    const PyThreadState *attached = pt_thread_attached();

    return attached != NULL && attached == PyGILState_GetThisThreadState() &&
           attached->interp == PyInterpreterState_Main();
}

void
pt_landmarks_after_fork_parent(void)
{
    if (holds_gil()) {
        note(PT_OTHER_FORK);
    }
}

void
pt_landmarks_after_fork_child(void)
{
    if (holds_gil()) {
        note(PT_OTHER_START);
    }
}
