/* SPDX-License-Identifier: MIT */
/* rewriting.h - whose code is rewritten, and when: as it is loaded.
 *
 * What runs in place of the compiler's code is made when a loader, eval() or,
 * before 3.12, who builds a function by hand is about to run it
 * (loading.h, funcmade.h), once for each code object; what the program reads
 * of its code is the compiler's all the same (codeface.h).
 *
 * One rewriter at a time may have this place. All functions need the GIL.
 */
#ifndef PT_LINETRACE_REWRITING_H
#define PT_LINETRACE_REWRITING_H

#include "core/py/compat.h"

#include <stdbool.h>

#include "core/base/compiler.h"
#include "linetrace/rewrite.h"

/* Can code be rewritten on this interpreter? Tries it. 0, or -1 with an
 * exception. */
PT_MUST_CHECK int pt_rewriting_ready(void);

/* Rewrite what is loaded from now on, if `wants` says so of the outermost code
 * object. Its rewriter->skip must not be NULL. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_rewriting_start(struct pt_rewriter *rewriter,
                                     bool (*wants)(PyCodeObject *code));

/* Rewrite no more; harmless when nothing was started. */
void pt_rewriting_stop(void);

/* Give a function that was there before rewritten code, if it is wanted. */
void pt_rewriting_meet(PyFunctionObject *function);

/* Are the code objects that are made just now ours? */
int pt_rewriting_is_busy(void);

#endif
