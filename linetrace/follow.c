/* SPDX-License-Identifier: MIT */
/* follow.c - see follow.h. */
#include "linetrace/follow.h"

#include <pthread.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "linetrace/arcs.h"
#include "linetrace/callpairs.h"

#define LINE_UNKNOWN UINT32_MAX
#define FIRST_ROOM PT_SIZE(64u, 1u)

struct entered {
    const struct pt_frame *frame;
    const struct pt_hits *hits;  // to be compared only: its code may be gone
    uint32_t line;
    uint32_t timer;  // counter that its time goes to, 0 for none
};

struct follower {
    struct entered *entered;
    uint32_t depth, room;
    uint32_t clock;  // item of the recording, 0 for none
};

static PT_THREAD_LOCAL struct follower *mine;
static pthread_key_t at_thread_end;

static struct pt_catalog *catalog;
static uint32_t wanted;

static struct pt_clock *
clock_at(uint32_t id)
{
    return pt_array_at(&catalog->timeline->array[PT_SEGMENT_CLOCK], id);
}

/* The time since the last event goes to the line that was current then; from
 * now on it is the one with this counter. */
static void
switch_timer(const struct follower *follower, uint32_t timer)
{
    struct pt_clock *own;
    uint64_t now, passed;

    if (follower->clock == 0) {
        return;
    }
    own = clock_at(follower->clock);
    now = pt_clock_ns();
    passed = now - own->since_ns;
    if (own->counter != 0) {
        *(uint64_t *)pt_array_at(&catalog->timeline->array[PT_SEGMENT_COUNTER],
                                 own->counter) += passed;
    }
    else {
        own->idle_ns += passed;
    }
    own->since_ns = now;
    own->counter = timer;
}

static void
forget_thread(void *argument)
{
    struct follower *follower = argument;

    // The recording goes on after the thread; nothing of it is current.
    if (follower->clock != 0) {
        clock_at(follower->clock)->counter = 0;
    }
    pt_rawmem_free(follower->entered);
    pt_rawmem_free(follower);
    mine = NULL;
}

PT_COLD static struct follower *
know_thread(void)
{
    struct follower *follower = pt_rawmem_array(1, sizeof(*follower));

    if (follower == NULL) {
        return NULL;
    }
    if (wanted & PT_WANT_TIMES) {
        follower->clock =
            pt_timeline_append(catalog->timeline, PT_SEGMENT_CLOCK, 1);
    }
    if (follower->clock != 0) {
        struct pt_clock *own = clock_at(follower->clock);

        own->first_ns = own->since_ns = pt_clock_ns();
    }
    mine = follower;
    pthread_setspecific(at_thread_end, follower);
    return follower;
}

PT_INLINE struct follower *
this_thread(void)
{
    return pt_likely(mine != NULL) ? mine : know_thread();
}

static struct entered *
push(struct follower *follower, const struct pt_frame *frame,
     const struct pt_hits *hits, uint32_t line)
{
    struct entered *entered;

    if (pt_unlikely(follower->depth == follower->room)) {
        uint32_t room = follower->room != 0 ? 2 * follower->room : FIRST_ROOM;

        entered = pt_rawmem_resize(follower->entered, room, sizeof(*entered));
        if (entered == NULL) {
            pt_hits_drop_slow();
            return NULL;
        }
        follower->entered = entered;
        follower->room = room;
    }
    entered = &follower->entered[follower->depth++];
    *entered = (struct entered){frame, hits, line, 0};
    return entered;
}

/* The frame among what was entered; what lies above it has been left unseen.
 * NULL if it is not there. */
PT_COLD static struct entered *
find_slow(struct follower *follower, const struct pt_frame *frame,
          const struct pt_hits *hits)
{
    for (uint32_t i = follower->depth; i > 0; i--) {
        struct entered *entered = &follower->entered[i - 1];

        if (entered->frame == frame && entered->hits == hits) {
            follower->depth = i;
            return entered;
        }
    }
    return NULL;
}

PT_INLINE struct entered *
find(struct follower *follower, const struct pt_frame *frame,
     const struct pt_hits *hits)
{
    struct entered *top = follower->entered + follower->depth - 1;

    if (pt_likely(follower->depth != 0 && top->frame == frame &&
                  top->hits == hits)) {
        return top;
    }
    return find_slow(follower, frame, hits);
}

PT_INLINE uint32_t
timer_of(const struct pt_hits *hits, uint32_t line)
{
    uint32_t at = line - hits->first_line;

    return at < hits->lines ? hits->timer + at : 0;
}

static void
count_call(const struct pt_hits *hits, const struct pt_frame *frame,
           enum pt_callpairs_how how)
{
    const struct pt_frame *back = pt_frame_complete(frame->previous);
    uint32_t caller = 0;

    if (back != NULL) {
        PyCodeObject *code = pt_frame_code(back);

        caller = pt_hits_of(code)->code;
        if (caller == 0) {
            caller = pt_catalog_code(catalog, code);
        }
    }
    pt_callpairs_count(caller, hits->code, how);
}

/* Until the first line event a call is the caller's time. */
void
pt_follow_enter(struct pt_hits *hits, const struct pt_frame *frame)
{
    struct follower *follower = this_thread();

    if (follower == NULL) {
        return;
    }
    if (wanted & PT_WANT_CALLS) {
        count_call(hits, frame, PT_CALLED);
    }
    push(follower, frame, hits, PT_ARC_OUTSIDE);
}

void
pt_follow_resume(struct pt_hits *hits, const struct pt_frame *frame, int line)
{
    struct follower *follower = this_thread();
    struct entered *entered;

    if (follower == NULL) {
        return;
    }
    if (wanted & PT_WANT_CALLS) {
        count_call(hits, frame, PT_RESUMED);
    }
    entered =
        push(follower, frame, hits, line > 0 ? (uint32_t)line : LINE_UNKNOWN);
    if (entered != NULL && wanted & PT_WANT_TIMES) {
        entered->timer = timer_of(hits, entered->line);
        switch_timer(follower, entered->timer);
    }
}

void
pt_follow_line(struct pt_hits *hits, const struct pt_frame *frame,
               uint32_t line)
{
    struct follower *follower = this_thread();
    struct entered *entered;

    if (wanted & PT_WANT_LINE_EVENTS) {
        pt_stream_line(&catalog->timeline->stream[PT_STREAM_GIL], hits->code,
                       line);
    }
    if (pt_unlikely(follower == NULL)) {
        return;
    }
    entered = find(follower, frame, hits);
    if (pt_unlikely(entered == NULL)) {
        entered = push(follower, frame, hits, LINE_UNKNOWN);
        if (entered == NULL) {
            return;
        }
    }
    if (wanted & PT_WANT_ARCS && hits->arcs != NULL &&
        entered->line != LINE_UNKNOWN) {
        pt_arcs_count(hits->arcs, entered->line, line);
    }
    entered->line = line;
    if (wanted & PT_WANT_TIMES) {
        entered->timer = timer_of(hits, line);
        switch_timer(follower, entered->timer);
    }
}

void
pt_follow_leave(struct pt_hits *hits, const struct pt_frame *frame,
                enum pt_follow_leave how)
{
    struct follower *follower = this_thread();
    struct entered *entered = follower != NULL ? find(follower, frame, hits)
                                               : NULL;

    if (entered == NULL) {
        return;
    }
    if (how == PT_FOLLOW_RETURN && wanted & PT_WANT_ARCS &&
        hits->arcs != NULL && entered->line != LINE_UNKNOWN) {
        pt_arcs_count(hits->arcs, entered->line, PT_ARC_OUTSIDE);
    }
    follower->depth--;
    if (wanted & PT_WANT_TIMES) {
        switch_timer(follower,
                     follower->depth != 0
                         ? follower->entered[follower->depth - 1].timer
                         : 0);
    }
}

uint32_t
pt_follow_wanted(void)
{
    return wanted;
}

int
pt_follow_start(struct pt_catalog *over, uint32_t what)
{
    catalog = over;
    if (what & PT_WANT_CALLS && pt_callpairs_start(over) != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    if (wanted == 0 &&
        pthread_key_create(&at_thread_end, forget_thread) != 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: no thread-specific key is free");
        return -1;
    }
    wanted = what;
    return 0;
}

void
pt_follow_after_fork(void)
{
    struct pt_array *clocks;

    if ((wanted & PT_WANT_TIMES) == 0) {
        return;
    }
    clocks = &catalog->timeline->array[PT_SEGMENT_CLOCK];
    for (uint32_t i = 1; i < atomic_load(clocks->items); i++) {
        struct pt_clock *clock = clock_at(i);

        clock->first_ns = clock->since_ns = pt_clock_ns();
        clock->idle_ns = 0;
        if (mine == NULL || i != mine->clock) {
            clock->counter = 0;
        }
    }
}
