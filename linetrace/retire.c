/* SPDX-License-Identifier: MIT */
/* retire.c - see retire.h. */
#include "linetrace/retire.h"

#include <string.h>

#include "core/py/frame.h"
#include "core/py/thread.h"
#include "linetrace/bytecode.h"

static uint8_t
op_of(pt_code_unit unit)
{
    return (uint8_t)unit;  // the argument is the other byte
}

// A prefix would be one of the jump as well, and half of a fused pair cannot
// be taken away. A cache that looks like these does no harm.
static bool
stands_alone(pt_code_unit before)
{
    uint8_t op = op_of(before);

    return op != pt_bytecode.op.extended_arg &&
           op != pt_bytecode.op.quick_extended_arg &&
           op != pt_bytecode.op.fused_load_const;
}

// `unit` is the FOR_ITER that runs, unless this is no probe's own code.
static bool
is_probe_at(const PyCodeObject *code, const pt_code_unit *unit,
            const PyObject *probe)
{
    Py_ssize_t constant;

    if (unit < pt_code_start(code) + 2 ||
        op_of(unit[0]) != pt_bytecode.op.for_iter ||
        op_of(unit[-1]) != pt_bytecode.op.load_const ||
        !stands_alone(unit[-2])) {
        return false;
    }
    constant = unit[-1] >> 8;
    return constant < PyTuple_GET_SIZE(code->co_consts) &&
           PyTuple_GET_ITEM(code->co_consts, constant) == probe;
}

// Budget: once for each probe.
static PyObject *
once_next(PyObject *self)
{
    const struct pt_frame *frame = pt_frame_top(pt_thread_attached());
    pt_code_unit *unit = frame->instr;

    ++*((struct pt_probe *)self)->counter;
    if (is_probe_at(pt_frame_code(frame), unit, self)) {
        unit[-1] = (pt_code_unit)(pt_bytecode.op.jump_forward | 1u << 8);
    }
    return NULL;
}

// A probe that leaves the code it ran in.
static PyTypeObject once_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Once",
    .tp_doc = PyDoc_STR("Notes that a piece of code ran, and leaves it."),
    .tp_basicsize = sizeof(struct pt_probe),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_iternext = once_next,
    .tp_methods = pt_probe_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = pt_probe_dealloc,
};

int
pt_retire_ready(void)
{
    return PyType_Ready(&once_type);
}

// The first place stands for the calls.
static size_t
place_of(const struct pt_layout *layout, const struct pt_term *term)
{
    return term->line == PT_LINE_CALLS
               ? 0
               : (size_t)term->line - (size_t)layout->first_line + 1;
}

int
pt_retire_allow(struct pt_probe *probe, const struct pt_layout *layout)
{
    size_t places = (size_t)layout->lines + 1;
    bool *stays = pt_arena_array(layout->arena, places, sizeof(*stays));

    if (stays == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset(stays, 0, places);
    for (int32_t i = 0; i < layout->counters; i++) {
        ((PyObject *)&probe[i])->ob_type = &once_type;
    }
    for (int32_t i = 0; i < layout->terms; i++) {
        const struct pt_term *term = &layout->term[i];

        stays[place_of(layout, term)] |= term->weight < 0;
    }
    for (int32_t i = 0; i < layout->terms; i++) {
        const struct pt_term *term = &layout->term[i];

        if (stays[place_of(layout, term)]) {
            ((PyObject *)&probe[term->counter])->ob_type = &pt_probe_type;
        }
    }
    return 0;
}
