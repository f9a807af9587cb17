/* SPDX-License-Identifier: MIT */
/* rewrite.h - give a code object probes that count its lines.
 *
 * The new code object does what the old one did, and counts. Its tables map
 * every old instruction to the place, the handler and the line event it had.
 * Code objects among the constants are rewritten first. What does not look
 * like the compiler's own work is left alone and named, never guessed at.
 *
 * A rewriter is used by one thread at a time; all of it needs the GIL.
 */
#ifndef PT_LINETRACE_REWRITE_H
#define PT_LINETRACE_REWRITE_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "linetrace/escapes.h"
#include "linetrace/plan.h"

struct pt_claimed {
    uint64_t *counter;
    uint32_t record;  // for `late`
};

/* Asked once for each code object that can be counted, inner ones first, with
 * what its counters will mean. Sets `claimed->counter` to plan->counters
 * zeroed counters that outlive the process's code, and returns 1; or returns 0
 * to leave this one alone; or -1 with an exception set. Must copy what it
 * wants to keep of the plan. */
typedef int (*pt_rewrite_claim)(void *context, PyCodeObject *code,
                                const struct pt_plan *plan,
                                struct pt_claimed *claimed);

/* Told of each code object that had to be left alone, and why. */
typedef void (*pt_rewrite_skip)(void *context, PyCodeObject *code,
                                const char *why);

/* Told of each new code object; may be NULL. -1 with an exception set fails
 * the rewrite. */
typedef int (*pt_rewrite_done)(void *context, PyCodeObject *code,
                               PyCodeObject *rewritten);

struct pt_rewriter {
    pt_rewrite_claim claim;
    pt_rewrite_skip skip;
    pt_rewrite_done done;
    pt_escape_file late;  // may be NULL
    void *context;
    bool per_block;    // as in struct pt_original
    bool hits_only;    // whether lines run, and no more (trap.h)
    bool tells;        // they are tellers (teller.h), `record` is their number
    bool marks_calls;  // others tell of calls (callprobe.h), by `record`
    struct pt_arena arena;  // working memory, empty between rewrites
};

/* Make a rewriter; `skip` and `done` may be NULL. */
void pt_rewriter_init(struct pt_rewriter *rewriter, pt_rewrite_claim claim,
                      pt_rewrite_skip skip, void *context);

/* Free its memory. Harmless on a released rewriter. */
void pt_rewriter_release(struct pt_rewriter *rewriter);

/* Do these constants, a tuple, have probes among them, so that code with them
 * counts by itself? */
bool pt_rewrite_has_probes(PyObject *consts);

/* Is `code` rewritten, and has anything of it been counted in this process?
 * Each of its frames that waits for a call or has ended was. */
bool pt_rewrite_has_begun(const PyCodeObject *code);

/* The code object that the compiler made, but for inner ones, which stay
 * rewritten; with traps it may have some NOPs more. `code` itself if it has
 * neither: a new reference. NULL with an exception set when memory ran out. */
PT_MUST_CHECK PyCodeObject *pt_rewrite_undo(PyCodeObject *code);

/* A code object to be run in place of `code`, maybe `code` itself: a new
 * reference. NULL with an exception set only if memory ran out or a callback
 * failed. */
PT_MUST_CHECK PyCodeObject *pt_rewrite(struct pt_rewriter *rewriter,
                                       PyCodeObject *code);

#endif
