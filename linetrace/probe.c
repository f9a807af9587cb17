/* SPDX-License-Identifier: MIT */
/* probe.c - see probe.h. */
#include "linetrace/probe.h"

#include <string.h>

#include "core/base/rawmem.h"

#define SLAB PT_SIZE(2048, 1)  // probes made at once

// What is left of the newest slab. With the GIL; slabs are never freed.
static struct pt_probe *slab_next;
static size_t slab_left;

// Budget: 1 ns per line event with what calls it (bench_probe).
static PyObject *
probe_invert(PyObject *self)
{
    ++*((struct pt_probe *)self)->counter;
    return Py_NewRef(Py_None);
}

PyObject *
pt_probe_repr(PyObject *self)
{
    (void)self;
    return PyUnicode_FromString("<pytrace probe>");
}

static PyObject *
probe_reduce(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    return Py_BuildValue("O()", (PyObject *)&PyLong_Type);
}

// A slab is not ours to free one probe at a time; nor should this be called.
void
pt_probe_dealloc(PyObject *self)
{
    Py_SET_REFCNT(self, PT_REFCNT_FOREVER);
}

static PyNumberMethods probe_number = {.nb_invert = probe_invert};

PyMethodDef pt_probe_methods[] = {
    {"__reduce__", probe_reduce, METH_NOARGS,
     PyDoc_STR("Pickle as int(): ~0 is as good as a probe that is off.")},
    {NULL, NULL, 0, NULL},
};

PyTypeObject pt_probe_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Probe",
    .tp_doc = PyDoc_STR("Counts how often a piece of code ran."),
    .tp_basicsize = sizeof(struct pt_probe),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &probe_number,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

static PyObject *
selector_add(PyObject *left, PyObject *right)
{
    const struct pt_selector *selector = (struct pt_selector *)right;
    long offset;

    if (Py_TYPE(right) != &pt_selector_type || !PyLong_Check(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    offset = PyLong_AsLong(left);
    if (offset == -1 && PyErr_Occurred()) {
        return NULL;
    }
    for (size_t i = 0; i < selector->stretches; i++) {
        if (offset >= (long)selector->unit[2 * i] &&
            offset < (long)selector->unit[2 * i + 1]) {
            ++*selector->counter;
            break;
        }
    }
    return Py_NewRef(Py_None);
}

static PyNumberMethods selector_number = {.nb_add = selector_add};

PyTypeObject pt_selector_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Selector",
    .tp_doc = PyDoc_STR("Counts exceptions that came from certain places."),
    .tp_basicsize = sizeof(struct pt_selector),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &selector_number,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

int
pt_probe_ready(void)
{
    if (PyType_Ready(&pt_selector_type) < 0) {
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
        PyObject *object = (PyObject *)&probe[i];

        object->ob_type = &pt_probe_type;
        Py_SET_REFCNT(object, PT_REFCNT_FOREVER);
        probe[i].counter = &counter[i];
    }
    return probe;
}

PyObject *
pt_selector_make(uint64_t *counter, const uint32_t *unit, size_t stretches)
{
    size_t unit_bytes = 2 * stretches * sizeof(*unit);
    struct pt_selector *selector =
        pt_rawmem_array(1, sizeof(*selector) + unit_bytes);
    PyObject *object = (PyObject *)selector;

    if (selector == NULL) {
        return PyErr_NoMemory();
    }
    object->ob_type = &pt_selector_type;
    Py_SET_REFCNT(object, PT_REFCNT_FOREVER);
    selector->counter = counter;
    selector->stretches = stretches;
    memcpy(selector->unit, unit, unit_bytes);
    return object;
}
