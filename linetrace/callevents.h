/* SPDX-License-Identifier: MIT */
/* callevents.h - calls and returns as events on the timeline.
 *
 * Of the code whose lines are counted, by whatever engine: sys.monitoring on
 * 3.12 and newer (callevents_monitoring.c), PyEval_SetProfile on 3.11
 * (callevents_setprofile.c). Generators yield and go on; what an exception
 * leaves is unwound. Needs the GIL.
 */
#ifndef PT_LINETRACE_CALLEVENTS_H
#define PT_LINETRACE_CALLEVENTS_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/catalog.h"

#define PT_CALLEVENTS_IGNORED 0u

/* Write the events of all code that is counted to the timeline of `catalog`.
 * Code that was there before is left out. The line engine must have been
 * started. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_callevents_start(struct pt_catalog *catalog);

/* For the two ways of getting events: the id of a code object, or
 * PT_CALLEVENTS_IGNORED. Never fails. */
uint32_t pt_callevents_code_slow(PyCodeObject *code);

extern Py_ssize_t pt_callevents_extra;
extern struct pt_stream *pt_callevents_stream;

PT_INLINE uint32_t
pt_callevents_code(PyCodeObject *code)
{
    void *extra = NULL;

    // What is kept is the id, and one.
    if (pt_likely(pt_extra_get(code, pt_callevents_extra, &extra) == 0 &&
                  extra != NULL)) {
        return (uint32_t)(uintptr_t)extra - 1;
    }
    return pt_callevents_code_slow(code);
}

/* Begin to get events, in each of the two files. 0, or -1 with an exception.
 */
PT_MUST_CHECK int pt_callevents_listen(void);

#endif
