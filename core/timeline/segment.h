/* SPDX-License-Identifier: MIT */
/* segment.h - what the segments of a recording consist of. */
#ifndef PT_CORE_TIMELINE_SEGMENT_H
#define PT_CORE_TIMELINE_SEGMENT_H

#include <stdint.h>

/* The size of an item of an array; 0 for segments that are none, and for
 * numbers that are no segment's. Hook-safe. Any thread. */
uint32_t pt_segment_item_bytes(uint32_t segment);

#endif
