/* SPDX-License-Identifier: MIT */
/* printing.h - what pytrace prints of a run while it runs (-t, --calls).
 *
 * Texts go into this process's spool (core/base/spool.h), which the supervisor
 * empties too: so they are not lost when the process is killed. Standing in
 * front of sys.stdout and sys.stderr (front.h) we hear when the program itself
 * prints: then what is in the spool is written first; and what the program
 * left in its file's buffer is flushed before the next text of ours. So all
 * stands in the order in which it happened. Processes that the program starts
 * may print as well: an audit hook hears of those.
 *
 * Where the program has put another file in the place of descriptor 1, the
 * supervisor alone writes, to the one that it was started with.
 *
 * All functions need the GIL unless it is said.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_PRINTING_H
#define PT_PYTHON_PYTRACE_EXT_PRINTING_H

#include "core/py/compat.h"

#include <stddef.h>

#include "core/base/compiler.h"
#include "core/base/spool.h"

/* Take the spools behind a descriptor, and close it; -1: there are none. 0, or
 * -1 with an exception. */
PT_MUST_CHECK int pt_printing_open(int fd);

/* What is to be printed, or NULL: nothing. */
const struct pt_spool_look *pt_printing_look(void);

/* Print a text in UTF-8. May run the program's own code, if that is what
 * sys.stdout is made of. 0, or -1 with the exception of a signal handler. */
PT_MUST_CHECK int pt_printing_put(const char *text, size_t bytes);

/* Say on stderr that the program has taken the one trace or profile function
 * that a thread has (3.11): there its own use wins. */
void pt_printing_say_pushed_out(void);

/* Write all that waits and stand aside: nothing more will be printed. */
void pt_printing_close(void);

/* The handlers of pthread_atfork. With or without the GIL. */
void pt_printing_before_fork(void);
void pt_printing_after_fork_child(void);

#endif
