/* SPDX-License-Identifier: MIT */
/* probe.c - see probe.h. */
#include "linetrace/probe.h"

#include <string.h>

#include "core/base/rawmem.h"
#include "linetrace/bytecode.h"
#include "linetrace/culprit.h"

#define SLAB PT_SIZE(2048, 1)  // probes made at once

struct standin {
    struct pt_probe probe;
    PyObject *value;  // owned
};

struct selector {
    PyObject_HEAD uint64_t *counter;
    size_t stretches;
    uint32_t unit[];  // from and to of each stretch, owned
};

// What is left of the newest slab. With the GIL; slabs are never freed.
static struct pt_probe *slab_next;
static size_t slab_left;

// Budget: 1 ns per line event with what calls it.
static PyObject *
probe_invert(PyObject *self)
{
    ++*((struct pt_probe *)self)->counter;
    Py_RETURN_NONE;
}

// As an iterator that has come to its end.
static PyObject *
probe_next(PyObject *self)
{
    ++*((struct pt_probe *)self)->counter;
    return NULL;
}

static PyObject *
standin_invert(PyObject *self)
{
    ++*((struct pt_probe *)self)->counter;
    return Py_NewRef(((struct standin *)self)->value);
}

PyObject *
pt_probe_repr(PyObject *self)
{
    (void)self;
    return PyUnicode_FromString("<pytrace probe>");
}

static bool
is_iterated(void)
{
    return pt_bytecode.op.runs_probe[0] == pt_bytecode.op.for_iter;
}

static PyObject *
reduce_to_zero(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    return Py_BuildValue("O()", (PyObject *)&PyLong_Type);
}

// An iterator knows best how it is pickled.
static PyObject *
reduce_to_end(void)
{
    PyObject *empty = PyTuple_New(0);
    PyObject *end = empty != NULL ? PyObject_GetIter(empty) : NULL;
    PyObject *reduced =
        end != NULL ? PyObject_CallMethod(end, "__reduce__", NULL) : NULL;

    Py_XDECREF(end);
    Py_XDECREF(empty);
    return reduced;
}

static PyObject *
probe_reduce(PyObject *self, PyObject *ignored)
{
    return is_iterated() ? reduce_to_end() : reduce_to_zero(self, ignored);
}

static PyObject *
standin_reduce(PyObject *self, PyObject *ignored)
{
    (void)ignored;
    return Py_BuildValue("O(N)", (PyObject *)&PyLong_Type,
                         PyNumber_Invert(((struct standin *)self)->value));
}

// A slab is not ours to free one probe at a time; nor should this be called.
void
pt_probe_dealloc(PyObject *self)
{
    Py_SET_REFCNT(self, PT_REFCNT_FOREVER);
}

PyMethodDef pt_probe_methods[] = {
    {"__reduce__", probe_reduce, METH_NOARGS,
     PyDoc_STR("Pickle as what is run as a probe is and counts nothing.")},
    {NULL, NULL, 0, NULL},
};

PyMethodDef pt_operand_methods[] = {
    {"__reduce__", reduce_to_zero, METH_NOARGS,
     PyDoc_STR("Pickle as int(): to add it is as good.")},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef standin_methods[] = {
    {"__reduce__", standin_reduce, METH_NOARGS,
     PyDoc_STR("Pickle as the int that is the value when inverted.")},
    {NULL, NULL, 0, NULL},
};

static PyNumberMethods probe_number = {.nb_invert = probe_invert};

PyTypeObject pt_probe_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Probe",
    .tp_doc = PyDoc_STR("Counts how often a piece of code ran."),
    .tp_basicsize = sizeof(struct pt_probe),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

static PyNumberMethods standin_number = {.nb_invert = standin_invert};

static PyTypeObject standin_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.StandIn",
    .tp_doc = PyDoc_STR("Counts how often a constant was loaded, and is it."),
    .tp_basicsize = sizeof(struct standin),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &standin_number,
    .tp_methods = standin_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

static PyTypeObject selector_type;

static PyObject *
count_offset(const struct selector *selector, Py_ssize_t offset)
{
    for (size_t i = 0; i < selector->stretches; i++) {
        if (offset >= (Py_ssize_t)selector->unit[2 * i] &&
            offset < (Py_ssize_t)selector->unit[2 * i + 1]) {
            ++*selector->counter;
            break;
        }
    }
    return Py_NewRef(Py_None);
}

static PyObject *
selector_add(PyObject *left, PyObject *right)
{
    Py_ssize_t offset;

    if (Py_TYPE(right) != &selector_type || !PyLong_Check(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    offset = PyLong_AsSsize_t(left);
    if (offset == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return count_offset((struct selector *)right, offset);
}

static PyObject *
selector_invert(PyObject *self)
{
    return count_offset((struct selector *)self, pt_culprit_inverted(self));
}

static PyNumberMethods selector_number = {
    .nb_add = selector_add,
    .nb_invert = selector_invert,
};

static PyTypeObject selector_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Selector",
    .tp_doc = PyDoc_STR("Counts exceptions that came from certain places."),
    .tp_basicsize = sizeof(struct selector),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &selector_number,
    .tp_methods = pt_operand_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

int
pt_probe_ready(void)
{
    if (is_iterated()) {
        pt_probe_type.tp_iternext = probe_next;
    }
    else {
        pt_probe_type.tp_as_number = &probe_number;
    }
    if (PyType_Ready(&selector_type) < 0 || PyType_Ready(&standin_type) < 0) {
        return -1;
    }
    return PyType_Ready(&pt_probe_type);
}

static struct pt_probe *
take_from_slab(size_t count)
{
    struct pt_probe *taken;

    if (count > SLAB) {
        return pt_rawmem_array(count, sizeof(*taken));
    }
    if (slab_left < count) {
        taken = pt_rawmem_array(SLAB, sizeof(*taken));
        if (taken == NULL) {
            return NULL;
        }
        slab_next = taken;
        slab_left = SLAB;
    }
    taken = slab_next;
    slab_next += count;
    slab_left -= count;
    return taken;
}

struct pt_probe *
pt_probe_make(uint64_t *counter, size_t count)
{
    struct pt_probe *probe = take_from_slab(count);

    if (probe == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        pt_probe_begin((PyObject *)&probe[i], &pt_probe_type);
        probe[i].counter = &counter[i];
    }
    return probe;
}

PyObject *
pt_standin_make(uint64_t *counter, PyObject *value)
{
    struct standin *standin = pt_rawmem_array(1, sizeof(*standin));

    if (standin == NULL) {
        return PyErr_NoMemory();
    }
    pt_probe_begin((PyObject *)standin, &standin_type);
    standin->probe.counter = counter;
    standin->value = Py_NewRef(value);
    return (PyObject *)standin;
}

PyObject *
pt_selector_make(uint64_t *counter, const uint32_t *unit, size_t stretches)
{
    size_t unit_bytes = 2 * stretches * sizeof(*unit);
    struct selector *selector =
        pt_rawmem_array(1, sizeof(*selector) + unit_bytes);

    if (selector == NULL) {
        return PyErr_NoMemory();
    }
    pt_probe_begin((PyObject *)selector, &selector_type);
    selector->counter = counter;
    selector->stretches = stretches;
    memcpy(selector->unit, unit, unit_bytes);
    return (PyObject *)selector;
}
