/* SPDX-License-Identifier: MIT */
/* repack.h - packets and pages of a process, moved to another clock. */
#ifndef PT_CORE_TIMELINE_REPACK_H
#define PT_CORE_TIMELINE_REPACK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/merger.h"
#include "core/timeline/reader.h"

/* Add `shift_ns` (modulo 2^64) to the times of a page of events of `count`
 * bytes. A page that has no rate of its own gets that of `header`. */
void pt_repack_page(void *bytes, size_t count, uint64_t shift_ns,
                    const struct pt_header *header);

/* Copy all packets of a process as those of process `number`. */
PT_MUST_CHECK int pt_repack_copy(struct pt_merger *merger,
                                 const struct pt_reader *reader,
                                 uint32_t process, uint32_t number,
                                 uint64_t shift_ns);

#endif
