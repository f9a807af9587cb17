/* SPDX-License-Identifier: MIT */
/* guard.c - the guard's storage. */
#include "core/py/guard.h"

PT_THREAD_LOCAL int pt_guard_depth;
