/* SPDX-License-Identifier: MIT */
/* recording_events.h - recording.h's part on the events of the timeline. */
#ifndef PT_CORE_TIMELINE_RECORDING_EVENTS_H
#define PT_CORE_TIMELINE_RECORDING_EVENTS_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Events of one process that are in one order. */
enum pt_stream_number {
    PT_STREAM_GIL,   // of threads that hold the main interpreter's GIL
    PT_STREAM_FREE,  // of any others: allocations without the GIL
    PT_STREAMS,
};

/* A buffer of events: in place while it is being filled, the same bytes in a
 * packet when it is full. Times are units of 1 << header.tick_shift ticks. */
struct pt_stream_page {
    uint32_t stream;         // enum pt_stream_number
    _Atomic uint32_t used;   // bytes of data; what is behind them is no event
    _Atomic uint64_t first;  // number of the first event in the stream
    uint64_t start_ns;       // the same moment on both clocks;
    uint64_t start_units;    // event times begin here
    uint64_t end_ns;         // and again when it was full, else 0
    uint64_t end_units;
    uint32_t thread;  // whose the first event is
    uint32_t reserved;
    uint64_t order;  // PT_STREAM_FREE: how many GIL events were before it
    unsigned char data[];  // see docs/format.md
};

/* The lower four bits of an event's first number. */
enum pt_event_code {
    PT_EVENT_OTHER,   // time; then enum pt_event_other, bytes, and so many
    PT_EVENT_CALL,    // time; code: a function begins
    PT_EVENT_RETURN,  // time: the one begun last ends
    PT_EVENT_YIELD,   // time: it is suspended
    PT_EVENT_RESUME,  // time; code: a suspended one goes on
    PT_EVENT_UNWIND,  // time: it ends by an exception
    PT_EVENT_THROW,   // time; code: it goes on with an exception
    PT_EVENT_LINE,    // difference to the line before, of the same code
    PT_EVENT_PLACE,   // 0; code, line: a line of other code
    PT_EVENT_ALLOC,   // pair: a block was born
    PT_EVENT_FREE,    // pair: a block died
    PT_EVENT_TIME,    // time: that of what follows
    PT_EVENT_SWITCH,  // thread: whose events follow
    PT_EVENT_ORDER,   // so many GIL events more were before what follows
    PT_EVENT_NATIVE,  // native pair * 2: a block of a library was born; + 1:
                      // died
    PT_EVENT_CODES,
};

/* Events of which there are few; new ones may come, hence their length. */
enum pt_event_other {
    PT_OTHER_NONE,
    PT_OTHER_START,         // recording begins
    PT_OTHER_STOP,          // it ends as the interpreter ends
    PT_OTHER_THREAD_START,  // the kernel's id of the thread
    PT_OTHER_THREAD_STOP,
    PT_OTHER_GC_START,    // generation
    PT_OTHER_GC_STOP,     // generation, collected, uncollectable
    PT_OTHER_FORK,        // fork() was called, by the parent
    PT_OTHER_MARK,        // label
    PT_OTHER_SPAN_BEGIN,  // number, label
    PT_OTHER_SPAN_END,    // number
    PT_OTHER_SNAPSHOT,    // number, label
};

static_assert(offsetof(struct pt_stream_page, data) == 64, "file format");

#endif
