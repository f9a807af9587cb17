/* SPDX-License-Identifier: MIT */
/* mapsfile.h - /proc/self/smaps, one mapping after the other. */
#ifndef PT_NATIVE_MAPSFILE_H
#define PT_NATIVE_MAPSFILE_H

#include <stdint.h>

#include "core/base/compiler.h"

enum pt_mapsfile_kind {
    PT_MAPSFILE_ANONYMOUS,
    PT_MAPSFILE_FILE,
    PT_MAPSFILE_STACK,   // the main thread's
    PT_MAPSFILE_KERNEL,  // [heap], [vdso] and the like
};

struct pt_mapsfile_entry {
    uintptr_t start;
    uintptr_t end;
    uint64_t rss_bytes;
    enum pt_mapsfile_kind kind;
    int is_reserved;  // nothing in it may be read or written
};

/* Call `func` for each mapping of this process, in the order of addresses.
 * PT_ERR_IO when there is no such file. Takes no memory. Any thread, but one
 * at a time. */
typedef void (*pt_mapsfile_func)(void *context,
                                 const struct pt_mapsfile_entry *entry);
PT_MUST_CHECK int pt_mapsfile_read(pt_mapsfile_func func, void *context);

/* Resident pages of this process, and those of files among them, in bytes; 0
 * when they cannot be read. Any thread. */
struct pt_mapsfile_resident {
    uint64_t rss_bytes;
    uint64_t shared_bytes;
};
struct pt_mapsfile_resident pt_mapsfile_resident(void);

#endif
