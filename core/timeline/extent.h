/* SPDX-License-Identifier: MIT */
/* extent.h - file space for one piece of a segment, mapped. */
#ifndef PT_CORE_TIMELINE_EXTENT_H
#define PT_CORE_TIMELINE_EXTENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/recording.h"

struct pt_timeline;

struct pt_extent_place {
    char *payload;     // zeroed, behind the extent's header
    uint32_t process;  // number it was filed under
};

/* Get a new extent with room for `payload_bytes` and map it; in anonymous
 * memory (and trouble noted) when the file cannot take it. A PROCESS extent is
 * filed under a new process number and is not in the recording before it is
 * published; others go under the current number and are. Called with the
 * timeline's lock held. Hook-safe. */
PT_MUST_CHECK int pt_extent_map(struct pt_timeline *timeline,
                                enum pt_segment segment, uint32_t first_item,
                                size_t payload_bytes,
                                struct pt_extent_place *place);

/* As above, but only in the file: PT_ERR_NOSPACE when that cannot take it,
 * which is for the caller to count. Hook-safe. */
PT_MUST_CHECK int pt_extent_map_file(struct pt_timeline *timeline,
                                     enum pt_segment segment,
                                     uint32_t first_item, size_t payload_bytes,
                                     struct pt_extent_place *place);

/* Take an extent that this process filled before once more: it is empty then
 * and has another number. PT_ERR_NOSPACE when it cannot be mapped. Called with
 * the timeline's lock held. Hook-safe. */
PT_MUST_CHECK int pt_extent_reuse(struct pt_timeline *timeline,
                                  uint64_t offset, uint32_t first_item,
                                  size_t payload_bytes,
                                  struct pt_extent_place *place);

/* Where an extent with this payload lies in the file. Hook-safe. */
uint64_t pt_extent_offset(const char *payload);

/* As pt_extent_map, with a copy of `*content` (which may be the payload
 * itself) and mapped in place of `payload`: what a forked child does with
 * every extent it inherited. */
PT_MUST_CHECK int pt_extent_replace(struct pt_timeline *timeline,
                                    enum pt_segment segment,
                                    uint32_t first_item, char *payload,
                                    const void *content, size_t payload_bytes);

/* Let readers see the extent of a payload, and what was written to it before.
 * Hook-safe. */
void pt_extent_publish(char *payload);

/* Put private zeroed memory in the place of an extent. PT_ERR_NOMEM: it is
 * still there. Hook-safe. */
PT_MUST_CHECK int pt_extent_isolate(char *payload, size_t payload_bytes);

/* Undo the mapping of a payload, to which nobody holds a pointer any more.
 * Hook-safe. */
void pt_extent_unmap(char *payload, size_t payload_bytes);

#endif
