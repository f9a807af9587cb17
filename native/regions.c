/* SPDX-License-Identifier: MIT */
/* regions.c - a sorted array, moved by system calls of our own. */
#include "native/regions.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_ROOM 1024u

static struct pt_region first_table[FIRST_ROOM];

static struct pt_region *table = first_table;
static uint32_t room = FIRST_ROOM;
static uint32_t used;
static atomic_int is_taken;
static PT_THREAD_LOCAL int has_lock;

/* 0 in a signal handler of the thread that has it. */
static int
lock(void)
{
    if (has_lock) {
        return 0;
    }
    has_lock = 1;
    while (atomic_exchange_explicit(&is_taken, 1, memory_order_acquire) != 0) {
        sched_yield();
    }
    return 1;
}

static void
unlock(void)
{
    has_lock = 0;
    atomic_store_explicit(&is_taken, 0, memory_order_release);
}

/* The first region that ends behind `address`. */
static uint32_t
find(uintptr_t address)
{
    uint32_t low = 0, high = used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (table[middle].end <= address) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

/* Room for two more. The old table stays: it is a quarter of the new one. */
static int
reserve(void)
{
    struct pt_region *larger;
    size_t bytes = (size_t)room * 4 * sizeof(*table);

    if (used + 2 <= room) {
        return 1;
    }
    larger = (void *)syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, (off_t)0);
    if (larger == MAP_FAILED) {
        return 0;
    }
    memcpy(larger, table, used * sizeof(*table));
    table = larger;
    room *= 4;
    return 1;
}

static void
insert(uint32_t at, const struct pt_region *region)
{
    memmove(&table[at + 1], &table[at], (used - at) * sizeof(*table));
    table[at] = *region;
    used++;
}

static void
erase(uint32_t at)
{
    used--;
    memmove(&table[at], &table[at + 1], (used - at) * sizeof(*table));
}

/* Cut [start, end) out of the region at `at`; how many are left of it. */
static uint32_t
cut(uint32_t at, uintptr_t start, uintptr_t end, struct pt_regions_rest *rest)
{
    struct pt_region left = table[at], right = left;
    uint32_t pieces = 0;

    erase(at);
    if (left.start < start) {
        left.end = start;
        rest->region[rest->regions++] = left;
        insert(at + pieces++, &left);
    }
    if (right.end > end) {
        right.start = end;
        rest->region[rest->regions++] = right;
        insert(at + pieces++, &right);
    }
    return pieces;
}

struct pt_regions_rest
pt_regions_remove(uintptr_t start, uintptr_t end, pt_regions_func gone,
                  void *context)
{
    struct pt_regions_rest rest = {.regions = 0};
    uint32_t at;

    if (start >= end || !lock()) {
        return rest;
    }
    at = find(start);
    while (at < used && table[at].start < end && reserve()) {
        gone(context, &table[at]);
        rest.removed++;
        at += cut(at, start, end, &rest);
    }
    unlock();
    return rest;
}

void
pt_regions_add(const struct pt_region *region)
{
    if (!lock()) {
        return;
    }
    if (reserve()) {
        insert(find(region->start), region);
    }
    unlock();
}

void
pt_regions_visit(uintptr_t start, uintptr_t end, pt_regions_func func,
                 void *context)
{
    if (!lock()) {
        return;
    }
    for (uint32_t at = find(start); at < used && table[at].start < end; at++) {
        func(context, &table[at]);
    }
    unlock();
}

void
pt_regions_after_fork_child(void)
{
    unlock();
}
