/* SPDX-License-Identifier: MIT */
/* callprobe.c - see callprobe.h. */
#include "linetrace/callprobe.h"

#include "core/base/rawmem.h"
#include "linetrace/layout.h"
#include "linetrace/probe.h"

struct callprobe {
    PyObject_HEAD uint32_t id;  // of the code object
};

static struct pt_stream *stream;

// Budget: 20 ns with what calls it, half of them for the clock.
static PyObject *
call_invert(PyObject *self)
{
    pt_stream_enter(stream, PT_EVENT_CALL, ((struct callprobe *)self)->id);
    Py_RETURN_NONE;
}

static PyObject *
return_invert(PyObject *self)
{
    (void)self;
    pt_stream_leave(stream, PT_EVENT_RETURN);
    Py_RETURN_NONE;
}

static PyNumberMethods call_number = {.nb_invert = call_invert};

static PyTypeObject call_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.CallProbe",
    .tp_doc = PyDoc_STR("Tells the timeline that a call begins."),
    .tp_basicsize = sizeof(struct callprobe),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &call_number,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

static PyNumberMethods return_number = {.nb_invert = return_invert};

static PyTypeObject return_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.ReturnProbe",
    .tp_doc = PyDoc_STR("Tells the timeline that a call ends."),
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &return_number,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

// All returns are alike.
static PyObject the_return;

int
pt_callprobe_start(struct pt_stream *to)
{
    stream = to;
    if (PyType_Ready(&call_type) < 0 || PyType_Ready(&return_type) < 0) {
        return -1;
    }
    pt_probe_begin(&the_return, &return_type);
    return 0;
}

int
pt_callprobes_put(PyObject *tuple, Py_ssize_t at, uint32_t id)
{
    struct callprobe *call = pt_rawmem_array(1, sizeof(*call));

    if (call == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    pt_probe_begin((PyObject *)call, &call_type);
    call->id = id;
    PyTuple_SET_ITEM(tuple, at + PT_CALLPROBE_CALL,
                     Py_NewRef((PyObject *)call));
    PyTuple_SET_ITEM(tuple, at + PT_CALLPROBE_RETURN, Py_NewRef(&the_return));
    return 0;
}

bool
pt_callprobe_is_among(PyObject *consts)
{
    for (Py_ssize_t i = PyTuple_GET_SIZE(consts); i > 0; i--) {
        PyTypeObject *type = Py_TYPE(PyTuple_GET_ITEM(consts, i - 1));

        if (type == &call_type || type == &return_type) {
            return true;
        }
    }
    return false;
}
