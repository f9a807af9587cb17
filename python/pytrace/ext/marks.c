/* SPDX-License-Identifier: MIT */
/* marks.c - marks and spans on the timeline of the run, if there is one.
 *
 * Without a run, and in a sub-interpreter, whose GIL is another, they check
 * their arguments and do nothing else.
 */
#include "python/pytrace/ext/marks.h"

#include <structmember.h>

#include <stddef.h>

#include "core/py/codeinfo.h"
#include "python/pytrace/ext/session.h"

#define LABEL_BYTES_MAX 1024u

typedef struct {
    PyObject_HEAD PyObject *label;
    uint64_t number;  // while it is entered, else 0
} span_object;

static PyTypeObject span_type;

/* Entered so far, in this process and in those it was forked from. */
static uint64_t spans;

static struct pt_stream *
stream_of_run(void)
{
    struct pt_timeline *timeline = pt_session_timeline();

    if (timeline == NULL ||
        PyInterpreterState_Get() != PyInterpreterState_Main()) {
        return NULL;
    }
    return &timeline->stream[PT_STREAM_GIL];
}

static int
check_label(PyObject *label, const char *name)
{
    if (!PyUnicode_Check(label)) {
        PyErr_Format(PyExc_TypeError, "%s() needs a str as label, not %.200s",
                     name, Py_TYPE(label)->tp_name);
        return -1;
    }
    return 0;
}

static void
note(enum pt_event_other other, uint64_t number, PyObject *label)
{
    struct pt_stream *stream = stream_of_run();
    char text[LABEL_BYTES_MAX];
    size_t bytes;

    if (stream == NULL) {
        return;
    }
    bytes = label != NULL ? pt_code_text(label, text, sizeof(text)) : 0;
    pt_stream_note_numbers(stream, other, &number, number != 0, text, bytes);
}

PyDoc_STRVAR(
    mark_doc,
    "mark($module, label, /)\n--\n\n"
    "Put a mark on the timeline of the recording: \"here it was\".\n\n"
    "The label is cut at 1 KiB. Does nothing when the program does not\n"
    "run under pytrace.");

static PyObject *
mark(PyObject *module, PyObject *label)
{
    (void)module;
    if (check_label(label, "mark") < 0) {
        return NULL;
    }
    note(PT_OTHER_MARK, 0, label);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"mark", mark, METH_O, mark_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(
    span_doc,
    "span(label, /)\n--\n\n"
    "A stretch of the timeline of the recording:\n\n"
    "    with pytrace.span('request'):\n"
    "        ...\n\n"
    "It may be used again when it has ended, and spans may nest. The label\n"
    "is cut at 1 KiB. Does nothing when the program does not run under\n"
    "pytrace.");

static PyObject *
span_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *label;
    span_object *span;

    if (names != NULL && PyDict_GET_SIZE(names) != 0) {
        PyErr_SetString(PyExc_TypeError, "span() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O:span", &label) ||
        check_label(label, "span") < 0) {
        return NULL;
    }
    span = (span_object *)type->tp_alloc(type, 0);
    if (span != NULL) {
        span->label = Py_NewRef(label);
    }
    return (PyObject *)span;
}

static void
span_dealloc(PyObject *self)
{
    Py_CLEAR(((span_object *)self)->label);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *
span_enter(PyObject *self, PyObject *unused)
{
    span_object *span = (span_object *)self;

    (void)unused;
    if (span->number != 0) {
        PyErr_Format(PyExc_RuntimeError,
                     "span %R is entered already; make another one",
                     span->label);
        return NULL;
    }
    span->number = ++spans;
    note(PT_OTHER_SPAN_BEGIN, span->number, span->label);
    return Py_NewRef(self);
}

static PyObject *
span_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    span_object *span = (span_object *)self;

    (void)args, (void)nargs;
    if (span->number != 0) {
        note(PT_OTHER_SPAN_END, span->number, NULL);
        span->number = 0;
    }
    Py_RETURN_NONE;
}

static PyMethodDef span_methods[] = {
    {"__enter__", span_enter, METH_NOARGS, "Begin the span; returns it."},
    {"__exit__", (PyCFunction)(void (*)(void))span_exit, METH_FASTCALL,
     "End the span; exceptions pass."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef span_members[] = {
    {"label", T_OBJECT, offsetof(span_object, label), READONLY,
     "what the span is called"},
    {NULL, 0, 0, 0, NULL},
};

static PyTypeObject span_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace.span",
    .tp_basicsize = sizeof(span_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = span_doc,
    .tp_new = span_new,
    .tp_dealloc = span_dealloc,
    .tp_methods = span_methods,
    .tp_members = span_members,
};

int
pt_marks_add(PyObject *module)
{
    if (PyModule_AddFunctions(module, functions) < 0) {
        return -1;
    }
    return PyModule_AddType(module, &span_type);
}
