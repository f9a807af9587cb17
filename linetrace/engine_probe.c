/* SPDX-License-Identifier: MIT */
/* engine_probe.c - line counts without callbacks: rewritten code.
 *
 * Each code object of the user is rewritten once, when it is loaded, with
 * probes that count straight into the recording (rewrite.h). How lines follow
 * from the counters is filed with them as terms. What the loader does not see,
 * or the rewriter leaves alone, is counted by the callback engine where that
 * costs nothing in between (3.12 and newer); before, functions built by hand
 * are rewritten as well, and what is left alone is named in the report.
 */
#include "core/py/compat.h"

#include <stdbool.h>
#include <string.h>

#include "core/py/codeface.h"
#include "core/py/frame.h"
#include "core/py/funcmade.h"
#include "linetrace/bytecode.h"
#include "linetrace/calls.h"
#include "linetrace/engine.h"
#include "linetrace/escapes.h"
#include "linetrace/hits.h"
#include "linetrace/loading.h"
#include "linetrace/probe.h"
#include "linetrace/retire.h"
#include "linetrace/rewrite.h"
#include "linetrace/selftest.h"
#include "linetrace/slab.h"

static struct pt_rewriter rewriter;
static const struct pt_engine *net;  // counts what is not rewritten, or NULL
static int is_rewriting;

static int
claim(void *context, PyCodeObject *code, const struct pt_plan *plan,
      struct pt_claimed *claimed)
{
    (void)context;
    claimed->counter = pt_slab_of_plan(code, plan, &claimed->record);
    return claimed->counter != NULL;
}

static void
skip(void *context, PyCodeObject *code, const char *why)
{
    (void)context, (void)why;
    if (net != NULL) {
        net->adopt(code);
    }
    else {
        pt_hits_miss(code);
    }
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
    PyCodeObject *rewritten = pt_rewrite(&rewriter, code);

    end_rewriting(collects);
    if (rewritten == NULL) {
        PyErr_Clear();
        skip(NULL, code, "no memory");
    }
    return rewritten;
}

/* Rewritten code counts by itself: no events, and no second rewriting. */
static int
done(void *context, PyCodeObject *code, PyCodeObject *rewritten)
{
    (void)context, (void)code;
    pt_hits_ignore(rewritten);
    return 0;
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
 * of the one whose constants were changed. */
static PyCodeObject *
show(PyCodeObject *code, PyObject *consts)
{
    PyCodeObject *shown;
    int collects;

    if (consts != NULL && PyTuple_Check(consts) ? pt_rewrite_has_probes(consts)
                                                : has_begun(code)) {
        return (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    collects = begin_rewriting();
    shown = pt_rewrite_undo(code);
    end_rewriting(collects);
    return shown;
}

/* What is run in place of `code`; remembered, for code may be run often. */
static PyCodeObject *
load(PyCodeObject *code)
{
    struct pt_hits *hits;

    if (pt_rewrite_has_probes(code->co_consts)) {
        return (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    hits = pt_hits_of_outer(code);
    if (hits->lines != 0 && !hits->was_loaded) {
        hits->was_loaded = 1;
        hits->rewritten = (PyObject *)rewrite(code);
        if (hits->rewritten == (PyObject *)code) {
            // Holding itself it would never die.
            Py_CLEAR(hits->rewritten);
        }
    }
    return (PyCodeObject *)Py_NewRef(
        hits->rewritten != NULL ? hits->rewritten : (PyObject *)code);
}

static void
meet(PyFunctionObject *function)
{
    PyCodeObject *code = load((PyCodeObject *)function->func_code);

    if (PyObject_SetAttrString((PyObject *)function, "__code__",
                               (PyObject *)code) < 0) {
        PyErr_Clear();
        skip(NULL, (PyCodeObject *)function->func_code, "no memory");
    }
    Py_DECREF(code);
}

#if PT_HAS_CODE_WATCHER

static int
is_expected(PyCodeObject *code)
{
    if (pt_rewrite_has_probes(code->co_consts)) {
        // Its own, or what the program made of it by replace().
        pt_hits_ignore(code);
        return 1;
    }
    return is_rewriting || pt_loading_is_loader_running();
}

static int
start_net(const struct pt_engine_start *wishes)
{
    struct pt_engine_start for_net = *wishes;

    for_net.is_expected = is_expected;
    net = &pt_engine_monitoring;
    return net->start(&for_net);
}

static void
stop_net(void)
{
    net->stop();
}

#else

static int
start_net(const struct pt_engine_start *wishes)
{
    (void)wishes;
    return pt_funcmade_start(load);
}

static void
stop_net(void)
{
    pt_funcmade_stop();
}

#endif

static void
stop(void)
{
    pt_codeface_stop();
    pt_loading_stop();
    stop_net();
}

static int
start(const struct pt_engine_start *wishes)
{
    int counts;

    if (!pt_bytecode_is_known()) {
        PyErr_SetString(PyExc_RuntimeError,
                        "the bytecode of this interpreter is not known");
        return -1;
    }
    if (pt_probe_ready() < 0 || pt_escape_ready() < 0 ||
        pt_retire_ready() < 0 || pt_calls_ready() < 0) {
        return -1;
    }
    counts = pt_selftest_run();
    if (counts <= 0) {
        if (counts == 0) {
            PyErr_SetString(PyExc_RuntimeError,
                            "probes do not count correctly on this "
                            "interpreter");
        }
        return -1;
    }
    pt_slab_start(wishes->catalog);
    pt_rewriter_init(&rewriter, claim, skip, NULL);
    rewriter.done = done;
    rewriter.late = pt_slab_add_late;
    rewriter.hits_only = wishes->hits_only && pt_bytecode.ways.patches_freely;
    if (start_net(wishes) < 0) {
        return -1;
    }
    if (pt_loading_start(load) < 0 || pt_codeface_start(show) < 0) {
        stop();
        return -1;
    }
    return 0;
}

const struct pt_engine pt_engine_probe = {"probe", start, stop, NULL, meet};
