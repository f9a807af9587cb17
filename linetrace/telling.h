/* SPDX-License-Identifier: MIT */
/* telling.h - the calls and lines of a run, told by the code itself.
 *
 * What feed.h delivers of these two, at a fraction of its price where CPython
 * has nothing but the trace function (3.11): code that is loaded gets tellers
 * (teller.h). The trace function stays the program's. Code that only an
 * extension runs is not seen, and what the rewriter leaves alone is named.
 *
 * One client at a time, and not beside the probe engine. All functions need
 * the GIL.
 */
#ifndef PT_LINETRACE_TELLING_H
#define PT_LINETRACE_TELLING_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "linetrace/teller.h"

struct pt_telling_client {
    // Is a code object that is about to run wanted, with those in it?
    bool (*wants)(PyCodeObject *code);
    // A number for a code object, by which it is told of; 0: without memory.
    uint32_t (*number)(PyCodeObject *code);
    // No event of this one will be told.
    void (*miss)(PyCodeObject *code);
    struct pt_teller_listener listener;
};

/* Tell of code that is loaded from now on, and of functions that are there. 0,
 * or -1 with an exception. */
PT_MUST_CHECK int pt_telling_start(const struct pt_telling_client *client);

/* Tell no more; harmless when nothing was started. */
void pt_telling_stop(void);

#endif
