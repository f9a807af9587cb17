/* SPDX-License-Identifier: MIT */
/* callpairs.h - who called whom, how often: counters in the recording. */
#ifndef PT_LINETRACE_CALLPAIRS_H
#define PT_LINETRACE_CALLPAIRS_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/catalog.h"

/* Begin over `catalog`. PT_OK or PT_ERR_NOMEM. Needs the GIL. */
PT_MUST_CHECK int pt_callpairs_start(struct pt_catalog *catalog);

enum pt_callpairs_how {
    PT_CALLED = 0,   // the counter to add to
    PT_RESUMED = 1,  // a generator or coroutine that was called before
};

/* Count a call between the records of two code objects; 0: called by no
 * Python code. Needs the GIL. */
void pt_callpairs_count(uint32_t caller, uint32_t callee,
                        enum pt_callpairs_how how);

#endif
