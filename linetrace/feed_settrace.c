/* SPDX-License-Identifier: MIT */
/* feed_settrace.c - feeds' events from the trace function (3.11).
 *
 * Every thread has one trace function and one profile function. Feeds that
 * want no more than calls and returns use the latter, which is not called for
 * lines. All feeds of this kind share one slot: ours stands in it while any
 * of them runs, and calls what was there before, too. If the program sets a
 * function of its own meanwhile, that one wins, and the feeds say so.
 */
#include "core/py/compat.h"

#include <opcode.h>

#include "core/py/guard.h"
#include "core/py/thread.h"
#include "linetrace/feed.h"

#define FEEDS_MAX 16

/* One of the two functions that a thread may have. */
struct slot {
    struct pt_feed *feed[FEEDS_MAX];  // those that use it, and NULLs
    int feeds;
    int end;  // no place from here on was ever used
    Py_tracefunc ours;
    int (*set)(PyThreadState *thread, Py_tracefunc func, PyObject *object);
    int is_trace;
};

/* Our object in a thread's slot. */
typedef struct {
    PyObject_HEAD struct slot *slot;
    Py_tracefunc earlier;  // what was there before, or NULL
    PyObject *earlier_object;
    int is_leaving;
} Holder;

// The exception under way in this thread, owned, or NULL.
static PT_THREAD_LOCAL PyObject *raised;

static int on_event(PyObject *self, PyFrameObject *frame, int what,
                    PyObject *arg);
static int on_call_event(PyObject *self, PyFrameObject *frame, int what,
                         PyObject *arg);

static int
set_trace(PyThreadState *thread, Py_tracefunc func, PyObject *object)
{
    return _PyEval_SetTrace(thread, func, object);
}

static int
set_profile(PyThreadState *thread, Py_tracefunc func, PyObject *object)
{
    return _PyEval_SetProfile(thread, func, object);
}

static struct slot slots[] = {
    {.ours = on_event, .set = set_trace, .is_trace = 1},
    {.ours = on_call_event, .set = set_profile, .is_trace = 0},
};

static struct slot *
slot_of(const struct pt_feed *feed)
{
    uint32_t calls = PT_FEED_CALLS | PT_FEED_RETURNS;

    return (feed->wanted & ~calls) != 0 ? &slots[0] : &slots[1];
}

static Py_tracefunc
function_in(const struct slot *slot, const PyThreadState *thread)
{
    return slot->is_trace ? thread->c_tracefunc : thread->c_profilefunc;
}

static PyObject *
object_in(const struct slot *slot, const PyThreadState *thread)
{
    return slot->is_trace ? thread->c_traceobj : thread->c_profileobj;
}

/* The program put another function into the slot; or the thread has ended, and
 * then there is no frame. */
static void
on_slot_lost(PyObject *object)
{
    Holder *self = (Holder *)object;
    PyThreadState *thread = pt_thread_attached();

    if (!self->is_leaving && thread != NULL && pt_frame_top(thread) != NULL) {
        for (int i = 0; i < FEEDS_MAX; i++) {
            if (self->slot->feed[i] != NULL) {
                self->slot->feed[i]->was_pushed_out = 1;
            }
        }
    }
    Py_XDECREF(self->earlier_object);
    Py_TYPE(object)->tp_free(object);
}

/* holder(frame, event, arg). The program gave back what it had from
 * sys.gettrace(): we take the slot again, as of this call. */
static PyObject *
resume(PyObject *object, PyObject *args, PyObject *names)
{
    Holder *self = (Holder *)object;

    (void)args, (void)names;
    if (self->slot->feeds != 0) {
        self->slot->set(pt_thread_attached(), self->slot->ours, object);
    }
    return Py_NewRef(object);
}

static PyTypeObject holder_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pytrace._feed",
    .tp_basicsize = sizeof(Holder),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_call = resume,
    .tp_dealloc = on_slot_lost,
};

/* Does a frame begin? Else it is a generator that goes on. */
static int
is_beginning(const struct pt_frame *frame)
{
    const PyCodeObject *code = pt_frame_code(frame);

    return frame->instr == pt_code_start(code) + code->_co_firsttraceable;
}

static enum pt_feed_kind
kind_of_return(const struct pt_frame *frame, PyObject *arg)
{
    if (arg == NULL) {
        return PT_FEED_UNWIND;
    }
    return (*frame->instr & 0xff) == YIELD_VALUE ? PT_FEED_YIELD
                                                 : PT_FEED_RETURN;
}

/* Lines have events anyway; instructions have if the frame asks for them. */
static void
ask_for_opcodes(PyFrameObject *frame, const struct pt_site *site)
{
    if (site != NULL && site->wants & PT_FEED_BIT(PT_FEED_OPCODE) &&
        PyObject_SetAttrString((PyObject *)frame, "f_trace_opcodes", Py_True) <
            0) {
        PyErr_Clear();
    }
}

/* The exception of an event (type, value, traceback), which has not been given
 * its traceback yet. */
static PyObject *
exception_of(PyObject *arg)
{
    PyObject *value = PyTuple_GET_ITEM(arg, 1);
    PyObject *traceback = PyTuple_GET_ITEM(arg, 2);

    if (PyExceptionInstance_Check(value) && traceback != Py_None &&
        PyException_SetTraceback(value, traceback) < 0) {
        PyErr_Clear();
    }
    return value;
}

/* Remember the exception of an event, for the one that tells that the frame is
 * left by it does not say which. */
static void
keep_raised(PyObject *value)
{
    Py_XSETREF(raised, Py_XNewRef(value));
}

/* Pass an event on to one feed. */
static int
pass(struct pt_feed *feed, PyFrameObject *object, int what, PyObject *arg)
{
    const struct pt_frame_object *traced = (const void *)object;
    const struct pt_frame *frame = traced->frame;
    PyCodeObject *code = pt_frame_code(frame);
    struct pt_site *site = NULL;
    int result;

    switch (what) {
    case PyTrace_CALL:
        result = pt_feed_enter(
            feed, code, is_beginning(frame) ? PT_FEED_CALL : PT_FEED_RESUME,
            &site);
        ask_for_opcodes(object, site);
        return result;
    case PyTrace_LINE:
        return pt_feed_at_line(feed, code, traced->line);
    case PyTrace_OPCODE:
        return pt_feed_inside(feed, code, PT_FEED_OPCODE, NULL);
    case PyTrace_EXCEPTION:
        return pt_feed_inside(feed, code, PT_FEED_EXCEPTION, raised);
    case PyTrace_RETURN:
        return pt_feed_leave(feed, code, kind_of_return(frame, arg),
                             arg != NULL ? arg : raised);
    default:
        return 0;
    }
}

static int
pass_to_all(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    Holder *holder = (Holder *)self;
    struct slot *slot = holder->slot;
    int result = 0;

    Py_INCREF(self);
    if (what == PyTrace_EXCEPTION) {
        keep_raised(exception_of(arg));
    }
    if (holder->earlier != NULL) {
        result = holder->earlier(holder->earlier_object, frame, what, arg);
    }
    for (int i = 0; i < slot->end && result == 0; i++) {
        struct pt_feed *feed = slot->feed[i];
        PyObject *owner = feed != NULL ? feed->owner : NULL;

        if (feed != NULL) {
            Py_XINCREF(owner);
            result = pass(feed, frame, what, arg);
            Py_XDECREF(owner);
        }
    }
    if (what == PyTrace_RETURN && arg != NULL) {
        keep_raised(NULL);
    }
    Py_DECREF(self);
    return result;
}

/* A line for the only feed there is, as most events are: nothing of ours is
 * used once it has been told. */
PT_INLINE int
pass_line(struct pt_feed *feed, const PyFrameObject *object)
{
    const struct pt_frame_object *traced = (const void *)object;
    PyObject *owner = feed->owner;
    int result;

    Py_XINCREF(owner);
    result = pt_feed_at_line(feed, pt_frame_code(traced->frame), traced->line);
    Py_XDECREF(owner);
    return result;
}

static int
on_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    const Holder *holder = (Holder *)self;
    const struct slot *slot = holder->slot;

    if (pt_likely(what == PyTrace_LINE && slot->end == 1 &&
                  slot->feed[0] != NULL && holder->earlier == NULL)) {
        return pass_line(slot->feed[0], frame);
    }
    return pass_to_all(self, frame, what, arg);
}

/* Another function, for it tells the two slots apart. */
static int
on_call_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    return pass_to_all(self, frame, what, arg);
}

static int
enter_slot(struct slot *slot, PyThreadState *thread)
{
    Holder *holder;
    int result;

    if (function_in(slot, thread) == slot->ours) {
        return 0;
    }
    holder = PyObject_New(Holder, &holder_type);
    if (holder == NULL) {
        return -1;
    }
    holder->slot = slot;
    holder->earlier = function_in(slot, thread);
    holder->earlier_object = Py_XNewRef(object_in(slot, thread));
    holder->is_leaving = 0;
    result = slot->set(thread, slot->ours, (PyObject *)holder);
    holder->is_leaving = result < 0;
    Py_DECREF(holder);
    return result;
}

static void
leave_slot(struct slot *slot, PyThreadState *thread)
{
    Holder *holder;

    if (function_in(slot, thread) != slot->ours) {
        return;
    }
    holder = (Holder *)Py_NewRef(object_in(slot, thread));
    holder->is_leaving = 1;
    if (slot->set(thread, holder->earlier, holder->earlier_object) < 0) {
        PyErr_Clear();
    }
    Py_DECREF(holder);
}

static void
enter_in_new_thread(void)
{
    pt_guard_enter();
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        if (slots[i].feeds != 0 &&
            enter_slot(&slots[i], pt_thread_attached()) < 0) {
            PyErr_Clear();
        }
    }
    pt_guard_leave();
}

static const struct pt_thread_watcher watcher = {enter_in_new_thread, NULL};

static void
stop(struct pt_feed *feed)
{
    struct slot *slot = slot_of(feed);
    PyThreadState *thread;

    for (int i = 0; i < FEEDS_MAX; i++) {
        if (slot->feed[i] == feed) {
            slot->feed[i] = NULL;
            slot->feeds--;
        }
    }
    if (slot->feeds != 0) {
        return;
    }
    thread = PyInterpreterState_ThreadHead(pt_thread_attached()->interp);
    for (; thread != NULL; thread = PyThreadState_Next(thread)) {
        leave_slot(slot, thread);
    }
}

static int
enter_all_threads(struct slot *slot)
{
    PyThreadState *thread =
        PyInterpreterState_ThreadHead(pt_thread_attached()->interp);

    for (; thread != NULL; thread = PyThreadState_Next(thread)) {
        if (enter_slot(slot, thread) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
start(struct pt_feed *feed)
{
    struct slot *slot = slot_of(feed);
    int place = 0, result;

    if (PyType_Ready(&holder_type) < 0 || pt_thread_watch(&watcher) < 0) {
        return -1;
    }
    while (place < FEEDS_MAX && slot->feed[place] != NULL) {
        place++;
    }
    if (place == FEEDS_MAX) {
        PyErr_Format(PyExc_RuntimeError,
                     "pytrace: %d tracers run already; stop one of them",
                     FEEDS_MAX);
        return -1;
    }
    slot->feed[place] = feed;
    slot->end = place < slot->end ? slot->end : place + 1;
    slot->feeds++;
    pt_guard_enter();
    result = enter_all_threads(slot);
    pt_guard_leave();
    if (result < 0) {
        stop(feed);
    }
    return result;
}

static void
release(struct pt_feed *feed)
{
    (void)feed;
}

const struct pt_feed_source pt_feed_source = {start, stop, release};
