/* SPDX-License-Identifier: MIT */
/* feed.h - a run as a feed of events: calls, lines, returns, exceptions.
 *
 * The events are those that sys.settrace delivers, of frames that begin while
 * the feed runs, with two distinctions more: a generator that goes on is no
 * call, and one that yields does not return. A client says once for each code
 * object what it wants of it; code of which nothing is wanted costs nothing
 * from then on (3.12 and newer) or one look-up for each event (3.11).
 *
 * A feed keeps, for each thread, the stack of the frames it follows. A frame
 * that is not on it (it began before, or its code is not wanted) has no
 * events. Events inside a client's function, or what that calls, are not seen
 * by any feed.
 *
 * How to use it: fill a `struct pt_feed_client`, pt_feed_init, _start, and
 * at the end _stop, _release. Several feeds run side by side; on 3.12 each
 * takes a tool id of sys.monitoring, on 3.11 all share the one trace function
 * of each thread, and what was there before is called, too.
 *
 * All functions need the GIL.
 */
#ifndef PT_LINETRACE_FEED_H
#define PT_LINETRACE_FEED_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/frame.h"
#include "linetrace/sites.h"

enum pt_feed_kind {
    PT_FEED_CALL,       // a frame begins
    PT_FEED_RESUME,     // a generator goes on, or is thrown into
    PT_FEED_LINE,       // a line is about to run
    PT_FEED_OPCODE,     // an instruction is about to run
    PT_FEED_EXCEPTION,  // is raised in, or has reached, this frame
    PT_FEED_RETURN,
    PT_FEED_YIELD,
    PT_FEED_UNWIND,  // an exception leaves the frame
};

#define PT_FEED_BIT(kind) (1u << (kind))
#define PT_FEED_CALLS (PT_FEED_BIT(PT_FEED_CALL) | PT_FEED_BIT(PT_FEED_RESUME))
#define PT_FEED_RETURNS                                       \
  (PT_FEED_BIT(PT_FEED_RETURN) | PT_FEED_BIT(PT_FEED_YIELD) | \
   PT_FEED_BIT(PT_FEED_UNWIND))

/* A frame that is being followed. */
struct pt_feed_call {
    const struct pt_frame *frame;
    struct pt_site *site;
    int is_silent;  // no events of it are delivered
    int line;       // of the last line event, 0: none yet
    uint64_t mark;  // the client's; 0 at first
};

/* The stack of one thread. Records outlive threads and are used again. */
struct pt_feed_thread {
    struct pt_feed_thread *next;
    uint64_t id;  // of the thread state
    struct pt_feed_call *call;
    uint32_t calls;
    uint32_t room;
    int is_wanted;
    uint64_t running;   // the client's
    uint64_t clock_ns;  // the client's
};

struct pt_feed_event {
    enum pt_feed_kind kind;
    struct pt_feed_thread *thread;
    // The frame's own entry is the last one; good until the client calls
    // Python.
    struct pt_feed_call *call;
    PyCodeObject *code;
    int line;    // where the frame is, as of its last event that told
    int offset;  // of the instruction about to run, in bytes
    // What is returned or yielded, or the exception; else NULL. Borrowed.
    PyObject *value;
};

struct pt_feed;

struct pt_feed_client {
    // The bits of enum pt_feed_kind that are wanted of a code object, of
    // which this frame is the first to be seen: 0 for none. Must not raise nor
    // run Python code. site->number is the client's.
    uint32_t (*decide)(struct pt_feed *feed, struct pt_site *site,
                       const struct pt_frame *frame);
    // May run Python code. 0, or -1 with an exception for the program.
    int (*on_event)(struct pt_feed *feed, const struct pt_feed_event *event);
    // Is this thread, whose stack is empty now, wanted? NULL: all are.
    int (*wants_thread)(struct pt_feed *feed, struct pt_feed_thread *thread);
};

/* Owned by the client, for which all fields are read only. */
struct pt_feed {
    PyObject *owner;  // holds this; kept alive while it runs
    uint32_t depth_most;
    const struct pt_feed_client *client;
    struct pt_sites sites;
    struct pt_feed_thread *threads;
    uint64_t serial;  // another one at each start
    int is_running;
    int was_pushed_out;  // 3.11: the program took the trace function
    uint32_t wanted;     // all that decide() may ask for
    uint64_t dropped;    // calls for which there was no memory
    void *source;        // where the events come from
    struct pt_feed *next;
};

/* A feed that is not running. `wanted` is the union of what decide() will
 * ask for; frames below `depth_most` others are silent, 0: none are. 0, or -1
 * with an exception and nothing to release. */
PT_MUST_CHECK int pt_feed_init(struct pt_feed *feed,
                               const struct pt_feed_client *client,
                               uint32_t wanted, uint32_t depth_most,
                               PyObject *owner);
void pt_feed_release(struct pt_feed *feed);

/* Begin to deliver, in all threads. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_feed_start(struct pt_feed *feed);

/* Deliver no more; also from within an event. Harmless when it is not
 * running. */
void pt_feed_stop(struct pt_feed *feed);

/* The entry that called this one, or NULL. */
PT_INLINE struct pt_feed_call *
pt_feed_caller(const struct pt_feed_event *event)
{
    return event->thread->calls > 1 ? event->call - 1 : NULL;
}

/* -- For the sources of events (feed_monitoring.c, feed_settrace.c) --- */

struct pt_feed_source {
    int (*start)(struct pt_feed *feed);
    void (*stop)(struct pt_feed *feed);
    void (*release)(struct pt_feed *feed);
};
extern const struct pt_feed_source pt_feed_source;

/* A frame of `code` begins or goes on: what is wanted of it, by the client's
 * decision, goes to *site. 0, or -1 with the client's exception. */
PT_MUST_CHECK int pt_feed_enter(struct pt_feed *feed, PyCodeObject *code,
                                enum pt_feed_kind kind, struct pt_site **site);

/* The other events of the frame that runs now in this thread. 0, or -1 with
 * the client's exception. The feed may be gone afterwards. */
PT_MUST_CHECK int pt_feed_at_line(struct pt_feed *feed, PyCodeObject *code,
                                  int line);
PT_MUST_CHECK int pt_feed_inside(struct pt_feed *feed, PyCodeObject *code,
                                 enum pt_feed_kind kind, PyObject *value);
PT_MUST_CHECK int pt_feed_leave(struct pt_feed *feed, PyCodeObject *code,
                                enum pt_feed_kind kind, PyObject *value);

#endif
