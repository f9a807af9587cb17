/* SPDX-License-Identifier: MIT */
/* page.h - decoding one page of events, which is not trusted.
 *
 * Not for use by several threads at once.
 */
#ifndef PT_CORE_TIMELINE_PAGE_H
#define PT_CORE_TIMELINE_PAGE_H

#include <stdint.h>

#include "core/timeline/eventlog.h"

/* How units of event times become nanoseconds, while no better is known. */
struct pt_page_rate {
    double ns_per_unit;
};

struct pt_page {
    const unsigned char *at;
    const unsigned char *end;
    double ns_per_unit;
    uint64_t start_ns;
    uint64_t start_units;
    uint64_t units;   // time of the last event that had one
    uint64_t number;  // of the next event
    uint64_t order;   // GIL events before the next one: PT_STREAM_FREE
    uint32_t stream;
    uint32_t thread;
    uint32_t code;
    uint32_t line;
    int is_broken;  // what is left cannot be read
};

/* Begin to read `bytes` bytes that begin with a struct pt_stream_page; they
 * must outlive it. `rate` is for pages that do not tell their own. */
void pt_page_open(struct pt_page *page, const void *bytes, size_t count,
                  struct pt_page_rate rate);

/* The next event: 1, or 0 at the end. Its `sequence` is its number. */
int pt_page_next(struct pt_page *page, struct pt_event *event);

#endif
