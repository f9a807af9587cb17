/* SPDX-License-Identifier: MIT */
/* branches.h - the lines at which a code object decides where to go on. */
#ifndef PT_LINETRACE_BRANCHES_H
#define PT_LINETRACE_BRANCHES_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

/* Told of one way out of line `from`: to line `to`, or PT_ARC_OUTSIDE. */
typedef void (*pt_branches_func)(void *context, uint32_t from, uint32_t to);

/* Call `func` for each way out of each line of `code` that has several, all
 * ways of one line together. Ways by exceptions do not count, nor does a line
 * that can only go on to itself. What is not the compiler's own code has no
 * branches. Leaves no exception behind. Needs the GIL. */
void pt_branches_find(PyCodeObject *code, pt_branches_func func,
                      void *context);

#endif
