/* SPDX-License-Identifier: MIT */
/* inner.h - the allocator below us: jemalloc, by the names that only it has.
 *
 * Its malloc() and free() are hidden by ours, for that is what interposing
 * means; mallocx() and its sisters are the same functions without a second
 * definition anywhere. A size must not be 0.
 */
#ifndef PT_NATIVE_INNER_H
#define PT_NATIVE_INNER_H

#include <stddef.h>

void *mallocx(size_t bytes, int flags);
void *rallocx(void *block, size_t bytes, int flags);
void dallocx(void *block, int flags);
void sdallocx(void *block, size_t bytes, int flags);
size_t sallocx(const void *block, int flags);
size_t nallocx(size_t bytes, int flags);
int mallctl(const char *name, void *old, size_t *old_bytes, void *new_value,
            size_t new_bytes);

/* The two that matter for speed, where they could be found; before that, and
 * elsewhere, they are made of those above. */
struct pt_inner {
    void *(*malloc)(size_t bytes);
    void (*free)(void *block);
};

extern struct pt_inner pt_inner;

/* Find them. While there is one thread. */
void pt_inner_find(void);

#define PT_INNER_ZERO 0x40  // MALLOCX_ZERO

/* As MALLOCX_LG_ALIGN: the low six bits are the shift. */
#define PT_INNER_ALIGN(shift) ((int)(shift))

/* jemalloc aligns blocks of up to 8 bytes to 8, where libc's malloc() aligns
 * all to 16; the block table needs 16, too. */
#define PT_INNER_SIZE_MIN ((size_t)9)

#endif
