/* SPDX-License-Identifier: MIT */
/* original.c - see original.h. */
#include "linetrace/original.h"

#include "core/py/frame.h"
#include "linetrace/bytecode.h"
#include "linetrace/calls.h"
#include "linetrace/decode.h"
#include "linetrace/events.h"
#include "linetrace/flowgraph.h"

// What the interpreter wrote into the code object when it made it is taken
// back; false for what it writes where code runs or is instrumented.
static bool
restore(uint8_t *code, Py_ssize_t units)
{
    Py_ssize_t i = 0;

    while (i < units) {
        uint8_t op = code[2 * i];

        if (pt_bytecode.info[op].units == 0) {
            op = pt_bytecode.info[op].twin;
            code[2 * i] = op;
            if (pt_bytecode.info[op].units == 0) {
                return false;
            }
        }
        i += pt_bytecode.info[op].units;
    }
    return i == units;
}

// Code that has not run yet can be copied, which is the rule; the interpreter
// would look at each unit, and keep a copy for itself.
static PyObject *
copy_code(PyCodeObject *code)
{
    Py_ssize_t units = Py_SIZE(code);
    PyObject *copy = PyBytes_FromStringAndSize(
        (const char *)pt_code_start(code), 2 * units);

    if (copy != NULL && !restore((uint8_t *)PyBytes_AS_STRING(copy), units)) {
        Py_DECREF(copy);
        copy = PyCode_GetCode(code);
    }
    return copy;
}

static void
find_facts(struct pt_standin_facts *facts, const PyCodeObject *code)
{
    Py_ssize_t consts = PyTuple_GET_SIZE(code->co_consts);

    facts->args = code->co_argcount + code->co_kwonlyargcount +
                  ((code->co_flags & CO_VARARGS) != 0) +
                  ((code->co_flags & CO_VARKEYWORDS) != 0);
    for (Py_ssize_t i = 0; i < consts && i < PT_CONSTS_NEAR; i++) {
        if (PyLong_CheckExact(PyTuple_GET_ITEM(code->co_consts, i))) {
            pt_standin_note_int(facts, (uint32_t)i);
        }
    }
}

int
pt_original_read(struct pt_original *original, PyCodeObject *code)
{
    *original = (struct pt_original){
        .code = copy_code(code),
        .lines = code->co_linetable,
        .ranges = code->co_exceptiontable,
        .names = code->co_names,
        .first_line = code->co_firstlineno,
        .consts = (int32_t)PyTuple_GET_SIZE(code->co_consts),
        .runs_once = !(code->co_flags & CO_OPTIMIZED),
    };
    find_facts(&original->facts, code);
    return original->code == NULL ? -1 : 0;
}

static int
begin_layout(const struct pt_original *original, struct pt_layout *layout,
             struct pt_arena *arena, const struct pt_flow *flow,
             bool finds_late)
{
    int status = pt_layout_init(layout, arena, flow);

    layout->finds_late = finds_late;
    layout->per_line = original->per_line;
    return status;
}

static int
place_probes(const struct pt_original *original, struct pt_layout *layout,
             struct pt_arena *arena, const struct pt_flow *flow,
             bool finds_late)
{
    int status = begin_layout(original, layout, arena, flow, finds_late);

    if (status == PT_FLOW_OK && original->traps) {
        status = pt_place_traps(layout, flow);
        if (status != PT_FLOW_STRANGE) {
            return status;
        }
        status = begin_layout(original, layout, arena, flow, finds_late);
    }
    if (status == PT_FLOW_OK && !original->per_block && !original->per_line &&
        pt_graph_is_worthwhile(flow)) {
        status = pt_place_tree(layout, flow);
        if (status != PT_FLOW_STRANGE) {
            return status;
        }
        status = begin_layout(original, layout, arena, flow, finds_late);
    }
    if (status == PT_FLOW_OK) {
        status = pt_place_blocks(layout, flow);
    }
    return status == PT_FLOW_OK && original->tells
               ? pt_place_calls(layout, flow)
               : status;
}

int
pt_original_place(const struct pt_original *original, struct pt_arena *arena,
                  struct pt_flow *flow, struct pt_layout *layout,
                  bool finds_late)
{
    struct pt_code_bytes bytes = {
        .code = (const uint8_t *)PyBytes_AS_STRING(original->code),
        .code_bytes = (size_t)PyBytes_GET_SIZE(original->code),
        .lines = (const uint8_t *)PyBytes_AS_STRING(original->lines),
        .lines_bytes = (size_t)PyBytes_GET_SIZE(original->lines),
        .ranges = (const uint8_t *)PyBytes_AS_STRING(original->ranges),
        .ranges_bytes = (size_t)PyBytes_GET_SIZE(original->ranges),
        .first_line = original->first_line,
        .runs_once = original->runs_once,
    };
    int status = pt_decode(flow, arena, &bytes);

    if (status == PT_FLOW_OK) {
        status = pt_events_find(flow);
    }
    if (status == PT_FLOW_OK) {
        pt_calls_find(flow, original->names);
        status = place_probes(original, layout, arena, flow, finds_late);
    }
    if (status == PT_FLOW_OK && original->marks_calls) {
        status = pt_layout_mark_calls(layout, flow);
    }
    if (status == PT_FLOW_OK && !original->per_line && layout->traps == 0) {
        pt_standins_find(layout, flow, &original->facts);
    }
    return status == PT_FLOW_OK ? pt_layout_add_bare(layout, flow) : status;
}
