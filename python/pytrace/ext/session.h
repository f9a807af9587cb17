/* SPDX-License-Identifier: MIT */
/* session.h - this process's part in a run: recording, catalog, engines. */
#ifndef PT_PYTHON_PYTRACE_EXT_SESSION_H
#define PT_PYTHON_PYTRACE_EXT_SESSION_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "core/timeline/timeline.h"

/* Join the recording in `fd`, start what its header asks for, and print what
 * the spools in `spools_fd` (-1: none) ask for. The filter must have been set
 * up. 0, or -1 with a Python exception. Needs the GIL. */
PT_MUST_CHECK int pt_session_start(int fd, int spools_fd);

/* The program has come to its end and its objects are still alive: stop
 * recording memory, so that the figures stay those of this moment. Line counts
 * go on, for exit handlers that run later. Harmless when not started. Needs
 * the GIL. */
void pt_session_finish(void);

/* The timeline of the run, or NULL when this process is not recorded. Needs
 * the GIL. */
struct pt_timeline *pt_session_timeline(void);

/* Note for the report that a sub-interpreter has begun. Harmless when not
 * started. Any thread. */
void pt_session_miss_subinterpreter(void);

#endif
