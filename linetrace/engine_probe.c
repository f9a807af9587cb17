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

#include "linetrace/bytecode.h"
#include "linetrace/callevents.h"
#include "linetrace/callprobe.h"
#include "linetrace/engine.h"
#include "linetrace/hits.h"
#include "linetrace/loading.h"
#include "linetrace/rewrite.h"
#include "linetrace/rewriting.h"
#include "linetrace/slab.h"

static struct pt_rewriter rewriter;
static const struct pt_engine *net;  // counts what is not rewritten, or NULL

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
        pt_callevents_adopt(code);
    }
    else {
        pt_hits_miss(code);
    }
}

/* Rewritten code counts by itself: no events of lines, and no second
 * rewriting. */
static int
done(void *context, PyCodeObject *code, PyCodeObject *rewritten)
{
    (void)context, (void)code;
    pt_hits_ignore(rewritten);
    pt_callevents_adopt(rewritten);
    return 0;
}

static bool
is_counted(PyCodeObject *code)
{
    return pt_hits_of_outer(code)->lines != 0;
}

#if PT_HAS_CODE_WATCHER

static int
is_to_be_rewritten(void)
{
    return pt_rewriting_is_busy() || pt_loading_is_loader_running();
}

static int
is_expected(PyCodeObject *code)
{
    if (pt_rewrite_has_probes(code->co_consts)) {
        // Its own, or what the program made of it by replace().
        pt_hits_ignore(code);
        return 1;
    }
    return is_to_be_rewritten();
}

static int
start_net(const struct pt_engine_start *wishes)
{
    struct pt_engine_start for_net = *wishes;

    for_net.is_expected = is_expected;
    net = &pt_engine_monitoring;
    return net->start(&for_net);
}

/* What rewritten code does not tell of its calls, events do. */
static int
start_calls(const struct pt_engine_start *wishes)
{
    rewriter.marks_calls = wishes->marks_calls != 0;
    if (!rewriter.marks_calls) {
        return 0;
    }
    if (pt_callprobe_start(&wishes->catalog->timeline->stream[PT_STREAM_GIL]) <
        0) {
        return -1;
    }
    pt_callevents_expect(is_to_be_rewritten);
    return 0;
}

#else

static int
start_net(const struct pt_engine_start *wishes)
{
    (void)wishes;
    return 0;
}

static int
start_calls(const struct pt_engine_start *wishes)
{
    (void)wishes;
    return 0;
}

#endif

static void
stop_net(void)
{
    if (net != NULL) {
        net->stop();
    }
}

static void
stop(void)
{
    pt_rewriting_stop();
    stop_net();
}

static int
start(const struct pt_engine_start *wishes)
{
    if (pt_rewriting_ready() < 0) {
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
    if (pt_rewriting_start(&rewriter, is_counted) < 0) {
        stop_net();
        return -1;
    }
    if (start_calls(wishes) < 0) {
        stop();
        return -1;
    }
    return 0;
}

const struct pt_engine pt_engine_probe = {"probe", start, stop, NULL,
                                          pt_rewriting_meet};
