/* SPDX-License-Identifier: MIT */
/* trap.c - see trap.h.
 *
 * The interpreter quickens code that runs often, and so does what is put back
 * then: an instruction gets the form that specialises itself, and one of a
 * pair that is run as one is fused with the other. A LOAD_CONST of ours may
 * have been fused with what stands before it.
 */
#include "linetrace/trap.h"

#include <stdbool.h>

#include "core/base/rawmem.h"
#include "core/py/frame.h"
#include "core/py/thread.h"
#include "linetrace/bytecode.h"
#include "linetrace/probe.h"

#define UNITS 2

struct place {
    int32_t unit, counter;
    bool is_set;
    bool follows_op;  // the unit before it is no cache
};

struct trap {
    PyObject_HEAD const PyCodeObject *code;  // borrowed; it owns the trap
    PyObject *bytes;    // its instructions, owned, once it is set
    uint64_t *counter;  // not owned, lives for ever
    int32_t constant, places;
    struct place place[];  // by unit
};

static uint8_t
op_of(pt_code_unit unit)
{
    return (uint8_t)unit;  // the argument is the other byte
}

// Where a place at `unit` is or would be.
static struct place *
find_place(struct trap *trap, int32_t unit)
{
    int32_t low = 0, high = trap->places;

    while (low < high) {
        int32_t middle = low + (high - low) / 2;

        if (trap->place[middle].unit < unit) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return &trap->place[low];
}

static bool
is_set_at(struct trap *trap, int32_t unit)
{
    const struct place *place = find_place(trap, unit);

    return place < &trap->place[trap->places] && place->unit == unit &&
           place->is_set;
}

static uint8_t
fuse(uint8_t op, const pt_code_unit *next)
{
    for (const struct pt_fused *fused = pt_bytecode.fused; fused->as != 0;
         fused++) {
        if (fused->first == op && fused->second == op_of(*next)) {
            return fused->as;
        }
    }
    return op;
}

// As the interpreter does it with the whole of a code object.
static void
quicken(struct trap *trap, const pt_code_unit *old, pt_code_unit *code,
        int32_t unit)
{
    uint8_t op = op_of(old[unit]);

    if (pt_bytecode.quick[op] != 0) {
        op = pt_bytecode.quick[op];
    }
    else if (!is_set_at(trap, unit + 1)) {
        op = fuse(op, &old[unit + 1]);
    }
    code[unit] = (pt_code_unit)((old[unit] & 0xff00) | op);
}

static bool
is_quickened(const PyCodeObject *code)
{
    return op_of(pt_code_start(code)[code->_co_firsttraceable]) ==
           pt_bytecode.quick[pt_bytecode.op.resume];
}

static void
set(const struct trap *trap, struct place *place)
{
    pt_code_unit *unit = pt_code_start(trap->code) + place->unit;

    unit[0] = (pt_code_unit)(pt_bytecode.op.load_const | trap->constant << 8);
    unit[1] = (pt_code_unit)(pt_bytecode.op.jump_back_if_true | UNITS << 8);
    place->is_set = true;
}

static void
put_back(struct trap *trap, struct place *place)
{
    const pt_code_unit *old =
        (const pt_code_unit *)PyBytes_AS_STRING(trap->bytes);
    pt_code_unit *code = pt_code_start(trap->code);
    int32_t end = place->unit + UNITS;

    place->is_set = false;
    for (int32_t unit = place->unit; unit < end; unit++) {
        code[unit] = old[unit];
    }
    if (!is_quickened(trap->code)) {
        return;
    }
    if (place->follows_op && !is_set_at(trap, place->unit - UNITS)) {
        quicken(trap, old, code, place->unit - 1);
    }
    for (int32_t unit = place->unit; unit < end;
         unit += pt_bytecode.info[op_of(old[unit])].units) {
        quicken(trap, old, code, unit);
    }
}

/* Budget: once for each line. A program may ask as well, which does nothing.
 * As if it had not moved, so that other tools see one event of the line. */
static int
trap_is_true(PyObject *self)
{
    struct trap *trap = (struct trap *)self;
    struct pt_frame *frame =
        (struct pt_frame *)pt_frame_top(pt_thread_attached());
    pt_code_unit *jump = frame->instr;
    int32_t unit;

    if (pt_frame_code(frame) != trap->code) {
        return 1;
    }
    unit = (int32_t)(jump - pt_code_start(trap->code)) - 1;
    if (is_set_at(trap, unit)) {
        struct place *place = find_place(trap, unit);

        ++trap->counter[place->counter];
        put_back(trap, place);
        pt_frame_rewind(trap->code, jump, self);
        frame->instr = jump - 1;
    }
    return 1;
}

static void
trap_dealloc(PyObject *self)
{
    Py_XDECREF(((struct trap *)self)->bytes);
    pt_rawmem_free(self);
}

static PyNumberMethods trap_number = {.nb_bool = trap_is_true};

static PyTypeObject trap_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._pytrace.Trap",
    .tp_doc = PyDoc_STR("Notes that a line ran, and goes."),
    .tp_basicsize = sizeof(struct trap),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_as_number = &trap_number,
    .tp_methods = pt_operand_methods,
    .tp_repr = pt_probe_repr,
    .tp_dealloc = trap_dealloc,
};

int
pt_trap_ready(void)
{
    return PyType_Ready(&trap_type);
}

static void
find_places(struct trap *trap, const struct pt_emit *emit)
{
    const struct pt_flow *flow = emit->flow;

    for (int32_t i = 0; i < flow->insns; i++) {
        int32_t counter = emit->layout->site[i].trap;

        if (counter != PT_NONE) {
            trap->place[trap->places++] = (struct place){
                .unit = pt_emit_start(emit, i),
                .counter = counter,
                .follows_op =
                    pt_bytecode.info[flow->insn[i - 1].op].units == 1,
            };
        }
    }
}

PyObject *
pt_trap_make(const struct pt_emit *emit, uint64_t *counter)
{
    size_t places = (size_t)emit->layout->traps;
    struct trap *trap =
        pt_rawmem_array(1, sizeof(*trap) + places * sizeof(trap->place[0]));

    if (trap == NULL) {
        return PyErr_NoMemory();
    }
    PyObject_Init((PyObject *)trap, &trap_type);
    trap->counter = counter;
    trap->constant = emit->first_const;
    find_places(trap, emit);
    return (PyObject *)trap;
}

int
pt_trap_set(PyCodeObject *code)
{
    struct trap *trap = (struct trap *)pt_trap_among(code->co_consts);

    if (trap == NULL) {
        return 0;
    }
    // The copy that is kept of them, from now on.
    trap->bytes = PyCode_GetCode(code);
    if (trap->bytes == NULL) {
        return -1;
    }
    trap->code = code;
    for (int32_t i = 0; i < trap->places; i++) {
        set(trap, &trap->place[i]);
    }
    return 0;
}

// The last constant but one (escapes.h).
PyObject *
pt_trap_among(PyObject *consts)
{
    Py_ssize_t size = PyTuple_GET_SIZE(consts);
    PyObject *found = size > 1 ? PyTuple_GET_ITEM(consts, size - 2) : NULL;

    return found != NULL && Py_TYPE(found) == &trap_type ? found : NULL;
}
