/* SPDX-License-Identifier: MIT */
/* unwind.h - the native callers of an allocation, for --native-stacks.
 *
 * By libunwind, which is loaded when it is wanted, with its symbols to itself:
 * a library that is preloaded for all to see would take over how C++ throws.
 * A stack is a row of return addresses, from the call of malloc() outward to
 * the interpreter's loop, where the Python context goes on. It lies in the
 * recording as a path of nodes, each under that of its caller.
 */
#ifndef PT_NATIVE_UNWIND_H
#define PT_NATIVE_UNWIND_H

#include <stdint.h>

#include "core/timeline/timeline.h"

/* Load the unwinder; *code is an address in it. PT_ERR_START: there is none,
 * and no stack may be asked for. While there is one thread. */
PT_MUST_CHECK int pt_unwind_start(struct pt_timeline *timeline,
                                  uintptr_t *code);

/* The node of the stack whose innermost return address is `site`, which is on
 * the stack of the caller; 0 when nothing is known. Not hook-safe: it may take
 * the loader's lock and memory. Any thread. */
uint32_t pt_unwind_stack(uintptr_t site);

/* Around fork: nobody may be in the unwinder then, as its locks would be taken
 * for ever in the child. */
void pt_unwind_before_fork(void);
void pt_unwind_after_fork(void);

#endif
