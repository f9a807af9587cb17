/* SPDX-License-Identifier: MIT */
/* selftest.h - does rewritten code count correctly on this interpreter? */
#ifndef PT_LINETRACE_SELFTEST_H
#define PT_LINETRACE_SELFTEST_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Rewrite and run a small program of a few thousand line events. 1: every
 * line was counted right; 0: not so; -1 with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_selftest_run(void);

#endif
