/* SPDX-License-Identifier: MIT */
/* callevents.h - calls and returns as events on the timeline.
 *
 * Of the code whose lines are counted, by whatever engine: sys.monitoring on
 * 3.12 and newer (callevents_monitoring.c), PyEval_SetProfile on 3.11
 * (callevents_setprofile.c). Generators yield and go on; what an exception
 * leaves is unwound. Needs the GIL.
 *
 * From 3.12 on rewritten code has probes that tell of its calls and returns
 * themselves (callprobe.h); what an exception leaves is told here all the
 * same.
 */
#ifndef PT_LINETRACE_CALLEVENTS_H
#define PT_LINETRACE_CALLEVENTS_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/catalog.h"

#define PT_CALLEVENTS_IGNORED 0u

/* Code objects that are made while this says so are left to
 * pt_callevents_adopt(). Before the start; 3.12 and newer. */
void pt_callevents_expect(int (*is_expected)(void));

/* Write the events of all code that is counted to the timeline of `catalog`.
 * Code that was there before is left out. The line engine must have been
 * started. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_callevents_start(struct pt_catalog *catalog);

/* Write those of this code object, though it was expected, unless it tells of
 * them itself; before the start nothing is done. Never fails. */
void pt_callevents_adopt(PyCodeObject *code);

/* For the two ways of getting events: the id of a code object, or
 * PT_CALLEVENTS_IGNORED. Never fails. */
uint32_t pt_callevents_code_slow(PyCodeObject *code);

extern struct pt_stream *pt_callevents_stream;

/* Code objects asked for not long ago, by their addresses, in front of what
 * hangs on them; emptied whenever one dies. */
#define PT_CALLEVENTS_RECENT 128u

extern struct pt_callevents_recent {
    PyCodeObject *code;
    uint32_t id;
} pt_callevents_recent[PT_CALLEVENTS_RECENT];

PT_INLINE struct pt_callevents_recent *
pt_callevents_recent_of(const PyCodeObject *code)
{
    uintptr_t address = (uintptr_t)code;

    return &pt_callevents_recent[(address >> 4 ^ address >> 11) %
                                 PT_CALLEVENTS_RECENT];
}

PT_INLINE uint32_t
pt_callevents_code(PyCodeObject *code)
{
    const struct pt_callevents_recent *recent = pt_callevents_recent_of(code);

    return pt_likely(recent->code == code) ? recent->id
                                           : pt_callevents_code_slow(code);
}

/* Begin to get events, in each of the two files. 0, or -1 with an exception.
 */
PT_MUST_CHECK int pt_callevents_listen(void);

#endif
