/* SPDX-License-Identifier: MIT */
/* nativetier.h - may our library be preloaded into this interpreter?
 *
 * The loader ignores what it cannot preload, sometimes without a word, and
 * some processes do not stand a second allocator. So all that is known to go
 * wrong is looked for before anything is started.
 */
#ifndef PT_CLI_RUN_NATIVETIER_H
#define PT_CLI_RUN_NATIVETIER_H

#include <limits.h>
#include <stdint.h>

#include "core/base/error.h"

/* --native, --native=auto. */
enum pt_nativetier_mode {
    PT_NATIVETIER_OFF,
    PT_NATIVETIER_ON,    // or nothing is run
    PT_NATIVETIER_AUTO,  // or the run goes on without
};

struct pt_nativetier {
    int mode;                // enum pt_nativetier_mode
    int with_stacks;         // of native callers
    char library[PATH_MAX];  // "": without the native tier
};

/* Choose what to preload into `interpreter`; the library lies in `directory`.
 * PT_ERR_START with the reason, in `err`, when it cannot be and must; when it
 * only may, the reason is said on stderr. */
PT_MUST_CHECK int pt_nativetier_prepare(struct pt_nativetier *tier, int mode,
                                        int with_stacks,
                                        const char *interpreter,
                                        const char *directory,
                                        struct pt_err *err);

/* What it adds to header.wanted. */
uint32_t pt_nativetier_wanted(const struct pt_nativetier *tier);

/* Put it into our environment, for the interpreter. */
PT_MUST_CHECK int pt_nativetier_hand_over(const struct pt_nativetier *tier,
                                          struct pt_err *err);

#endif
