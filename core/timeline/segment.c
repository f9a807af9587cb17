/* SPDX-License-Identifier: MIT */
/* segment.c - the one table of item sizes, for writers and readers. */
#include "core/timeline/segment.h"

#include "core/timeline/recording.h"

static const uint32_t item_bytes_of[PT_SEGMENT_COUNT] = {
    [PT_SEGMENT_PROCESS] = sizeof(struct pt_process),
    [PT_SEGMENT_TEXT] = 1,
    [PT_SEGMENT_FILE] = sizeof(struct pt_source),
    [PT_SEGMENT_CODE] = sizeof(struct pt_code),
    [PT_SEGMENT_COUNTER] = sizeof(uint64_t),
    [PT_SEGMENT_TERM] = sizeof(struct pt_term),
    [PT_SEGMENT_NODE] = sizeof(struct pt_node),
    [PT_SEGMENT_PAIR] = sizeof(struct pt_pair),
    [PT_SEGMENT_ARC] = sizeof(struct pt_arc),
    [PT_SEGMENT_CALL] = sizeof(struct pt_call),
    [PT_SEGMENT_CLOCK] = sizeof(struct pt_clock),
    [PT_SEGMENT_MODULE] = sizeof(struct pt_module),
    [PT_SEGMENT_NATIVE] = sizeof(struct pt_native_pair),
    [PT_SEGMENT_MOMENT] = sizeof(struct pt_moment),
    [PT_SEGMENT_TEMPORARY] = sizeof(uint64_t),
    [PT_SEGMENT_FRAME] = sizeof(struct pt_native_frame),
    [PT_SEGMENT_LIFETIME] = sizeof(uint64_t),
};

uint32_t
pt_segment_item_bytes(uint32_t segment)
{
    return segment < PT_SEGMENT_COUNT ? item_bytes_of[segment] : 0;
}
