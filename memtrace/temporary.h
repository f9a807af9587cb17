/* SPDX-License-Identifier: MIT */
/* temporary.h - counting blocks that end before their thread allocates again.
 *
 * Hooks in front of those that record (hooks.h), and only when asked for by
 * PT_WANT_TEMPORARY: so it costs nothing else.
 */
#ifndef PT_MEMTRACE_TEMPORARY_H
#define PT_MEMTRACE_TEMPORARY_H

#include "core/timeline/timeline.h"

/* Begin to count in `timeline`, where every pair has its item. The recording
 * hooks must stand already. PT_ERR_NOMEM changes nothing. Needs the GIL. */
PT_MUST_CHECK int pt_temporary_start(struct pt_timeline *timeline);

/* Put hooks back that somebody took out by force; how many there were.
 * Harmless when not started. Needs the GIL. */
int pt_temporary_repair(void);

/* Take the hooks out again, before those behind them. Harmless when not
 * started. Needs the GIL. */
void pt_temporary_stop(void);

#endif
