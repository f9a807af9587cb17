/* SPDX-License-Identifier: MIT */
/* interpose.h - what C++'s operators share with malloc() and free(). */
#ifndef PT_NATIVE_INTERPOSE_H
#define PT_NATIVE_INTERPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "native/inner.h"
#include "native/tracker.h"

/* A block aligned to `align`, a power of two or 0, or NULL and ENOMEM; filed
 * under the address `site`. Any thread. */
void *pt_interpose_allocate(size_t bytes, size_t align, uintptr_t site);

/* Forget and free a block; NULL is harmless. Any thread. */
void pt_interpose_release(void *block);

#endif
