/* SPDX-License-Identifier: MIT */
/* calls.c - see calls.h.
 *
 * Callees are pushed before their arguments, so calls nest like brackets. A
 * bracket whose beginning is unknown (decorators, the end of a `with`) finds
 * the wrong callee or none; that is a call too many or too few to wait for,
 * never a wrong count of what has ended.
 */
#include "linetrace/calls.h"

#include "linetrace/bytecode.h"

#define NESTING_MAX 16

// They run no Python code, nor does what they return when it is iterated,
// unless a class of the program has a method of that name.
static const char quick_names[] =
    "abs append casefold chr decode encode endswith float id int isalnum "
    "isalpha isascii isdecimal isdigit isidentifier isinstance islower "
    "isspace issubclass isupper items keys len lower lstrip ord partition "
    "popleft range round rpartition rsplit rstrip setdefault split "
    "splitlines startswith strip type upper values";

// Those strings, interned as names of code objects are, so that the address
// tells: by it, with open addressing. Owned.
#define QUICK_ROOM 128
static PyObject *quick[QUICK_ROOM];
static bool is_ready;

// Of each opcode: has it to do with calls? Most have not.
static bool is_concerned[256];

/* The callees pushed and not yet called: is each of them quick? */
struct nesting {
    bool is_quick[NESTING_MAX];
    int depth;
    int32_t quick_at;  // the last call of a quick one
};

// Where a name is, or would be.
static PyObject **
find_quick(PyObject *name)
{
    uintptr_t at = (uintptr_t)name >> 4;

    while (quick[at % QUICK_ROOM] != NULL && quick[at % QUICK_ROOM] != name) {
        at++;
    }
    return &quick[at % QUICK_ROOM];
}

static void
find_concerned(void)
{
    const struct pt_oproles *role = &pt_bytecode.op;

    for (int op = 1; op < 256; op++) {
        is_concerned[op] = op == role->load_method ||
                           op == role->load_global || op == role->load_attr ||
                           op == role->push_null || op == role->for_iter ||
                           pt_op_has((uint8_t)op, PT_OP_CALLS | PT_OP_ENTERS);
    }
}

int
pt_calls_ready(void)
{
    PyObject *text, *names;

    if (is_ready) {
        return 0;
    }
    text = PyUnicode_FromString(quick_names);
    if (text == NULL) {
        return -1;
    }
    names = PyUnicode_Split(text, NULL, -1);
    Py_DECREF(text);
    if (names == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        PyObject *name = Py_NewRef(PyList_GET_ITEM(names, i));

        PyUnicode_InternInPlace(&name);
        *find_quick(name) = name;
    }
    Py_DECREF(names);
    find_concerned();
    is_ready = true;
    return 0;
}

static void
push(struct nesting *nesting, bool is_quick)
{
    if (nesting->depth < NESTING_MAX) {
        nesting->is_quick[nesting->depth] = is_quick;
    }
    nesting->depth++;
}

static bool
pop(struct nesting *nesting)
{
    if (nesting->depth == 0) {
        return false;
    }
    nesting->depth--;
    return nesting->depth < NESTING_MAX && nesting->is_quick[nesting->depth];
}

// Index of the name if it pushes what is called next, else PT_NONE.
static int32_t
callee_of(const struct pt_insn *insn)
{
    if (insn->op == pt_bytecode.op.load_method) {
        return (int32_t)insn->arg;
    }
    if ((insn->op == pt_bytecode.op.load_global ||
         insn->op == pt_bytecode.op.load_attr) &&
        (insn->arg & 1) != 0) {
        return (int32_t)(insn->arg >> 1);
    }
    return PT_NONE;
}

static bool
is_quick(PyObject *names, int32_t name)
{
    return name < PyTuple_GET_SIZE(names) &&
           *find_quick(PyTuple_GET_ITEM(names, name)) != NULL;
}

static void
find_one(struct nesting *nesting, struct pt_flow *flow, int32_t i,
         PyObject *names)
{
    struct pt_insn *insn = &flow->insn[i];
    int32_t name = callee_of(insn);

    if (name != PT_NONE) {
        push(nesting, is_quick(names, name));
    }
    else if (insn->op == pt_bytecode.op.push_null) {
        push(nesting, false);
    }
    else if (pt_op_has(insn->op, PT_OP_CALLS) && pop(nesting)) {
        nesting->quick_at = i;
    }
    else if (insn->op == pt_bytecode.op.for_iter &&
             i == nesting->quick_at + 2) {
        // CALL, GET_ITER, FOR_ITER: over a range, the items of a dictionary.
    }
    else if (pt_op_has(insn->op, PT_OP_CALLS | PT_OP_ENTERS)) {
        insn->flags |= PT_WAITS;
    }
}

void
pt_calls_find(struct pt_flow *flow, PyObject *names)
{
    struct nesting nesting = {.quick_at = PT_NONE - 2};

    for (int32_t i = 0; i < flow->insns; i++) {
        if (flow->insn[i].flags & (PT_IN_SIDEWAYS | PT_IN_LANDING)) {
            nesting.depth = 0;
        }
        if (is_concerned[flow->insn[i].op]) {
            find_one(&nesting, flow, i, names);
        }
    }
}
