/* SPDX-License-Identifier: MIT */
/* rawmem.c - malloc and mmap behind one door. */
#include "core/base/rawmem.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t mapped_bytes;
static _Atomic uint64_t *_Atomic published;

#ifdef PT_TORTURE
static _Atomic uint64_t fail_countdown;
static atomic_int has_failed;

void
pt_rawmem_fail_at(uint64_t nth)
{
    atomic_store(&has_failed, 0);
    atomic_store(&fail_countdown, nth);
}

int
pt_rawmem_has_failed(void)
{
    return atomic_load(&has_failed);
}

static int
refused(void)
{
    uint64_t left = atomic_load(&fail_countdown);

    while (left != 0) {
        if (atomic_compare_exchange_weak(&fail_countdown, &left, left - 1)) {
            if (left == 1) {
                atomic_store(&has_failed, 1);
                return 1;
            }
            return 0;
        }
    }
    return 0;
}
#else
static int
refused(void)
{
    return 0;
}
#endif

PT_THREAD_LOCAL int pt_rawmem_is_asking;

void *
pt_rawmem_array(size_t count, size_t item_bytes)
{
    void *block;

    if (refused()) {
        return NULL;
    }
    pt_rawmem_is_asking = 1;
    block = calloc(count != 0 ? count : 1, item_bytes);
    pt_rawmem_is_asking = 0;
    return block;
}

void *
pt_rawmem_resize(void *block, size_t count, size_t item_bytes)
{
    size_t bytes;

    if (refused() || pt_mul_overflows(count, item_bytes, &bytes)) {
        return NULL;
    }
    pt_rawmem_is_asking = 1;
    block = realloc(block, bytes != 0 ? bytes : 1);
    pt_rawmem_is_asking = 0;
    return block;
}

void *
pt_rawmem_copy(const void *block, size_t bytes)
{
    void *copy = pt_rawmem_array(1, bytes);

    if (copy != NULL && bytes != 0) {
        memcpy(copy, block, bytes);
    }
    return copy;
}

void
pt_rawmem_free(void *block)
{
    free(block);
}

void *
pt_rawmem_map(size_t bytes)
{
    void *region;

    if (refused()) {
        return NULL;
    }
    region = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
        return NULL;
    }
    // Of no use in a core dump. And the kernel keeps what is left out of dumps
    // apart from the program's own memory beside it.
    madvise(region, bytes, MADV_DONTDUMP);
    pt_rawmem_account((int64_t)bytes);
    return region;
}

void
pt_rawmem_unmap(void *region, size_t bytes)
{
    if (region != NULL) {
        munmap(region, bytes);
        pt_rawmem_account(-(int64_t)bytes);
    }
}

void
pt_rawmem_discard(void *start, size_t bytes)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)start + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)start + bytes) & ~(page - 1);
    int saved_errno = errno;

    if (from < to) {
        madvise((void *)from, to - from, MADV_DONTNEED);
    }
    errno = saved_errno;
}

void
pt_rawmem_account(int64_t bytes)
{
    int64_t total =
        atomic_fetch_add_explicit(&mapped_bytes, bytes, memory_order_relaxed) +
        bytes;
    _Atomic uint64_t *place =
        atomic_load_explicit(&published, memory_order_relaxed);

    if (place != NULL) {
        atomic_store_explicit(place, (uint64_t)total, memory_order_relaxed);
    }
}

void
pt_rawmem_publish(_Atomic uint64_t *place)
{
    atomic_store(&published, place);
    if (place != NULL) {
        atomic_store(place, pt_rawmem_mapped_bytes());
    }
}

uint64_t
pt_rawmem_mapped_bytes(void)
{
    return (uint64_t)atomic_load_explicit(&mapped_bytes, memory_order_relaxed);
}

size_t
pt_rawmem_look(const void *region, size_t bytes, unsigned char *in_memory,
               size_t room)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (bytes + page - 1) / page;

    if (pages > room || mincore((void *)region, bytes, in_memory) != 0) {
        in_memory[0] = 1;
        return 1;
    }
    for (size_t i = 0; i < pages; i++) {
        in_memory[i] &= 1;
    }
    return pages;
}

uint64_t
pt_rawmem_resident_bytes(const void *region, size_t bytes)
{
    unsigned char in_memory[256];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t window = page * sizeof(in_memory);
    uint64_t resident = 0;

    for (size_t at = 0; at < bytes; at += window) {
        size_t span = bytes - at < window ? bytes - at : window;

        if (mincore((char *)region + at, span, in_memory) != 0) {
            return bytes;
        }
        for (size_t i = 0; i < (span + page - 1) / page; i++) {
            resident += in_memory[i] & 1 ? page : 0;
        }
    }
    return resident;
}
