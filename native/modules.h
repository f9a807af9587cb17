/* SPDX-License-Identifier: MIT */
/* modules.h - which program or library an address of native code is in. */
#ifndef PT_NATIVE_MODULES_H
#define PT_NATIVE_MODULES_H

#include <stdint.h>

#include "core/timeline/timeline.h"

/* The module of `address` in the timeline, filed there when it is new; 0 when
 * there is none. Takes the loader's lock: for places seen for the first time.
 * Any thread, with none of the tool's locks. */
uint32_t pt_modules_find(struct pt_timeline *timeline, uintptr_t address);

#endif
