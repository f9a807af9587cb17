/* SPDX-License-Identifier: MIT */
/* tracer_filter.h - which functions a Tracer follows.
 *
 * Asked once for each code object. Of each kind of pattern (files, modules,
 * functions) that is given, one must fit; none of those to omit may. Without
 * any, a Tracer follows the user's own code: what is neither standard library
 * nor in site-packages.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACER_FILTER_H
#define PT_PYTHON_PYTRACE_EXT_TRACER_FILTER_H

#include "core/py/compat.h"

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/py/frame.h"

enum pt_tracer_subject {
    PT_TRACER_FILES,
    PT_TRACER_MODULES,
    PT_TRACER_FUNCTIONS,
    PT_TRACER_SUBJECTS,
};

/* Patterns are texts that end with 0; a buffer has another 0 behind them. */
struct pt_tracer_filter {
    struct pt_buf include[PT_TRACER_SUBJECTS];
    struct pt_buf omit[PT_TRACER_SUBJECTS];
    struct pt_buf threads;
    struct pt_buf libraries;  // directories that are not the
                              // user's own
    struct pt_buf tool;       // directories never followed
    int takes_all;
    int as_counted;  // what linetrace/filter.h says, and nothing else
};

/* Take a sequence of texts (or None). 0, or -1 with an exception. */
PT_MUST_CHECK int pt_tracer_patterns_take(struct pt_buf *patterns,
                                          PyObject *texts);

/* Do they fit a text, or a part of it that ends before `separator`? */
int pt_tracer_patterns_fit(const struct pt_buf *patterns, PyObject *text,
                           char separator);

void pt_tracer_filter_release(struct pt_tracer_filter *filter);

/* Is this code, of which `frame` is the first to run, followed? Needs the GIL;
 * runs no Python code. */
int pt_tracer_filter_decide(const struct pt_tracer_filter *filter,
                            const PyCodeObject *code,
                            const struct pt_frame *frame);

#endif
