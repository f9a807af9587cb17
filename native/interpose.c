/* SPDX-License-Identifier: MIT */
/* interpose.c - malloc() and its family, as the whole process sees them.
 *
 * Results are those of libc's: blocks are aligned to 16, malloc(0) is a block,
 * realloc(block, 0) frees, errno is ENOMEM when there is no memory and left
 * alone otherwise.
 */
#include "native/interpose.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "native/moments.h"

#define HERE ((uintptr_t)__builtin_return_address(0))

PT_INLINE size_t
at_least(size_t bytes)
{
    return pt_likely(bytes >= PT_INNER_SIZE_MIN) ? bytes : PT_INNER_SIZE_MIN;
}

PT_INLINE void *
allocate(size_t bytes, int flags, uintptr_t site)
{
    void *block = flags == 0 ? pt_inner.malloc(at_least(bytes))
                             : mallocx(at_least(bytes), flags);

    if (pt_unlikely(block == NULL)) {
        errno = ENOMEM;
        return NULL;
    }
    if (pt_tracker_is_on()) {
        struct pt_native_birth birth = {bytes, site,
                                        (unsigned)flags & (PT_INNER_ZERO - 1)};

        pt_tracker_born(block, &birth);
        pt_moments_step(bytes);
    }
    return block;
}

void *
pt_interpose_allocate(size_t bytes, size_t align, uintptr_t site)
{
    int shift = align > 16 ? __builtin_ctzll(align) : 0;

    return allocate(bytes, PT_INNER_ALIGN(shift), site);
}

PT_INLINE void
release(void *block)
{
    if (pt_unlikely(block == NULL)) {
        return;
    }
    if (pt_tracker_is_on()) {
        pt_native_id id = pt_tracker_take(block);

        pt_tracker_died(id, pt_tracker_needs_size(id) ? sallocx(block, 0) : 0);
    }
    pt_inner.free(block);
}

void
pt_interpose_release(void *block)
{
    release(block);
}

PT_EXPORT void *
malloc(size_t bytes)
{
    return allocate(bytes, 0, HERE);
}

PT_EXPORT void
free(void *block)
{
    release(block);
}

PT_EXPORT void *
calloc(size_t count, size_t item_bytes)
{
    size_t bytes;

    if (pt_unlikely(__builtin_mul_overflow(count, item_bytes, &bytes))) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(bytes, PT_INNER_ZERO, HERE);
}

static void *
move(void *old, size_t bytes, uintptr_t site)
{
    struct pt_native_birth birth = {bytes, site, 0};
    pt_native_id id = pt_tracker_take(old);
    size_t old_bytes = pt_tracker_needs_size(id) ? sallocx(old, 0) : 0;
    void *block = rallocx(old, at_least(bytes), 0);

    if (pt_unlikely(block == NULL)) {
        pt_tracker_restore(old, id);
        errno = ENOMEM;
        return NULL;
    }
    pt_tracker_died(id, old_bytes);
    pt_tracker_born(block, &birth);
    pt_moments_step(bytes);
    return block;
}

PT_INLINE void *
resize(void *old, size_t bytes, uintptr_t site)
{
    void *block;

    if (old == NULL) {
        return allocate(bytes, 0, site);
    }
    if (pt_unlikely(bytes == 0)) {
        release(old);
        return NULL;
    }
    if (pt_tracker_is_on()) {
        return move(old, bytes, site);
    }
    block = rallocx(old, at_least(bytes), 0);
    if (pt_unlikely(block == NULL)) {
        errno = ENOMEM;
    }
    return block;
}

PT_EXPORT void *
realloc(void *block, size_t bytes)
{
    return resize(block, bytes, HERE);
}

PT_EXPORT void *
reallocarray(void *block, size_t count, size_t item_bytes)
{
    size_t bytes;

    if (pt_unlikely(__builtin_mul_overflow(count, item_bytes, &bytes))) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, bytes, HERE);
}

/* As libc does: the next power of two, and no larger one than there is. */
static void *
allocate_aligned(size_t align, size_t bytes, uintptr_t site)
{
    if (align > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }
    if ((align & (align - 1)) != 0) {
        align = (size_t)1 << (64 - __builtin_clzll(align));
    }
    return pt_interpose_allocate(bytes, align, site);
}

PT_EXPORT int
posix_memalign(void **place, size_t align, size_t bytes)
{
    int saved_errno = errno;
    void *block;

    if (align < sizeof(void *) || (align & (align - 1)) != 0) {
        return EINVAL;
    }
    block = pt_interpose_allocate(bytes, align, HERE);
    errno = saved_errno;
    if (block == NULL) {
        return ENOMEM;
    }
    *place = block;
    return 0;
}

PT_EXPORT void *
aligned_alloc(size_t align, size_t bytes)
{
    return allocate_aligned(align, bytes, HERE);
}

PT_EXPORT void *
memalign(size_t align, size_t bytes)
{
    return allocate_aligned(align, bytes, HERE);
}

PT_EXPORT void *
valloc(size_t bytes)
{
    return allocate_aligned((size_t)sysconf(_SC_PAGESIZE), bytes, HERE);
}

PT_EXPORT void *
pvalloc(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (bytes > SIZE_MAX - page) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate_aligned(page, (bytes + page - 1) & ~(page - 1), HERE);
}

PT_EXPORT size_t
malloc_usable_size(void *block)
{
    return block != NULL ? sallocx(block, 0) : 0;
}
