/* SPDX-License-Identifier: MIT */
/* tracer_object.c - the Tracer as a Python object: its life. */
#include "python/pytrace/ext/tracer_object.h"

#include "core/base/rawmem.h"
#include "core/py/thread.h"

PyObject *pt_tracing_type;

static PyObject *
or_null(PyObject *object)
{
    return object == Py_None ? NULL : Py_NewRef(object);
}

/* The kinds of events of a sequence of names, or of their bits in a number; ~0
 * with an exception. */
static uint32_t
kinds_of(PyObject *names)
{
    static const struct {
        const char *name;
        uint32_t kinds;
    } known[] = {
        {"call", PT_FEED_CALLS},
        {"line", PT_FEED_BIT(PT_FEED_LINE)},
        {"return", PT_FEED_RETURNS},
        {"exception", PT_FEED_BIT(PT_FEED_EXCEPTION)},
        {"opcode", PT_FEED_BIT(PT_FEED_OPCODE)},
    };
    PyObject *list;
    uint32_t kinds;

    if (PyLong_Check(names)) {
        return (uint32_t)PyLong_AsUnsignedLong(names);
    }
    list = PySequence_Fast(names, "events is a sequence of names");
    kinds = list != NULL ? 0 : UINT32_MAX;
    for (Py_ssize_t i = 0; list != NULL && i < PySequence_Fast_GET_SIZE(list);
         i++) {
        PyObject *name = PySequence_Fast_GET_ITEM(list, i);
        uint32_t found = 0;

        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
            if (PyUnicode_Check(name) &&
                PyUnicode_CompareWithASCIIString(name, known[k].name) == 0) {
                found = known[k].kinds;
            }
        }
        if (found == 0) {
            PyErr_Format(PyExc_ValueError,
                         "there is no event %R; choose from 'call', 'line', "
                         "'return', 'exception' and 'opcode'",
                         name);
            kinds = UINT32_MAX;
            break;
        }
        kinds |= found;
    }
    Py_XDECREF(list);
    return kinds;
}

static int
take_filter(struct pt_tracing *self, PyObject *const patterns[9])
{
    struct pt_tracer_filter *filter = &self->filter;
    struct pt_buf *places[9] = {
        &filter->include[PT_TRACER_FILES],
        &filter->omit[PT_TRACER_FILES],
        &filter->include[PT_TRACER_MODULES],
        &filter->omit[PT_TRACER_MODULES],
        &filter->include[PT_TRACER_FUNCTIONS],
        &filter->omit[PT_TRACER_FUNCTIONS],
        &filter->threads,
        &filter->libraries,
        &filter->tool,
    };

    for (int i = 0; i < 9; i++) {
        if (pt_tracer_patterns_take(places[i], patterns[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What the feed has to deliver. */
static uint32_t
wanted_kinds(const struct pt_tracing *self)
{
    uint32_t wanted = self->called_for | self->shown;

    if (self->counts_calls) {
        wanted |= PT_FEED_BIT(PT_FEED_CALL);
    }
    if (self->takes_times) {
        wanted |= PT_FEED_CALLS | PT_FEED_RETURNS | PT_FEED_BIT(PT_FEED_LINE);
    }
    return wanted;
}

static int
make_figures(struct pt_tracing *self)
{
    // Number 0 is who calls from outside.
    if (pt_roster_init(&self->functions) < 0 ||
        pt_roster_init(&self->files) < 0 ||
        pt_roster_number(&self->functions, Py_None) < 0) {
        return -1;
    }
    if (pt_tally_init(&self->calls) < 0 || pt_tally_init(&self->hits) < 0 ||
        pt_tally_init(&self->times_ns) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static int
fill(struct pt_tracing *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {
        "callback",       "events",  "shown",     "output",       "linecache",
        "values",         "places",  "size",      "callgraph",    "times",
        "include",        "omit",    "modules",   "omit_modules", "functions",
        "omit_functions", "threads", "libraries", "tool",         "everything",
        "only_starter",   "depth",   "results",   "as_counted",   NULL};
    PyObject *callback, *events, *shown, *output, *linecache, *pattern[9];
    int values, results;
    Py_ssize_t size;

    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "$OOOOOppnppOOOOOOOOOppIpp:Tracer", keywords,
            &callback, &events, &shown, &output, &linecache, &values,
            &self->style.shows_places, &size, &self->counts_calls,
            &self->takes_times, &pattern[0], &pattern[1], &pattern[2],
            &pattern[3], &pattern[4], &pattern[5], &pattern[6], &pattern[7],
            &pattern[8], &self->filter.takes_all, &self->only_starter,
            &self->feed.depth_most, &results, &self->filter.as_counted)) {
        return -1;
    }
    self->style.shows_arguments = values;
    self->style.shows_results = results;
    self->callback = or_null(callback);
    self->output = or_null(output);
    self->linecache = or_null(linecache);
    self->style.limits.bytes = (size_t)size;
    self->called_for = kinds_of(events);
    self->shown = self->called_for != UINT32_MAX ? kinds_of(shown) : 0;
    if (self->called_for == UINT32_MAX || self->shown == UINT32_MAX) {
        return -1;
    }
    if (take_filter(self, pattern) < 0 || make_figures(self) < 0) {
        return -1;
    }
    return pt_feed_init(&self->feed, &pt_tracing_client, wanted_kinds(self),
                        self->feed.depth_most, (PyObject *)self);
}

static PyObject *
new_tracing(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *self = type->tp_alloc(type, 0);

    if (self != NULL && fill((struct pt_tracing *)self, args, kwargs) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

static int
traverse(PyObject *object, visitproc visit, void *arg)
{
    struct pt_tracing *self = (struct pt_tracing *)object;

    Py_VISIT(self->callback);
    Py_VISIT(self->failure);
    Py_VISIT(self->output);
    Py_VISIT(self->linecache);
    Py_VISIT(Py_TYPE(object));
    return 0;
}

/* A tracer that runs is held by its feed, so this one does not. */
static int
clear(PyObject *object)
{
    struct pt_tracing *self = (struct pt_tracing *)object;

    Py_CLEAR(self->callback);
    Py_CLEAR(self->failure);
    Py_CLEAR(self->output);
    Py_CLEAR(self->linecache);
    return 0;
}

static void
dealloc(PyObject *object)
{
    struct pt_tracing *self = (struct pt_tracing *)object;
    PyTypeObject *type = Py_TYPE(object);

    PyObject_GC_UnTrack(object);
    pt_feed_release(&self->feed);
    clear(object);
    pt_tracer_filter_release(&self->filter);
    pt_tally_release(&self->calls);
    pt_tally_release(&self->hits);
    pt_tally_release(&self->times_ns);
    pt_roster_release(&self->functions);
    pt_roster_release(&self->files);
    pt_rawmem_free(self->file_of);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *
start(PyObject *object, PyObject *unused)
{
    struct pt_tracing *self = (struct pt_tracing *)object;

    (void)unused;
    if (self->entered++ == 0) {
        self->starter = pt_thread_attached()->id;
        Py_CLEAR(self->failure);
        if (pt_feed_start(&self->feed) < 0) {
            self->entered = 0;
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
stop(PyObject *object, PyObject *unused)
{
    struct pt_tracing *self = (struct pt_tracing *)object;
    PyObject *failure = NULL;

    (void)unused;
    if (self->entered > 0 && --self->entered == 0) {
        pt_feed_stop(&self->feed);
        failure = self->failure;
        self->failure = NULL;
    }
    return failure != NULL ? failure : Py_NewRef(Py_None);
}

static PyObject *
get_running(PyObject *object, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((struct pt_tracing *)object)->feed.is_running);
}

static PyObject *
get_pushed_out(PyObject *object, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((struct pt_tracing *)object)->feed.was_pushed_out);
}

static PyObject *
get_dropped(PyObject *object, void *unused)
{
    struct pt_tracing *self = (struct pt_tracing *)object;

    (void)unused;
    return PyLong_FromUnsignedLongLong(
        self->feed.dropped + self->calls.dropped + self->hits.dropped +
        self->times_ns.dropped);
}

static PyMethodDef methods[] = {
    {"_start", start, METH_NOARGS, "Begin, or note that it goes on."},
    {"_stop", stop, METH_NOARGS,
     "End what was begun; the exception of the callback, or None."},
    {"_calls", pt_tracing_calls, METH_NOARGS, "{(caller, callee): calls}"},
    {"_lines", pt_tracing_lines, METH_NOARGS,
     "{(file, line): [hits, nanoseconds]}"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"running", get_running, NULL, "True while events are delivered.", NULL},
    {"interrupted", get_pushed_out, NULL,
     "True if the program took the trace function away (3.11).", NULL},
    {"dropped", get_dropped, NULL,
     "How much was not counted for want of memory.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, new_tracing},
    {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc, "What pytrace.Tracer is made of."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "pytrace._pytrace.tracer.Tracing",
    .basicsize = sizeof(struct pt_tracing),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

int
pt_tracing_add_type(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    int result = -1;

    pt_tracing_type = type;

    if (type != NULL) {
        result = PyModule_AddObjectRef(module, "Tracing", type);
        Py_DECREF(type);
    }
    return result;
}
