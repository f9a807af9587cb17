/* SPDX-License-Identifier: MIT */
/* eventlog.h - reading the events of one process in their order.
 *
 *     pt_eventlog_open(&log, reader, process);
 *     while ((code = pt_eventlog_next(log, &event)) > 0) {
 *         if (event.kind == PT_KIND_CALL) { ... event.code ...
 *
 * Memory is bounded, whatever the size of the recording. What does not hold is
 * passed over: events in packets that are damaged or were dropped are counted
 * as `lost`, and a kept end (--ring, --last) begins in the middle. Not for use
 * by several threads at once.
 */
#ifndef PT_CORE_TIMELINE_EVENTLOG_H
#define PT_CORE_TIMELINE_EVENTLOG_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/reader.h"
#include "core/timeline/recording.h"

enum pt_event_kind {
    PT_KIND_CALL,    // code
    PT_KIND_RETURN,  // of these the program has as many as of calls
    PT_KIND_YIELD,
    PT_KIND_RESUME,  // code
    PT_KIND_UNWIND,
    PT_KIND_THROW,         // code
    PT_KIND_LINE,          // code, line
    PT_KIND_ALLOC,         // pair
    PT_KIND_FREE,          // pair
    PT_KIND_NATIVE_ALLOC,  // pair, of a library's memory
    PT_KIND_NATIVE_FREE,   // pair
    PT_KIND_START,
    PT_KIND_STOP,
    PT_KIND_THREAD_START,  // number: of the kernel
    PT_KIND_THREAD_STOP,
    PT_KIND_GC_START,  // number: generation
    PT_KIND_GC_STOP,   // number; collected; uncollectable
    PT_KIND_FORK,
    PT_KIND_MARK,        // text
    PT_KIND_SPAN_BEGIN,  // number, text
    PT_KIND_SPAN_END,    // number
    PT_KIND_SNAPSHOT,    // number, text
    PT_KIND_UNKNOWN,     // of a newer minor version
    PT_KINDS,
};

struct pt_event {
    enum pt_event_kind kind;
    uint32_t thread;    // 1 is the one that began
    uint64_t time_ns;   // monotonic, as header.start_ns; never goes back
    uint64_t sequence;  // of the process, ascending; there may be gaps
    uint32_t stream;    // enum pt_stream_number
    uint32_t code;      // id in PT_SEGMENT_CODE, 0 for other kinds
    uint32_t line;
    uint32_t pair;  // id in PT_SEGMENT_PAIR, or in PT_SEGMENT_NATIVE
    uint64_t number;
    uint64_t collected;
    uint64_t uncollectable;
    const char *text;  // not ended by 0, valid until the next call
    size_t text_bytes;
};

struct pt_eventlog;

/* Begin with the first event of a process; no events are no error. The reader
 * must outlive it. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_eventlog_open(struct pt_eventlog **log,
                                   const struct pt_reader *reader,
                                   uint32_t process);

/* The next event: 1, 0 behind the last one, PT_ERR_IO. */
PT_MUST_CHECK int pt_eventlog_next(struct pt_eventlog *log,
                                   struct pt_event *event);

/* At its end: does the log end early, for a running program has written on in
 * extents that the reader does not know of? Of each stream it returned a
 * beginning then, without gaps. */
int pt_eventlog_is_cut(const struct pt_eventlog *log);

/* How many events are known to be missing so far, between those returned. */
uint64_t pt_eventlog_lost(const struct pt_eventlog *log);

/* "call", "gc_start" and so on; never NULL. */
const char *pt_eventlog_name(enum pt_event_kind kind);

/* NULL is harmless. */
void pt_eventlog_close(struct pt_eventlog *log);

#endif
