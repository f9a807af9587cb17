/* SPDX-License-Identifier: MIT */
/* trace_tracer.c - the Tracer as a Python object: its life and its figures. */
#include "python/pytrace/ext/trace_tracer.h"

#include "core/py/frame.h"

static PyObject *
or_null(PyObject *object)
{
    return object == Py_None ? NULL : Py_NewRef(object);
}

static int
fill(struct pt_tracer *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {
        "ignore",     "count",           "functions",  "callers",
        "calls",      "linecache",       "gaps",       "returns",
        "start_time", "ignore_function", "start_func", "finish_func",
        "digits",     "names",           "colors",     NULL};
    PyObject *ignore, *linecache, *gap, *gap_at_end;
    PyObject *wants_frame, *on_start, *on_finish;
    struct pt_trace_look *look = &self->show.look;

    look->digits = 2;
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "O$ppppO(UU)pdOOOipp:Tracer", keywords, &ignore,
            &self->counts_lines, &self->counts_functions,
            &self->counts_callers, &self->counts_calls, &linecache, &gap,
            &gap_at_end, &self->shows_returns, &self->show.start, &wants_frame,
            &on_start, &on_finish, &look->digits, &look->names,
            &look->has_colors)) {
        return -1;
    }
    self->ignore = Py_NewRef(ignore);
    self->show.linecache = or_null(linecache);
    self->show.gap = Py_NewRef(gap);
    self->show.gap_at_end = Py_NewRef(gap_at_end);
    self->wants_frame = or_null(wants_frame);
    self->on_start = or_null(on_start);
    self->on_finish = or_null(on_finish);
    self->has_hooks = self->on_start != NULL || self->on_finish != NULL;
    self->modules = PyDict_New();
    self->show.cache_name = PyUnicode_InternFromString("cache");
    if (self->modules == NULL || self->show.cache_name == NULL ||
        pt_trace_names_init(&self->names) < 0) {
        return -1;
    }
    if (pt_tally_init(&self->lines) < 0 ||
        pt_tally_init(&self->functions) < 0 ||
        pt_tally_init(&self->callers) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static PyObject *
new_tracer(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *self = type->tp_alloc(type, 0);

    if (self != NULL && fill((struct pt_tracer *)self, args, kwargs) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

static int
traverse(PyObject *object, visitproc visit, void *arg)
{
    struct pt_tracer *self = (struct pt_tracer *)object;
    int result = pt_trace_names_traverse(&self->names, visit, arg);

    if (result == 0) {
        result = pt_trace_show_traverse(&self->show, visit, arg);
    }
    if (result != 0) {
        return result;
    }
    Py_VISIT(self->ignore);
    Py_VISIT(self->modules);
    Py_VISIT(self->wants_frame);
    Py_VISIT(self->on_start);
    Py_VISIT(self->on_finish);
    Py_VISIT(Py_TYPE(object));
    return 0;
}

/* Only what the user gave can close a cycle; the rest is needed as long as an
 * event may come. */
static int
clear(PyObject *object)
{
    struct pt_tracer *self = (struct pt_tracer *)object;

    Py_CLEAR(self->wants_frame);
    Py_CLEAR(self->on_start);
    Py_CLEAR(self->on_finish);
    return 0;
}

static void
dealloc(PyObject *object)
{
    struct pt_tracer *self = (struct pt_tracer *)object;
    PyTypeObject *type = Py_TYPE(object);

    PyObject_GC_UnTrack(object);
    clear(object);
    Py_CLEAR(self->ignore);
    Py_CLEAR(self->modules);
    pt_trace_names_release(&self->names);
    pt_trace_show_release(&self->show);
    pt_tally_release(&self->lines);
    pt_tally_release(&self->functions);
    pt_tally_release(&self->callers);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *
counts(PyObject *object, PyObject *unused)
{
    struct pt_tracer *self = (struct pt_tracer *)object;
    PyObject *dict = PyDict_New();

    (void)unused;
    for (uint32_t i = 1; dict != NULL && i < self->lines.used; i++) {
        struct pt_tally_entry entry = self->lines.entry[i];
        PyObject *file = pt_roster_name(&self->names.files, entry.key >> 32);

        if (pt_put_count(dict, Py_BuildValue("OI", file, (unsigned)entry.key),
                         entry.count) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

static PyObject *
called(PyObject *object, PyObject *unused)
{
    struct pt_tracer *self = (struct pt_tracer *)object;
    PyObject *dict = PyDict_New();

    (void)unused;
    for (uint32_t i = 1; dict != NULL && i < self->functions.used; i++) {
        struct pt_tally_entry entry = self->functions.entry[i];
        PyObject *name = pt_roster_name(&self->names.functions, entry.key);

        if (pt_put_count(dict, Py_NewRef(name),
                         self->counts_calls ? entry.count : 1) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

static PyObject *
callers(PyObject *object, PyObject *unused)
{
    struct pt_tracer *self = (struct pt_tracer *)object;
    const struct pt_roster *functions = &self->names.functions;
    PyObject *dict = PyDict_New();

    (void)unused;
    for (uint32_t i = 1; dict != NULL && i < self->callers.used; i++) {
        uint64_t key = self->callers.entry[i].key;

        if (pt_put_count(
                dict,
                PyTuple_Pack(2, pt_roster_name(functions, key >> 32),
                             pt_roster_name(functions, key & UINT32_MAX)),
                1) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

static PyObject *
name_of(PyObject *object, PyObject *frame)
{
    struct pt_tracer *self = (struct pt_tracer *)object;
    struct pt_trace_place *place;
    PyCodeObject *code;

    if (!PyFrame_Check(frame)) {
        PyErr_SetString(PyExc_TypeError, "name_of() takes a frame");
        return NULL;
    }
    code = pt_frame_code(((struct pt_frame_object *)frame)->frame);
    place = pt_trace_place(&self->names, code);
    if (place == NULL ||
        pt_trace_name_function(&self->names, code, place) < 0) {
        return NULL;
    }
    return Py_NewRef(pt_roster_name(&self->names.functions, place->function));
}

static PyObject *
dropped(PyObject *object, PyObject *unused)
{
    const struct pt_tracer *self = (struct pt_tracer *)object;

    (void)unused;
    return PyLong_FromUnsignedLongLong(
        self->lines.dropped + self->functions.dropped + self->callers.dropped);
}

/* flush(): hand over what was not printed yet. */
static PyObject *
flush(PyObject *object, PyObject *unused)
{
    struct pt_tracer *self = (struct pt_tracer *)object;

    (void)unused;
    if (pt_outlet_settle(&self->show.outlet) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"flush", flush, METH_NOARGS,
     "Hand the lines that wait to what sys.stdout was."},
    {"counts", counts, METH_NOARGS, "{(file, line): hits}"},
    {"calledfuncs", called, METH_NOARGS,
     "{(file, module, function): 1, or the number of calls}"},
    {"callers", callers, METH_NOARGS,
     "{(calling function, called function): 1}"},
    {"name_of", name_of, METH_O, "(file, module, function) of a frame"},
    {"dropped", dropped, METH_NOARGS,
     "Number of events for which there was no memory."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, new_tracer},
    {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
    {Py_tp_call, pt_tracer_call},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A trace function in C (see pytrace.trace)."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "pytrace._pytrace.Tracer",
    .basicsize = sizeof(struct pt_tracer),
    .flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
pt_tracer_add_type(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    int result = -1;

    if (type != NULL) {
        result = PyModule_AddObjectRef(module, "Tracer", type);
        Py_DECREF(type);
    }
    return result;
}
