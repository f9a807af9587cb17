/* SPDX-License-Identifier: MIT */
/* rewrite.c - see rewrite.h.
 *
 * A code object goes decode, events, placement, claim, emit, build.
 * Everything between lives in the rewriter's arena.
 */
#include "linetrace/rewrite.h"

#include <string.h>

#include "linetrace/callprobe.h"
#include "linetrace/codeparts.h"
#include "linetrace/emit.h"
#include "linetrace/escapes.h"
#include "linetrace/layout.h"
#include "linetrace/original.h"
#include "linetrace/probe.h"
#include "linetrace/teller.h"
#include "linetrace/trap.h"

// Why a code object is left alone; the report prints it.
static const char why_strange[] = "its bytecode is not the compiler's own";
static const char why_unknown[] =
    "on this Python its line events depend on what it calls";
static const char why_refused[] = "there was no room for its counters";
static const char why_locals[] = "this Python cannot rebuild its locals";

// A selector has an exception, an offset and its copy below it.
#define STACK_OF_PROBES 4

void
pt_rewriter_init(struct pt_rewriter *rewriter, pt_rewrite_claim claim,
                 pt_rewrite_skip skip, void *context)
{
    *rewriter =
        (struct pt_rewriter){.claim = claim, .skip = skip, .context = context};
    pt_arena_init(&rewriter->arena);
}

void
pt_rewriter_release(struct pt_rewriter *rewriter)
{
    pt_arena_release(&rewriter->arena);
}

static PyCodeObject *
leave_alone(struct pt_rewriter *rewriter, PyCodeObject *code, const char *why)
{
    if (rewriter->skip != NULL) {
        rewriter->skip(rewriter->context, code, why);
    }
    return (PyCodeObject *)Py_NewRef((PyObject *)code);
}

// Takes the parts' references. With a reason, only inner code has probes.
static PyCodeObject *
finish(struct pt_rewriter *rewriter, PyCodeObject *code,
       struct pt_codeparts *parts, const char *why)
{
    PyCodeObject *built = pt_codeparts_build(parts, code);

    pt_codeparts_release(parts);
    if (built == NULL) {
        return NULL;
    }
    if (!pt_codeparts_keep_kinds(built, code)) {
        Py_DECREF(built);
        return leave_alone(rewriter, code, why_locals);
    }
    if (why != NULL) {
        // The new one is run: it is the one to be counted otherwise.
        if (rewriter->skip != NULL) {
            rewriter->skip(rewriter->context, built, why);
        }
    }
    else if ((rewriter->done != NULL &&
              rewriter->done(rewriter->context, code, built) < 0) ||
             pt_trap_set(built) < 0) {
        Py_CLEAR(built);
    }
    return built;
}

static PyCodeObject *
skip_one(struct pt_rewriter *rewriter, PyCodeObject *code, PyObject *consts,
         const char *why)
{
    struct pt_codeparts parts = {.stack_size = code->co_stacksize};

    if (consts == code->co_consts) {
        return leave_alone(rewriter, code, why);
    }
    parts.code = PyCode_GetCode(code);
    if (parts.code == NULL) {
        return NULL;
    }
    parts.consts = Py_NewRef(consts);
    parts.lines = Py_NewRef(code->co_linetable);
    parts.ranges = Py_NewRef(code->co_exceptiontable);
    return finish(rewriter, code, &parts, why);
}

// Into the constants from `at` on.
static int
put_probes(const struct pt_rewriter *rewriter, PyObject *consts, Py_ssize_t at,
           const struct pt_emit *emit, const struct pt_claimed *claimed)
{
    const struct pt_layout *layout = emit->layout;
    struct pt_probe *probe;

    if (layout->traps > 0) {
        PyObject *trap = pt_trap_make(emit, claimed->counter);

        PyTuple_SET_ITEM(consts, at, trap);
        return trap != NULL ? 0 : -1;
    }
    if (rewriter->tells) {
        return pt_tellers_put(consts, at, layout, claimed->counter,
                              claimed->record);
    }
    probe = pt_probe_make(claimed->counter, (size_t)layout->counters);
    if (probe == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < layout->counters; i++) {
        PyTuple_SET_ITEM(consts, at + i, Py_NewRef((PyObject *)&probe[i]));
    }
    return 0;
}

// Room for an escape is left behind them.
static PyObject *
add_probes(const struct pt_rewriter *rewriter, PyObject *consts,
           const struct pt_emit *emit, const struct pt_claimed *claimed)
{
    Py_ssize_t old = PyTuple_GET_SIZE(consts);
    int32_t probes = emit->layout->traps > 0 ? 1 : emit->layout->counters;
    Py_ssize_t end = old + probes;
    PyObject *tuple = PyTuple_New(end + emit->layout->callprobes + 1);

    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < old; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(PyTuple_GET_ITEM(consts, i)));
    }
    if (put_probes(rewriter, tuple, old, emit, claimed) < 0 ||
        (emit->layout->callprobes != 0 &&
         pt_callprobes_put(tuple, end, claimed->record) < 0)) {
        Py_DECREF(tuple);
        return NULL;
    }
    return tuple;
}

static int
add_escape(const struct pt_rewriter *rewriter, PyObject *consts,
           const struct pt_plan *plan, const struct pt_original *original,
           const struct pt_claimed *claimed)
{
    PyObject *escape =
        pt_escape_make(original, claimed->counter, plan->counters,
                       claimed->record, rewriter->late);

    if (escape == NULL) {
        return -1;
    }
    PyTuple_SET_ITEM(consts, PyTuple_GET_SIZE(consts) - 1, escape);
    return 0;
}

// Takes the reference.
static void
put_constant(PyObject *consts, int32_t at, PyObject *object)
{
    Py_DECREF(PyTuple_GET_ITEM(consts, at));
    PyTuple_SET_ITEM(consts, at, object);
}

static int
add_selectors(const struct pt_rewriter *rewriter, PyObject *consts,
              const struct pt_emit *emit, uint64_t *counter)
{
    const struct pt_layout *layout = emit->layout;

    for (int32_t i = 0; i < layout->stubs; i++) {
        int32_t slot = layout->stub[i].counter;
        PyObject *selector;
        uint32_t *unit;
        size_t stretches;

        if (!layout->stub[i].varies) {
            continue;
        }
        unit = pt_emit_quiet_units(emit, i, &stretches);
        if (unit == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        selector = pt_selector_make(rewriter->tells ? &pt_teller_void
                                                    : &counter[slot],
                                    unit, stretches);
        if (selector == NULL) {
            return -1;
        }
        put_constant(consts, slot + emit->first_const, selector);
    }
    return 0;
}

static int
add_standins(PyObject *consts, const struct pt_emit *emit, uint64_t *counter)
{
    int32_t left = emit->layout->standins;

    for (int32_t i = 0; left > 0; i++) {
        int32_t slot = emit->layout->site[i].standin;
        PyObject *standin;

        if (slot == PT_NONE) {
            continue;
        }
        left--;
        standin = pt_standin_make(
            &counter[slot], PyTuple_GET_ITEM(consts, emit->flow->insn[i].arg));
        if (standin == NULL) {
            return -1;
        }
        put_constant(consts, slot + emit->first_const, standin);
    }
    return 0;
}

static PyObject *
bytes_of(const uint8_t *table, size_t size_bytes)
{
    if (table == NULL) {
        return PyErr_NoMemory();
    }
    return PyBytes_FromStringAndSize((const char *)table,
                                     (Py_ssize_t)size_bytes);
}

static int
fill_parts(struct pt_codeparts *parts, const struct pt_emit *emit,
           PyCodeObject *code)
{
    uint8_t *table;
    size_t size_bytes;

    parts->stack_size = code->co_stacksize + STACK_OF_PROBES;
    size_bytes = pt_emit_lines(emit, &table);
    parts->lines = bytes_of(table, size_bytes);
    size_bytes = pt_emit_ranges(emit, &table);
    parts->ranges = bytes_of(table, size_bytes);
    parts->code = PyBytes_FromStringAndSize(NULL, 2 * (Py_ssize_t)emit->units);
    if (parts->lines == NULL || parts->ranges == NULL || parts->code == NULL) {
        return -1;
    }
    pt_emit_code(emit, (uint8_t *)PyBytes_AS_STRING(parts->code));
    return 0;
}

static PyCodeObject *
emit_code(struct pt_rewriter *rewriter, PyCodeObject *code, PyObject *consts,
          const struct pt_original *original, const struct pt_flow *flow,
          const struct pt_layout *layout)
{
    struct pt_plan plan = {
        .term = layout->term,
        .terms = (uint32_t)layout->terms,
        .counters = (uint32_t)(layout->counters + layout->pieces),
        .late = (uint32_t)layout->pieces,
        .first_line = (uint32_t)layout->first_line,
        .lines = (uint32_t)layout->lines,
    };
    struct pt_codeparts parts = {0};
    struct pt_emit emit;
    struct pt_claimed claimed = {0};
    int status =
        pt_emit_lay(&emit, &rewriter->arena, flow, layout, original->consts);

    if (status == PT_FLOW_NOMEM) {
        return (PyCodeObject *)PyErr_NoMemory();
    }
    if (status != PT_FLOW_OK) {
        return skip_one(rewriter, code, consts, why_strange);
    }
    status = rewriter->claim(rewriter->context, code, &plan, &claimed);
    if (status < 0) {
        return NULL;
    }
    if (status == 0) {
        return skip_one(rewriter, code, consts, why_refused);
    }
    parts.consts = add_probes(rewriter, consts, &emit, &claimed);
    if (parts.consts == NULL ||
        add_selectors(rewriter, parts.consts, &emit, claimed.counter) < 0 ||
        add_standins(parts.consts, &emit, claimed.counter) < 0 ||
        add_escape(rewriter, parts.consts, &plan, original, &claimed) < 0 ||
        fill_parts(&parts, &emit, code) < 0) {
        pt_codeparts_release(&parts);
        return NULL;
    }
    return finish(rewriter, code, &parts, NULL);
}

static bool
yields(const PyCodeObject *code)
{
    return (code->co_flags &
            (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0;
}

static PyCodeObject *
rewrite_one(struct pt_rewriter *rewriter, PyCodeObject *code, PyObject *consts)
{
    struct pt_original original;
    struct pt_flow flow;
    struct pt_layout layout;
    PyCodeObject *rewritten;
    int status;

    if (pt_original_read(&original, code) < 0) {
        return NULL;
    }
    original.per_block = rewriter->per_block;
    original.per_line = rewriter->tells;
    original.traps =
        rewriter->hits_only && original.consts <= PT_TRAP_CONST_MAX;
    original.tells = rewriter->tells;
    original.marks_calls = rewriter->marks_calls && !yields(code);
    status =
        pt_original_place(&original, &rewriter->arena, &flow, &layout, false);
    if (status == PT_FLOW_NOMEM) {
        rewritten = (PyCodeObject *)PyErr_NoMemory();
    }
    else if (status == PT_FLOW_OK) {
        rewritten =
            emit_code(rewriter, code, consts, &original, &flow, &layout);
    }
    else {
        rewritten =
            skip_one(rewriter, code, consts,
                     status == PT_FLOW_UNKNOWN ? why_unknown : why_strange);
    }
    Py_DECREF(original.code);
    pt_arena_clear(&rewriter->arena);
    return rewritten;
}

// The constants with inner code objects rewritten: a new reference.
static PyObject *
rewrite_consts(struct pt_rewriter *rewriter, PyObject *consts)
{
    Py_ssize_t size = PyTuple_GET_SIZE(consts);
    PyObject *changed = NULL;

    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(consts, i);
        PyObject *inner;

        if (!PyCode_Check(item)) {
            continue;
        }
        if (changed == NULL) {
            changed = PyTuple_New(size);
            if (changed == NULL) {
                return NULL;
            }
            for (Py_ssize_t j = 0; j < size; j++) {
                PyTuple_SET_ITEM(changed, j,
                                 Py_NewRef(PyTuple_GET_ITEM(consts, j)));
            }
        }
        inner = (PyObject *)pt_rewrite(rewriter, (PyCodeObject *)item);
        if (inner == NULL) {
            Py_DECREF(changed);
            return NULL;
        }
        Py_DECREF(PyTuple_GET_ITEM(changed, i));
        PyTuple_SET_ITEM(changed, i, inner);
    }
    return changed != NULL ? changed : Py_NewRef(consts);
}

static PyObject *
find_escape(PyObject *consts)
{
    Py_ssize_t size = PyTuple_GET_SIZE(consts);
    PyObject *last = size > 0 ? PyTuple_GET_ITEM(consts, size - 1) : NULL;

    return last != NULL && Py_TYPE(last) == &pt_escape_type ? last : NULL;
}

bool
pt_rewrite_has_probes(PyObject *consts)
{
    for (Py_ssize_t i = PyTuple_GET_SIZE(consts); i > 0; i--) {
        if (pt_probe_check(PyTuple_GET_ITEM(consts, i - 1))) {
            return true;
        }
    }
    return false;
}

bool
pt_rewrite_has_begun(const PyCodeObject *code)
{
    PyObject *escape = find_escape(code->co_consts);

    return escape != NULL && pt_escape_has_begun(escape);
}

PyCodeObject *
pt_rewrite_undo(PyCodeObject *code)
{
    PyObject *escape = find_escape(code->co_consts);
    bool is_trapped = pt_trap_among(code->co_consts) != NULL;
    const struct pt_original *original;
    struct pt_codeparts parts;
    PyCodeObject *built;

    if (escape == NULL) {
        return (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    original = pt_escape_original(escape);
    parts = (struct pt_codeparts){
        .code = is_trapped ? PyCode_GetCode(code) : Py_NewRef(original->code),
        .consts = PyTuple_GetSlice(code->co_consts, 0, original->consts),
        .lines = Py_NewRef(is_trapped ? code->co_linetable : original->lines),
        .ranges =
            Py_NewRef(is_trapped ? code->co_exceptiontable : original->ranges),
        .stack_size = code->co_stacksize - STACK_OF_PROBES,
    };
    built = parts.code != NULL && parts.consts != NULL
                ? pt_codeparts_build(&parts, code)
                : NULL;
    pt_codeparts_release(&parts);
    return built;
}

PyCodeObject *
pt_rewrite(struct pt_rewriter *rewriter, PyCodeObject *code)
{
    PyCodeObject *rewritten = NULL;
    PyObject *consts;

    if (pt_rewrite_has_probes(code->co_consts)) {
        return (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    // Nested as deep as a program likes, if it makes code objects by hand.
    if (Py_EnterRecursiveCall(" while rewriting code")) {
        return NULL;
    }
    consts = rewrite_consts(rewriter, code->co_consts);
    if (consts != NULL) {
        rewritten = rewrite_one(rewriter, code, consts);
        Py_DECREF(consts);
    }
    Py_LeaveRecursiveCall();
    return rewritten;
}
