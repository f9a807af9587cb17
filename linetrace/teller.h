/* SPDX-License-Identifier: MIT */
/* teller.h - a probe that tells which line is about to run.
 *
 * It stands where line events and call events fire (pt_place_calls), and calls
 * who listens in place of what a trace function would be called for; its code
 * object runs as fast as ever in between. It counts too, so that it is known
 * whether code has begun.
 *
 * With the GIL.
 */
#ifndef PT_LINETRACE_TELLER_H
#define PT_LINETRACE_TELLER_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

struct pt_layout;

/* Told of the code object that has this number. Returns 0, or -1 with an
 * exception, which the program gets as it gets those of signal handlers. What
 * runs inside of these tells nothing. */
struct pt_teller_listener {
    int (*on_call)(uint32_t number);
    int (*on_line)(uint32_t number, int line);
};

/* Made other than 0 by a selector (probe.h): on the way to which the next
 * teller stands, no event fires. */
extern uint64_t pt_teller_void;

/* Make the type usable; once for a process. 0, or -1 with an exception set. */
PT_MUST_CHECK int pt_teller_ready(void);

/* Put the tellers of a layout, which live for ever, into a tuple from `at` on,
 * one for each counter. 0, or -1 with an exception set. */
PT_MUST_CHECK int pt_tellers_put(PyObject *tuple, Py_ssize_t at,
                                 const struct pt_layout *layout,
                                 uint64_t *counter, uint32_t number);

/* Who is told from now on; NULL: nobody. */
void pt_tellers_set_listener(const struct pt_teller_listener *listener);

#endif
