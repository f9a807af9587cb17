/* SPDX-License-Identifier: MIT */
/* calltable.h - who called whom, how often, over all processes.
 *
 * Functions are those that take part in a call, in the order in which trace
 * prints them: by path and name. Code objects of one path and name are one
 * function, as loops make functions anew. Calls are sorted by caller, then
 * callee. Names are borrowed of the reader.
 */
#ifndef PT_CLI_REPORT_PRINT_CALLTABLE_H
#define PT_CLI_REPORT_PRINT_CALLTABLE_H

#include <stdint.h>

#include "cli/report/print/report.h"

struct pt_callee {
    char *path;    // as it is shown
    char *module;  // as trace names it
    const char *name;
    size_t name_bytes;
    uint32_t line;   // where it is defined
    uint64_t calls;  // by anybody
};

struct pt_call_sum {
    uint32_t caller;  // PT_CALLTABLE_NOBODY: no Python code
    uint32_t callee;
    uint64_t calls;
    uint64_t resumed;  // generators and coroutines that were called before
};

#define PT_CALLTABLE_NOBODY UINT32_MAX

struct pt_calltable {
    struct pt_callee *function;
    uint32_t functions;
    struct pt_call_sum *call;
    uint32_t calls;
};

/* Add up the calls of a recording. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_calltable_init(struct pt_calltable *table,
                                    const struct pt_report *report);

/* Give it back. Harmless on a released one. */
void pt_calltable_release(struct pt_calltable *table);

#endif
