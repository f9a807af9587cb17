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
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "native/moments.h"
#include "native/reserve.h"

PT_INLINE size_t
at_least(size_t bytes)
{
    return pt_likely(bytes >= PT_INNER_SIZE_MIN) ? bytes : PT_INNER_SIZE_MIN;
}

/* Blocks that a handler freed while its thread was in the allocator. Each says
 * which one is next. */
static PT_THREAD_LOCAL void *_Atomic put_off;

PT_INLINE void
release_now(void *block)
{
    size_t usable_bytes;

    if (!pt_tracker_is_on()) {
        pt_inner.free(block);
        return;
    }
    // The allocator is asked once: it need not look for the size again.
    usable_bytes = sallocx(block, 0);
    pt_tracker_died(pt_tracker_take(block, usable_bytes), usable_bytes);
    sdallocx(block, usable_bytes, 0);
}

PT_COLD static void
release_put_off(int was_at)
{
    do {
        void *block;

        pt_native_at = PT_AT_ALLOCATOR;
        block = atomic_exchange(&put_off, NULL);
        while (block != NULL) {
            void *next = *(void **)block;

            release_now(block);
            block = next;
        }
        pt_native_at = was_at;
    } while (atomic_load(&put_off) != NULL);
}

/* The thread is done with the allocator; from now on nothing is put off. */
PT_INLINE void
leave_allocator(int was_at)
{
    pt_native_at = was_at;
    if (pt_unlikely(atomic_load_explicit(&put_off, memory_order_relaxed) !=
                    NULL)) {
        release_put_off(was_at);
    }
}

/* From the allocator below; a handler that interrupted it is served from the
 * reserve, and if that is used up, the allocator may take it ill. */
PT_COLD static void *
allocate_inside(size_t bytes, int flags)
{
    size_t align = (size_t)1 << ((unsigned)flags & (PT_INNER_ZERO - 1));
    void *block = pt_reserve_take(bytes, align);

    if (block == NULL) {
        block = mallocx(at_least(bytes), flags);
    }
    else if (flags & PT_INNER_ZERO) {
        memset(block, 0, bytes);
    }
    if (block == NULL) {
        errno = ENOMEM;
    }
    return block;
}

PT_INLINE void *
allocate(size_t bytes, int flags, uintptr_t site)
{
    int was_at = pt_native_at;
    void *block;

    if (pt_unlikely(was_at == PT_AT_ALLOCATOR)) {
        return allocate_inside(bytes, flags);
    }
    pt_native_at = PT_AT_ALLOCATOR;
    block = flags == 0 ? pt_inner.malloc(at_least(bytes))
                       : mallocx(at_least(bytes), flags);
    leave_allocator(was_at);
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
    int shift = align > 16 ? pt_lowest_bit(align) : 0;

    return allocate(bytes, PT_INNER_ALIGN(shift), site);
}

/* Of the reserve, or while the allocator must not be entered. */
PT_COLD static void
release_inside(void *block)
{
    if (!pt_reserve_give_back(block)) {
        *(void **)block = atomic_load(&put_off);
        atomic_store(&put_off, block);
    }
}

PT_INLINE void
release(void *block)
{
    int was_at = pt_native_at;

    if (pt_unlikely(block == NULL)) {
        return;
    }
    if (pt_unlikely(was_at == PT_AT_ALLOCATOR || pt_reserve_has(block))) {
        release_inside(block);
        return;
    }
    pt_native_at = PT_AT_ALLOCATOR;
    release_now(block);
    leave_allocator(was_at);
}

void
pt_interpose_release(void *block)
{
    release(block);
}

PT_EXPORT void *
malloc(size_t bytes)
{
    return allocate(bytes, 0, PT_RETURN_ADDRESS);
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

    if (pt_unlikely(pt_mul_overflows(count, item_bytes, &bytes))) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(bytes, PT_INNER_ZERO, PT_RETURN_ADDRESS);
}

static void *
move(void *old, size_t bytes)
{
    size_t old_bytes = sallocx(old, 0);
    pt_native_id id = pt_tracker_take(old, old_bytes);
    void *block = rallocx(old, at_least(bytes), 0);

    if (pt_unlikely(block == NULL)) {
        pt_tracker_restore(old, old_bytes, id);
    }
    else {
        pt_tracker_died(id, old_bytes);
    }
    return block;
}

/* What a block has room for. A handler that interrupted the allocator asks it
 * only for what is not filed, of which there is little: it looks into a tree
 * without a lock, but may be half way in its cache of that. */
static size_t
usable_size(const void *block)
{
    size_t bytes = pt_reserve_bytes(block);
    int was_at = pt_native_at;

    if (bytes == 0 && was_at == PT_AT_ALLOCATOR) {
        bytes = pt_tracker_usable(block);
    }
    if (bytes == 0) {
        pt_native_at = PT_AT_ALLOCATOR;
        bytes = sallocx(block, 0);
        pt_native_at = was_at;
    }
    return bytes;
}

/* By copying, when one of the two blocks is of the reserve. */
PT_COLD static void *
resize_inside(void *old, size_t bytes, uintptr_t site)
{
    size_t old_bytes = usable_size(old);
    void *block = allocate(bytes, 0, site);

    if (block != NULL) {
        memcpy(block, old, old_bytes < bytes ? old_bytes : bytes);
        release(old);
    }
    return block;
}

PT_INLINE void *
resize(void *old, size_t bytes, uintptr_t site)
{
    struct pt_native_birth birth = {bytes, site, 0};
    int was_at = pt_native_at;
    void *block;

    if (old == NULL) {
        return allocate(bytes, 0, site);
    }
    if (pt_unlikely(bytes == 0)) {
        release(old);
        return NULL;
    }
    if (pt_unlikely(was_at == PT_AT_ALLOCATOR || pt_reserve_has(old))) {
        return resize_inside(old, bytes, site);
    }
    pt_native_at = PT_AT_ALLOCATOR;
    block = pt_tracker_is_on() ? move(old, bytes)
                               : rallocx(old, at_least(bytes), 0);
    leave_allocator(was_at);
    if (pt_unlikely(block == NULL)) {
        errno = ENOMEM;
        return NULL;
    }
    if (pt_tracker_is_on()) {
        pt_tracker_born(block, &birth);
        pt_moments_step(bytes);
    }
    return block;
}

PT_EXPORT void *
realloc(void *block, size_t bytes)
{
    return resize(block, bytes, PT_RETURN_ADDRESS);
}

PT_EXPORT void *
reallocarray(void *block, size_t count, size_t item_bytes)
{
    size_t bytes;

    if (pt_unlikely(pt_mul_overflows(count, item_bytes, &bytes))) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, bytes, PT_RETURN_ADDRESS);
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
        align = (size_t)2 << pt_highest_bit(align);
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
    block = pt_interpose_allocate(bytes, align, PT_RETURN_ADDRESS);
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
    return allocate_aligned(align, bytes, PT_RETURN_ADDRESS);
}

PT_EXPORT void *
memalign(size_t align, size_t bytes)
{
    return allocate_aligned(align, bytes, PT_RETURN_ADDRESS);
}

PT_EXPORT void *
valloc(size_t bytes)
{
    return allocate_aligned((size_t)sysconf(_SC_PAGESIZE), bytes,
                            PT_RETURN_ADDRESS);
}

PT_EXPORT void *
pvalloc(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (bytes > SIZE_MAX - page) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate_aligned(page, (bytes + page - 1) & ~(page - 1),
                            PT_RETURN_ADDRESS);
}

PT_EXPORT size_t
malloc_usable_size(void *block)
{
    return block != NULL ? usable_size(block) : 0;
}
