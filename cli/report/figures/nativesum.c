/* SPDX-License-Identifier: MIT */
/* nativesum.c - one pass over all native pairs. */
#include "cli/report/figures/nativesum.h"

#include <string.h>

#include "cli/report/figures/nativesites.h"

static void
add_pair(struct pt_nativesum *sum, const struct pt_process *process,
         const struct pt_native_pair *native)
{
    struct pt_memory *memory = &sum->kind[native->kind];
    struct pt_weight weight = {native->size_bytes, 1, 0};
    struct pt_pair pair;

    (void)pt_nativesites_convert(native, PT_NATIVESITES_ALL, &pair);
    pt_amount_add(&memory->live, pt_aggregate_kept_blocks(process, &pair),
                  &weight);
    pt_amount_add(&memory->allocated, atomic_load(&pair.allocated), &weight);
}

struct pt_nativesum
pt_nativesum_of(const struct pt_reader *reader,
                const struct pt_aggregate *aggregate)
{
    struct pt_nativesum sum = {0};

    for (uint32_t i = 0; i < aggregate->shares; i++) {
        const struct pt_process *process = aggregate->share[i].record;
        uint32_t pairs =
            pt_reader_items(reader, process->number, PT_SEGMENT_NATIVE);

        for (uint32_t id = 1; id < pairs; id++) {
            const void *found =
                pt_reader_item(reader, process->number, PT_SEGMENT_NATIVE, id);
            struct pt_native_pair native;

            if (found != NULL) {
                memcpy(&native, found, sizeof(native));
                if (native.kind < PT_NATIVE_KINDS) {
                    add_pair(&sum, process, &native);
                }
            }
        }
    }
    return sum;
}

struct pt_memory
pt_nativesum_libraries(const struct pt_nativesum *sum)
{
    struct pt_memory libraries = sum->kind[PT_NATIVE_LIBRARY];

    pt_memory_add(&libraries, &sum->kind[PT_NATIVE_EARLY]);
    return libraries;
}
