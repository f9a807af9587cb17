/* SPDX-License-Identifier: MIT */
/* retire.h - probes that leave the code once they have counted.
 *
 * Where only is asked whether a line runs, its probe has told all it can when
 * it has run for the first time. It then makes the LOAD_CONST it came from a
 * jump over itself: one instruction in place of two and a call. Only where
 * code may be changed in place while it runs (bytecode.h, patches_freely).
 */
#ifndef PT_LINETRACE_RETIRE_H
#define PT_LINETRACE_RETIRE_H

#include "linetrace/layout.h"
#include "linetrace/probe.h"

/* Make the type usable; once for a process. 0, or -1 with an exception set.
 * Needs the GIL. */
PT_MUST_CHECK int pt_retire_ready(void);

/* Let those of a layout's probes retire whose lines have no counter that is
 * subtracted. -1 with an exception set when memory ran out. Needs the GIL. */
PT_MUST_CHECK int pt_retire_allow(struct pt_probe *probe,
                                  const struct pt_layout *layout);

#endif
