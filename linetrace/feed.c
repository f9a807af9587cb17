/* SPDX-License-Identifier: MIT */
/* feed.c - stacks of followed frames, and handing events to the client.
 *
 * A thread's stack has the frames that began while the feed ran and whose
 * code is wanted. Each of them sends an event when it is left, so the stack is
 * exact; where a frame was left unseen (the feed was stopped within it) the
 * entry goes when one below it is left.
 */
#include "linetrace/feed.h"

#include "core/base/rawmem.h"
#include "core/py/codewatch.h"
#include "core/py/thread.h"

// This thread is inside a client.
static PT_THREAD_LOCAL int inside;

// The record that this thread used last, of the feed with this serial.
static PT_THREAD_LOCAL struct {
    uint64_t serial;
    struct pt_feed_thread *thread;
} latest;

static struct pt_feed *feeds;
static uint64_t last_serial;

static void
on_code_death(PyCodeObject *code)
{
    for (struct pt_feed *feed = feeds; feed != NULL; feed = feed->next) {
        struct pt_site *site = pt_sites_find(&feed->sites, code);

        if (site != NULL) {
            site->code = NULL;
        }
    }
}

int
pt_feed_init(struct pt_feed *feed, const struct pt_feed_client *client,
             uint32_t wanted, uint32_t depth_most, PyObject *owner)
{
    *feed = (struct pt_feed){.client = client,
                             .wanted = wanted,
                             .depth_most = depth_most,
                             .owner = owner};
    if (pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_code_death) < 0 ||
        pt_sites_init(&feed->sites) < 0) {
        feed->client = NULL;
        return -1;
    }
    feed->next = feeds;
    feeds = feed;
    return 0;
}

void
pt_feed_release(struct pt_feed *feed)
{
    struct pt_feed **link = &feeds;

    if (feed->client == NULL) {
        return;
    }
    pt_feed_stop(feed);
    pt_feed_source.release(feed);
    while (*link != NULL && *link != feed) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = feed->next;
    }
    while (feed->threads != NULL) {
        struct pt_feed_thread *thread = feed->threads;

        feed->threads = thread->next;
        pt_rawmem_free(thread->call);
        pt_rawmem_free(thread);
    }
    pt_sites_release(&feed->sites);
    feed->client = NULL;
}

int
pt_feed_start(struct pt_feed *feed)
{
    feed->serial = ++last_serial;
    feed->was_pushed_out = 0;
    for (struct pt_feed_thread *thread = feed->threads; thread != NULL;
         thread = thread->next) {
        thread->calls = 0;
    }
    feed->is_running = 1;
    if (pt_feed_source.start(feed) < 0) {
        feed->is_running = 0;
        return -1;
    }
    Py_XINCREF(feed->owner);
    return 0;
}

void
pt_feed_stop(struct pt_feed *feed)
{
    if (feed->is_running) {
        feed->is_running = 0;
        pt_feed_source.stop(feed);
        Py_XDECREF(feed->owner);
    }
}

/* The record of the thread with this id, or one that nobody uses, or a new
 * one; NULL without memory. */
PT_COLD static struct pt_feed_thread *
find_thread(struct pt_feed *feed, uint64_t id)
{
    struct pt_feed_thread *thread, *idle = NULL;

    for (thread = feed->threads; thread != NULL; thread = thread->next) {
        if (thread->id == id) {
            break;
        }
        if (thread->calls == 0) {
            idle = thread;
        }
    }
    if (thread == NULL) {
        thread = idle;
    }
    if (thread == NULL) {
        thread = pt_rawmem_array(1, sizeof(*thread));
        if (thread == NULL) {
            return NULL;
        }
        thread->next = feed->threads;
        feed->threads = thread;
    }
    thread->id = id;
    latest.serial = feed->serial;
    latest.thread = thread;
    return thread;
}

PT_INLINE struct pt_feed_thread *
this_thread(struct pt_feed *feed, const PyThreadState *state)
{
    if (pt_likely(latest.serial == feed->serial &&
                  latest.thread->id == state->id)) {
        return latest.thread;
    }
    return find_thread(feed, state->id);
}

PT_COLD static int
grow(struct pt_feed_thread *thread)
{
    uint32_t room = thread->room != 0 ? thread->room * 2 : PT_SIZE(32, 1);
    struct pt_feed_call *call =
        pt_rawmem_resize(thread->call, room, sizeof(*call));

    if (call == NULL) {
        return -1;
    }
    thread->call = call;
    thread->room = room;
    return 0;
}

/* A new entry on top, or NULL. */
static struct pt_feed_call *
push(struct pt_feed *feed, struct pt_feed_thread *thread,
     const struct pt_frame *frame, struct pt_site *site)
{
    struct pt_feed_call *call;

    if (thread->calls == 0) {
        thread->is_wanted = feed->client->wants_thread == NULL ||
                            feed->client->wants_thread(feed, thread);
    }
    if (pt_unlikely(thread->calls == thread->room) && grow(thread) < 0) {
        feed->dropped++;
        return NULL;
    }
    call = &thread->call[thread->calls++];
    *call = (struct pt_feed_call){.frame = frame, .site = site};
    call->is_silent = !thread->is_wanted || (feed->depth_most != 0 &&
                                             thread->calls > feed->depth_most);
    return call;
}

/* Hand an event to the client. 0, or -1 with its exception. */
static int
deliver(struct pt_feed *feed, struct pt_feed_thread *thread,
        struct pt_feed_call *call, enum pt_feed_kind kind, PyObject *value)
{
    PyCodeObject *code = call->site->code;
    struct pt_feed_event event = {
        .kind = kind,
        .thread = thread,
        .call = call,
        .code = code,
        .line = call->line,
        .offset = (int)((const char *)call->frame->instr -
                        (const char *)pt_code_start(code)),
        .value = value,
    };
    int result;

    if (call->is_silent || (call->site->wants & PT_FEED_BIT(kind)) == 0) {
        return 0;
    }
    inside++;
    result = feed->client->on_event(feed, &event);
    inside--;
    return result;
}

static struct pt_site *
decide(struct pt_feed *feed, PyCodeObject *code, const struct pt_frame *frame)
{
    struct pt_site *site;

    // Without this the address could mean another code object one day.
    if (pt_codewatch_mark(code) < 0) {
        return NULL;
    }
    site = pt_sites_add(&feed->sites, code);
    if (site != NULL) {
        site->wants = feed->client->decide(feed, site, frame);
    }
    return site;
}

int
pt_feed_enter(struct pt_feed *feed, PyCodeObject *code, enum pt_feed_kind kind,
              struct pt_site **found)
{
    const PyThreadState *state = pt_thread_attached();
    const struct pt_frame *frame = pt_frame_top(state);
    struct pt_site *site = pt_sites_find(&feed->sites, code);
    struct pt_feed_thread *thread;
    struct pt_feed_call *call;

    if (pt_unlikely(site == NULL)) {
        site = decide(feed, code, frame);
    }
    *found = site;
    if (site == NULL || site->wants == 0 || inside) {
        feed->dropped += site == NULL;
        return 0;
    }
    thread = this_thread(feed, state);
    call = thread != NULL ? push(feed, thread, frame, site) : NULL;
    if (call == NULL) {
        return 0;
    }
    call->line = kind == PT_FEED_CALL ? code->co_firstlineno
                                      : (int)pt_frame_line(frame);
    return deliver(feed, thread, call, kind, NULL);
}

/* The entry of a frame that is not the last one: of a thread that switches
 * between stacks by itself, as greenlets do, or NULL. */
PT_COLD static struct pt_feed_call *
find_call(struct pt_feed_thread *thread, const struct pt_frame *frame,
          const PyCodeObject *code)
{
    for (uint32_t i = thread->calls; i-- > 0;) {
        struct pt_feed_call *call = &thread->call[i];

        if (call->frame == frame && call->site->code == code) {
            return call;
        }
    }
    return NULL;
}

/* The entry of the frame that runs now, or NULL. */
PT_INLINE struct pt_feed_call *
current_call(struct pt_feed *feed, PyCodeObject *code,
             struct pt_feed_thread **thread)
{
    const PyThreadState *state = pt_thread_attached();
    const struct pt_frame *frame = pt_frame_top(state);
    struct pt_feed_call *top;

    if (pt_unlikely(inside)) {
        return NULL;
    }
    *thread = this_thread(feed, state);
    if (*thread == NULL || (*thread)->calls == 0) {
        return NULL;
    }
    top = &(*thread)->call[(*thread)->calls - 1];
    if (pt_likely(top->frame == frame && top->site->code == code)) {
        return top;
    }
    return find_call(*thread, frame, code);
}

int
pt_feed_at_line(struct pt_feed *feed, PyCodeObject *code, int line)
{
    struct pt_feed_thread *thread;
    struct pt_feed_call *call = current_call(feed, code, &thread);

    if (call == NULL) {
        return 0;
    }
    call->line = line;
    return deliver(feed, thread, call, PT_FEED_LINE, NULL);
}

int
pt_feed_inside(struct pt_feed *feed, PyCodeObject *code,
               enum pt_feed_kind kind, PyObject *value)
{
    struct pt_feed_thread *thread;
    struct pt_feed_call *call = current_call(feed, code, &thread);

    return call != NULL ? deliver(feed, thread, call, kind, value) : 0;
}

/* Take the entry of `frame` out, with what was left unseen above it. */
static void
pop(struct pt_feed_thread *thread, const struct pt_frame *frame)
{
    uint32_t i = thread->calls;

    while (i-- > 0) {
        if (thread->call[i].frame == frame) {
            thread->calls = i;
            return;
        }
    }
}

int
pt_feed_leave(struct pt_feed *feed, PyCodeObject *code, enum pt_feed_kind kind,
              PyObject *value)
{
    struct pt_feed_thread *thread;
    struct pt_feed_call *call = current_call(feed, code, &thread);
    const struct pt_frame *frame;
    uint64_t serial = feed->serial;
    PyObject *owner = feed->owner;
    int result;

    if (call == NULL) {
        return 0;
    }
    frame = call->frame;
    Py_XINCREF(owner);
    result = deliver(feed, thread, call, kind, value);
    // The client may have begun anew.
    if (feed->serial == serial) {
        pop(thread, frame);
    }
    Py_XDECREF(owner);
    return result;
}
