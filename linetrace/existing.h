/* SPDX-License-Identifier: MIT */
/* existing.h - functions that are there before an engine starts.
 *
 * What the user's sitecustomize and .pth files have imported by then.
 */
#ifndef PT_LINETRACE_EXISTING_H
#define PT_LINETRACE_EXISTING_H

#include "core/py/compat.h"

#include <stdbool.h>

#include "core/base/compiler.h"

/* Call `func` for each function object whose code is wanted. 0, or -1 with an
 * exception. Needs the GIL. */
PT_MUST_CHECK int pt_existing_visit(bool (*wants)(PyCodeObject *code),
                                    void (*func)(PyFunctionObject *function));

#endif
