/* SPDX-License-Identifier: MIT */
/* rewriting.c - see rewriting.h. */
#include "linetrace/rewriting.h"

#include "core/py/codeextra.h"
#include "core/py/codeface.h"
#include "core/py/frame.h"
#include "core/py/funcmade.h"
#include "core/py/guard.h"
#include "linetrace/bytecode.h"
#include "linetrace/calls.h"
#include "linetrace/escapes.h"
#include "linetrace/loading.h"
#include "linetrace/probe.h"
#include "linetrace/selftest.h"
#include "linetrace/teller.h"
#include "linetrace/trap.h"

static struct pt_rewriter *rewriter;
static bool (*is_wanted)(PyCodeObject *code);
static int is_rewriting;

// On each code object that was rewritten: what is run in its place, owned, or
// None if that is itself.
static Py_ssize_t extra_index = -1;

static void
forget(void *rewritten)
{
    Py_XDECREF((PyObject *)rewritten);
}

// A finalizer could load code, in the middle of this (3.11).
static int
begin_rewriting(void)
{
    is_rewriting = 1;
    return PyGC_Disable();
}

static void
end_rewriting(int collects)
{
    is_rewriting = 0;
    if (collects) {
        PyGC_Enable();
    }
}

static PyCodeObject *
rewrite(PyCodeObject *code)
{
    int collects = begin_rewriting();
    PyCodeObject *rewritten = pt_rewrite(rewriter, code);

    end_rewriting(collects);
    if (rewritten == NULL) {
        PyErr_Clear();
        rewriter->skip(rewriter->context, code, "no memory");
    }
    return rewritten;
}

/* A frame may run for a while before it comes to a probe. */
static bool
has_begun(const PyCodeObject *code)
{
    return pt_rewrite_has_begun(code) || pt_frame_is_any_of(code);
}

/* What the program reads of its code: until it begins to run that is what the
 * compiler made, so that who compiles or takes apart functions can. Then it is
 * what runs, for offsets of frames and tracebacks lie in that. A copy is made
 * of the one whose constants were changed. Traps move no offsets. */
static PyCodeObject *
show(PyCodeObject *code, PyObject *consts)
{
    PyCodeObject *shown;
    int collects;

    if (consts != NULL && PyTuple_Check(consts)
            ? pt_rewrite_has_probes(consts)
            : has_begun(code) && pt_trap_among(code->co_consts) == NULL) {
        return (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    collects = begin_rewriting();
    shown = pt_rewrite_undo(code);
    end_rewriting(collects);
    return shown;
}

/* Keep what is run in place of `code`, for it may be run often. */
static void
remember(PyCodeObject *code, PyCodeObject *rewritten)
{
    // Holding itself it would never die.
    PyObject *kept = rewritten != NULL && rewritten != code
                         ? (PyObject *)rewritten
                         : Py_None;

    pt_guard_enter();
    if (pt_extra_set(code, extra_index, kept) == 0) {
        Py_INCREF(kept);
    }
    else {
        PyErr_Clear();
    }
    pt_guard_leave();
}

/* What is run in place of `code`. */
static PyCodeObject *
load(PyCodeObject *code)
{
    void *known = NULL;
    PyCodeObject *rewritten;

    if (pt_rewrite_has_probes(code->co_consts)) {
        return (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    if (pt_extra_get(code, extra_index, &known) != 0) {
        PyErr_Clear();
    }
    if (known == NULL && is_wanted(code)) {
        rewritten = rewrite(code);
        remember(code, rewritten);
        if (rewritten != NULL) {
            return rewritten;
        }
    }
    return (PyCodeObject *)Py_NewRef(
        known != NULL && known != Py_None ? known : (PyObject *)code);
}

void
pt_rewriting_meet(PyFunctionObject *function)
{
    PyCodeObject *code = load((PyCodeObject *)function->func_code);

    if (PyObject_SetAttrString((PyObject *)function, "__code__",
                               (PyObject *)code) < 0) {
        PyErr_Clear();
        rewriter->skip(rewriter->context, (PyCodeObject *)function->func_code,
                       "no memory");
    }
    Py_DECREF(code);
}

int
pt_rewriting_is_busy(void)
{
    return is_rewriting;
}

int
pt_rewriting_ready(void)
{
    int counts;

    if (!pt_bytecode_is_known()) {
        PyErr_SetString(PyExc_RuntimeError,
                        "the bytecode of this interpreter is not known");
        return -1;
    }
    if (pt_probe_ready() < 0 || pt_escape_ready() < 0 || pt_trap_ready() < 0 ||
        pt_teller_ready() < 0 || pt_calls_ready() < 0 ||
        pt_codeextra_take(&extra_index, forget) < 0) {
        return -1;
    }
    counts = pt_selftest_run();
    if (counts == 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "probes do not count correctly on this interpreter");
    }
    return counts > 0 ? 0 : -1;
}

void
pt_rewriting_stop(void)
{
    pt_codeface_stop();
    pt_loading_stop();
    pt_funcmade_stop();
}

int
pt_rewriting_start(struct pt_rewriter *by, bool (*wants)(PyCodeObject *code))
{
    rewriter = by;
    is_wanted = wants;
    // Later versions have a watcher, which sees all that is made.
    if ((!PT_HAS_CODE_WATCHER && pt_funcmade_start(load) < 0) ||
        pt_loading_start(load) < 0 || pt_codeface_start(show) < 0) {
        pt_rewriting_stop();
        return -1;
    }
    return 0;
}
