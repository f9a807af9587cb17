/* SPDX-License-Identifier: MIT */
/* threadfront.h - "[worker] ", the thread in front of a line, once there are
 * several.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_THREADFRONT_H
#define PT_PYTHON_PYTRACE_EXT_THREADFRONT_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/buf.h"

/* Zeroes to begin with. */
struct pt_threadfront {
    uint64_t first;  // id of the first thread; 0: none yet
    int are_several;
};

/* Append the name of this thread, which has this id, if there was another one
 * before. Runs no Python code; never raises. Needs the GIL. */
void pt_threadfront_add(struct pt_threadfront *front, struct pt_buf *out,
                        uint64_t id);

#endif
