/* SPDX-License-Identifier: MIT */
/* tracer_program.h - `pytrace --calls`: the call tree of the whole program. */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACER_PROGRAM_H
#define PT_PYTHON_PYTRACE_EXT_TRACER_PROGRAM_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

/* Print the calls of code in scope (printing.h) from now on, as the bits of
 * enum pt_wanted say. 0, or -1 with an exception. Needs the GIL. */
PT_MUST_CHECK int pt_tracer_program_start(uint32_t wanted);

/* Print no more; harmless when nothing was started. Needs the GIL. */
void pt_tracer_program_stop(void);

#endif
