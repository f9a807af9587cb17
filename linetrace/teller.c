/* SPDX-License-Identifier: MIT */
/* teller.c - see teller.h. */
#include "linetrace/teller.h"

#include "core/base/rawmem.h"
#include "linetrace/layout.h"
#include "linetrace/plan.h"
#include "linetrace/probe.h"

/* What the events of a counter are, in place of their line. */
enum {
    CALL = -1,
    EMPTY_CALL = -2,  // and line 0 behind it
    NOTHING = -3,     // it would take back what has been told
};

struct teller {
    struct pt_probe probe;
    uint32_t number;
    int32_t line;
};

uint64_t pt_teller_void;

static const struct pt_teller_listener *listener;

// This thread is inside the listener.
static PT_THREAD_LOCAL int is_inside;

static int
raise_now(void *exception)
{
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_DECREF((PyObject *)exception);
    return -1;
}

/* An exception of a signal handler, which ran while we waited for our output:
 * raised where the interpreter itself would have raised it. */
PT_COLD static void
raise_soon(void)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
    }
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    if (Py_AddPendingCall(raise_now, value) < 0) {
        Py_XDECREF(value);
    }
}

// Whoever listens may hear of no more before this is over.
static int
tell_event(const struct teller *teller, const struct pt_teller_listener *to)
{
    if (pt_likely(teller->line > 0)) {
        return to->on_line(teller->number, teller->line);
    }
    if (teller->line == NOTHING) {
        return 0;
    }
    if (to->on_call(teller->number) < 0) {
        return -1;
    }
    return teller->line == EMPTY_CALL ? to->on_line(teller->number, 0) : 0;
}

static void
tell(const struct teller *teller)
{
    ++*teller->probe.counter;
    if (pt_unlikely(pt_teller_void != 0)) {
        pt_teller_void = 0;
        return;
    }
    if (pt_unlikely(is_inside || listener == NULL)) {
        return;
    }
    is_inside = 1;
    if (pt_unlikely(tell_event(teller, listener) < 0)) {
        raise_soon();
    }
    is_inside = 0;
}

/* Run as an iterator that has come to its end (bytecode.h, runs_probe). */
static PyObject *
teller_next(PyObject *self)
{
    tell((const struct teller *)self);
    return NULL;
}

static PyTypeObject teller_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Teller",
    .tp_doc = PyDoc_STR("Tells that a line is about to run."),
    .tp_basicsize = sizeof(struct teller),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_iternext = teller_next,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

int
pt_teller_ready(void)
{
    return PyType_Ready(&teller_type);
}

static void
set_lines(struct teller *teller, const struct pt_layout *layout)
{
    for (int32_t i = 0; i < layout->terms; i++) {
        const struct pt_term *term = &layout->term[i];

        if (term->line != PT_LINE_CALLS && term->weight != 0) {
            teller[term->counter].line = term->weight > 0 ? (int32_t)term->line
                                                          : NOTHING;
        }
    }
    teller[layout->call].line = layout->is_nought ? EMPTY_CALL : CALL;
}

int
pt_tellers_put(PyObject *tuple, Py_ssize_t at, const struct pt_layout *layout,
               uint64_t *counter, uint32_t number)
{
    struct teller *teller =
        pt_rawmem_array((size_t)layout->counters, sizeof(*teller));

    if (teller == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (int32_t i = 0; i < layout->counters; i++) {
        PyObject *object = (PyObject *)&teller[i];

        pt_probe_begin(object, &teller_type);
        teller[i].probe.counter = &counter[i];
        teller[i].number = number;
        teller[i].line = NOTHING;
        PyTuple_SET_ITEM(tuple, at + i, Py_NewRef(object));
    }
    set_lines(teller, layout);
    return 0;
}

void
pt_tellers_set_listener(const struct pt_teller_listener *who)
{
    listener = who;
}
