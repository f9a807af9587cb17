/* SPDX-License-Identifier: MIT */
/* mapcalls.h - mmap() and its sisters, as the whole process sees them. */
#ifndef PT_NATIVE_MAPCALLS_H
#define PT_NATIVE_MAPCALLS_H

#include <stdint.h>

/* Note where jemalloc's code lies, and ours; what was mapped before is given
 * its owner. Before anything is recorded. */
void pt_mapcalls_start(void);

/* The library that `address` lies in works for us alone: what it maps is the
 * tool's. While there is one thread. */
void pt_mapcalls_add_tool(uintptr_t address);

#endif
