/* SPDX-License-Identifier: MIT */
/* reserve.c - a bit for each slot, three sizes of them. */
#include "native/reserve.h"

#include <stdatomic.h>

#define CLASSES 3
#define CLASS_BYTES (PT_RESERVE_BYTES / CLASSES)
#define WORDS_MAX (CLASS_BYTES / 64 / 64)
#define ALIGN_MAX 4096

// 16384 slots of 64 bytes, 512 of 2 KiB, 16 of 64 KiB.
static const unsigned char slot_bits[CLASSES] = {6, 11, 16};

_Alignas(ALIGN_MAX) char pt_reserve[PT_RESERVE_BYTES];

// A bit is 1 as long as its slot is taken.
static _Atomic uint64_t taken[CLASSES][WORDS_MAX];

/* A free bit of a word, now taken; 64 if there is none. */
static unsigned
take_bit(_Atomic uint64_t *word, uint64_t all)
{
    uint64_t found = atomic_load(word);

    while (found != all) {
        unsigned bit = (unsigned)pt_lowest_bit(~found);

        if (atomic_compare_exchange_weak(word, &found,
                                         found | UINT64_C(1) << bit)) {
            return bit;
        }
    }
    return 64;
}

static void *
take_slot(unsigned size_class)
{
    size_t slots = CLASS_BYTES >> slot_bits[size_class];
    uint64_t all = slots < 64 ? (UINT64_C(1) << slots) - 1 : UINT64_MAX;

    for (size_t i = 0; i * 64 < slots; i++) {
        unsigned bit = take_bit(&taken[size_class][i], all);

        if (bit < 64) {
            return pt_reserve + size_class * CLASS_BYTES +
                   ((i * 64 + bit) << slot_bits[size_class]);
        }
    }
    return NULL;
}

void *
pt_reserve_take(size_t bytes, size_t align)
{
    size_t wanted = bytes > align ? bytes : align;
    void *slot = NULL;

    for (unsigned size_class = 0; size_class < CLASSES && slot == NULL;
         size_class++) {
        if (wanted <= (size_t)1 << slot_bits[size_class] &&
            align <= ALIGN_MAX) {
            slot = take_slot(size_class);
        }
    }
    return slot;
}

size_t
pt_reserve_bytes(const void *block)
{
    size_t at = (uintptr_t)block - (uintptr_t)pt_reserve;

    return pt_reserve_has(block) ? (size_t)1 << slot_bits[at / CLASS_BYTES]
                                 : 0;
}

int
pt_reserve_give_back(const void *block)
{
    size_t at = (uintptr_t)block - (uintptr_t)pt_reserve;
    size_t size_class = at / CLASS_BYTES, slot;

    if (!pt_reserve_has(block)) {
        return 0;
    }
    slot = at % CLASS_BYTES >> slot_bits[size_class];
    atomic_fetch_and(&taken[size_class][slot / 64],
                     ~(UINT64_C(1) << slot % 64));
    return 1;
}
