/* SPDX-License-Identifier: MIT */
/* linetrace.h - the line engine of this process.
 *
 * All functions need the GIL.
 */
#ifndef PT_LINETRACE_LINETRACE_H
#define PT_LINETRACE_LINETRACE_H

#include "core/py/compat.h"

#include "core/py/catalog.h"

/* Start counting lines over `catalog`, with the engine of this name or, with
 * "", the best one. 0, or -1 with a Python exception that names the engines
 * there are. */
PT_MUST_CHECK int pt_linetrace_start(struct pt_catalog *catalog,
                                     const char *engine);

/* To be called in a forked child that goes on counting. */
void pt_linetrace_after_fork_child(void);

/* Note trouble for the report. */
void pt_linetrace_trouble(enum pt_trouble trouble);

#endif
