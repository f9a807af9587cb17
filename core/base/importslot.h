/* SPDX-License-Identifier: MIT */
/* importslot.h - replacing a function that loaded shared objects import.
 *
 * An ELF object calls what it imports through slots that the dynamic linker
 * filled (relocation types JUMP_SLOT and GLOB_DAT). Writing another address
 * there redirects the calls of that object. What an object calls inside
 * itself, or looked up by dlsym(), is not redirected.
 */
#ifndef PT_CORE_BASE_IMPORTSLOT_H
#define PT_CORE_BASE_IMPORTSLOT_H

#include <stddef.h>

typedef void (*pt_importslot_func)(void);

struct pt_importslot {
    const char *name;         // of the imported function
    pt_importslot_func func;  // what to call instead
};

/* How far earlier walks came; all zero before the first. */
struct pt_importslot_progress {
    unsigned long long unloaded;  // objects, until the last walk
    size_t objects;               // that it saw
    size_t settled;               // of them, seen by the one before it too
};

/* Put `func` in each slot of that name, in every object that is loaded now but
 * our own. Slots that have it already stay. Objects that two walks have seen
 * are not read again unless some were unloaded since: at the first they may
 * still have been about to be relocated. Takes the dynamic linker's lock:
 * never from a hook. One thread at a time. */
void pt_importslot_replace(const struct pt_importslot *slots, size_t count,
                           struct pt_importslot_progress *progress);

#endif
