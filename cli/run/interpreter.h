/* SPDX-License-Identifier: MIT */
/* interpreter.h - which Python runs the program. */
#ifndef PT_CLI_RUN_INTERPRETER_H
#define PT_CLI_RUN_INTERPRETER_H

#include <limits.h>

#include "core/base/error.h"

struct pt_interpreter {
    char path[PATH_MAX];
    int is_asked_for;  // by --python
};

/* Choose it: `asked` (a path, or a name on PATH) if not NULL, else that of
 * $VIRTUAL_ENV, else `own` (may be ""), else the one of this build, else
 * python3 on PATH. PT_ERR_USAGE if `asked` cannot be executed, PT_ERR_START if
 * there is none. */
PT_MUST_CHECK int pt_interpreter_choose(struct pt_interpreter *interpreter,
                                        const char *asked, const char *own,
                                        struct pt_err *err);

#endif
