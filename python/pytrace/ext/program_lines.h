/* SPDX-License-Identifier: MIT */
/* program_lines.h - `pytrace -t`: each line of code in scope before it runs.
 *
 *      --- modulename: shop, funcname: sell
 *     shop.py(12):     total = price * count
 *
 * What `python -m trace --trace` prints, through the spool (printing.h). It
 * comes from a feed (linetrace/feed.h); but where that is the trace function,
 * and nothing else needs it, from the code itself (linetrace/telling.h). All
 * functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_PROGRAM_LINES_H
#define PT_PYTHON_PYTRACE_EXT_PROGRAM_LINES_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "core/base/spool.h"

/* Print the lines of code that begins to run from now on, in a run whose lines
 * may be counted, too. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_program_lines_start(const struct pt_spool_look *look,
                                         int is_counting);

/* Print no more; harmless when nothing was started. */
void pt_program_lines_stop(void);

#endif
