/* SPDX-License-Identifier: MIT */
/* escapes.c - see escapes.h. */
#include "linetrace/escapes.h"

#include <errno.h>

#include "core/base/rawmem.h"
#include "core/timeline/recording.h"
#include "linetrace/bytecode.h"
#include "linetrace/culprit.h"
#include "linetrace/emit.h"
#include "linetrace/probe.h"

/* Code units up to `end`, from the end of the stretch before. */
struct stretch {
    int32_t end;
    int32_t piece;  // or PT_NONE
};

struct escape {
    PyObject_HEAD struct pt_original original;  // with references of its own
    uint64_t *counter;  // of the code object's first probe
    uint32_t counters, record;
    pt_escape_file file;
    bool is_known;
    // Once it is known; NULL when there was no memory.
    struct stretch *stretch;
    int32_t stretches, first_late;
};

static void
add_stretch(struct escape *escape, int32_t end, int32_t piece)
{
    struct stretch *last = &escape->stretch[escape->stretches - 1];

    if (escape->stretches > 0 && last->piece == piece) {
        last->end = end;
        return;
    }
    escape->stretch[escape->stretches++] = (struct stretch){end, piece};
}

static void
find_stretches(struct escape *escape, const struct pt_emit *emit)
{
    escape->stretch =
        pt_rawmem_array((size_t)emit->flow->insns, sizeof(*escape->stretch));
    if (escape->stretch == NULL) {
        return;
    }
    for (int32_t i = 0; i < emit->pieces; i++) {
        const struct pt_emitted *piece = &emit->piece[i];

        if (piece->origin == PT_NONE) {
            continue;
        }
        for (int32_t old = piece->origin; old < pt_emitted_end(piece); old++) {
            add_stretch(escape, pt_emitted_behind(emit, piece, old),
                        emit->layout->site[old].piece);
        }
    }
}

static void
file_terms(const struct escape *escape, const struct pt_layout *layout)
{
    struct pt_plan plan = {
        .term = layout->late,
        .terms = (uint32_t)layout->lates,
        .counters = (uint32_t)(layout->counters + layout->pieces),
        .late = (uint32_t)layout->pieces,
    };

    for (int32_t i = 0; i < layout->lates; i++) {
        layout->late[i].counter += (uint32_t)layout->counters;
    }
    if (escape->file != NULL && layout->lates > 0) {
        escape->file(escape->record, &plan);
    }
}

// As it was rewritten, so this cannot fail but for memory.
static void
learn(struct escape *escape)
{
    struct pt_arena arena;
    struct pt_flow flow;
    struct pt_layout layout;
    struct pt_emit emit;
    int saved_errno = errno;

    escape->is_known = true;
    pt_arena_init(&arena);
    if (pt_original_place(&escape->original, &arena, &flow, &layout, true) ==
            PT_FLOW_OK &&
        pt_emit_lay(&emit, &arena, &flow, &layout, escape->original.consts) ==
            PT_FLOW_OK) {
        escape->first_late = layout.counters;
        find_stretches(escape, &emit);
        file_terms(escape, &layout);
    }
    if (escape->stretch == NULL && escape->file != NULL) {
        escape->file(escape->record, NULL);
    }
    pt_arena_release(&arena);
    errno = saved_errno;
}

// The first stretch that ends behind `unit`; may be none.
static int32_t
find_stretch(const struct escape *escape, long unit)
{
    int32_t low = 0, high = escape->stretches;

    while (low < high) {
        int32_t middle = low + (high - low) / 2;

        if (escape->stretch[middle].end <= unit) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

static bool
is_meant(int32_t piece, int half)
{
    return !pt_bytecode.ways.halves_blame_first ||
           (piece != PT_NONE && pt_piece_half(piece) == half);
}

static void
count(struct escape *escape, long unit, int half)
{
    int32_t at, piece = PT_NONE;

    if (!escape->is_known) {
        learn(escape);
    }
    at = find_stretch(escape, unit);
    if (at < escape->stretches) {
        piece = escape->stretch[at].piece;
    }
    if (!is_meant(piece, half) && at + 1 < escape->stretches) {
        piece = escape->stretch[at + 1].piece;
    }
    if (piece != PT_NONE) {
        ++escape->counter[escape->first_late + piece];
    }
}

static PyObject *
count_offset(PyObject *left, PyObject *right, int half)
{
    long unit;

    if (Py_TYPE(right) != &pt_escape_type || !PyLong_Check(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    unit = PyLong_AsLong(left);
    if (unit == -1 && PyErr_Occurred()) {
        return NULL;
    }
    count((struct escape *)right, unit, half);
    Py_RETURN_NONE;
}

static PyObject *
escape_add(PyObject *left, PyObject *right)
{
    return count_offset(left, right, 0);
}

static PyObject *
escape_subtract(PyObject *left, PyObject *right)
{
    return count_offset(left, right, 1);
}

static PyObject *
escape_invert(PyObject *self)
{
    Py_ssize_t unit = pt_culprit_inverted(self);

    if (unit >= 0) {
        count((struct escape *)self, (long)unit, 0);
    }
    Py_RETURN_NONE;
}

static void
escape_dealloc(PyObject *self)
{
    struct escape *escape = (struct escape *)self;

    Py_XDECREF(escape->original.code);
    Py_XDECREF(escape->original.lines);
    Py_XDECREF(escape->original.ranges);
    Py_XDECREF(escape->original.names);
    pt_rawmem_free(escape->stretch);
    pt_rawmem_free(escape);
}

static PyNumberMethods escape_number = {
    .nb_add = escape_add,
    .nb_subtract = escape_subtract,
    .nb_invert = escape_invert,
};

PyTypeObject pt_escape_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Escape",
    .tp_doc = PyDoc_STR("Counts exceptions that leave a piece of code."),
    .tp_basicsize = sizeof(struct escape),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &escape_number,
    .tp_methods = pt_operand_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = escape_dealloc,
};

int
pt_escape_ready(void)
{
    return PyType_Ready(&pt_escape_type);
}

PyObject *
pt_escape_make(const struct pt_original *original, uint64_t *counter,
               uint32_t counters, uint32_t record, pt_escape_file file)
{
    struct escape *escape = pt_rawmem_array(1, sizeof(*escape));

    if (escape == NULL) {
        return PyErr_NoMemory();
    }
    PyObject_Init((PyObject *)escape, &pt_escape_type);
    escape->original = *original;
    Py_INCREF(original->code);
    Py_INCREF(original->lines);
    Py_INCREF(original->ranges);
    Py_INCREF(original->names);
    escape->counter = counter;
    escape->counters = counters;
    escape->record = record;
    escape->file = file;
    return (PyObject *)escape;
}

const struct pt_original *
pt_escape_original(const PyObject *escape)
{
    return &((const struct escape *)escape)->original;
}

bool
pt_escape_has_begun(const PyObject *object)
{
    const struct escape *escape = (const struct escape *)object;

    for (uint32_t i = 0; i < escape->counters; i++) {
        if ((escape->counter[i] & PT_COUNTER_HITS) != 0) {
            return true;
        }
    }
    return false;
}
