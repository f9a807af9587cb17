/* SPDX-License-Identifier: MIT */
/* latest.c - a slot for each thread. */
#include "memtrace/latest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/rawmem.h"

// Threads beyond that have no slot, and so no last block. What is not used of
// the table is no memory.
#define SLOTS PT_SIZE(32768u, 4u)

// What is in a slot that is not the address of a block.
#define FREE ((uintptr_t)0)
#define NO_BLOCK ((uintptr_t)1)

static _Atomic uintptr_t *slots;
static _Atomic uint32_t used;    // slots that were ever taken
static pthread_key_t owner_key;  // for its destructor at the thread's end
static PT_THREAD_LOCAL _Atomic uintptr_t *own;

static void
give_back(void *slot)
{
    own = NULL;
    atomic_store((_Atomic uintptr_t *)slot, FREE);
}

int
pt_latest_start(void)
{
    if (slots != NULL) {
        return PT_OK;
    }
    if (pthread_key_create(&owner_key, give_back) != 0) {
        return PT_ERR_NOMEM;
    }
    slots = pt_rawmem_map(SLOTS * sizeof(*slots));
    if (slots == NULL) {
        pthread_key_delete(owner_key);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

static int
exchange(_Atomic uintptr_t *slot, uintptr_t from, uintptr_t to)
{
    return atomic_load_explicit(slot, memory_order_relaxed) == from &&
           atomic_compare_exchange_strong(slot, &from, to);
}

/* A slot for the calling thread, or NULL. */
PT_COLD static _Atomic uintptr_t *
take_slot(void)
{
    uint32_t at = 0, end = atomic_load(&used);

    while (at < SLOTS && !exchange(&slots[at], FREE, NO_BLOCK)) {
        at++;
    }
    if (at == SLOTS || pthread_setspecific(owner_key, &slots[at]) != 0) {
        return NULL;
    }
    while (end <= at && !atomic_compare_exchange_weak(&used, &end, at + 1)) {
    }
    return &slots[at];
}

void
pt_latest_note(const void *block)
{
    if (pt_unlikely(own == NULL)) {
        own = take_slot();
    }
    if (pt_likely(own != NULL)) {
        atomic_store_explicit(own, (uintptr_t)block, memory_order_relaxed);
    }
}

int
pt_latest_end(const void *block)
{
    uint32_t end;

    if (pt_likely(own != NULL) && exchange(own, (uintptr_t)block, NO_BLOCK)) {
        return 1;
    }
    end = atomic_load_explicit(&used, memory_order_relaxed);
    for (uint32_t i = 0; i < end; i++) {
        if (pt_unlikely(exchange(&slots[i], (uintptr_t)block, NO_BLOCK))) {
            return 1;
        }
    }
    return 0;
}

void
pt_latest_after_fork_child(void)
{
    uint32_t end = atomic_load(&used);

    for (uint32_t i = 0; i < end; i++) {
        atomic_store(&slots[i], &slots[i] == own ? NO_BLOCK : FREE);
    }
}
