/* SPDX-License-Identifier: MIT */
/* nativeprofile.h - jemalloc's own heap profile beside the recording. */
#ifndef PT_CLI_RUN_NATIVEPROFILE_H
#define PT_CLI_RUN_NATIVEPROFILE_H

#include "core/base/error.h"

/* Have the program write its profile to `path`: put that, and jemalloc's
 * switch for it, into our environment. What the user has in MALLOC_CONF comes
 * later there, and so holds. An older file of that name is removed.
 * PT_ERR_IO with the reason in `err`. */
PT_MUST_CHECK int pt_nativeprofile_hand_over(const char *path,
                                             struct pt_err *err);

/* The program is gone: say so if it left no profile. */
void pt_nativeprofile_check(const char *path);

#endif
