/* SPDX-License-Identifier: MIT */
/* feed_monitoring.c - a feed's events from sys.monitoring (3.12 and
 * newer).
 *
 * PY_START and PY_RESUME are on everywhere. Where nothing is wanted they are
 * answered with DISABLE, and CPython takes them out of that place; where
 * something is, the code object gets local events for the rest. PY_THROW,
 * PY_UNWIND and RAISE exist for all code only: what they cost, they cost when
 * an exception is under way.
 *
 * Which events make up a line event is told in engine_monitoring.c.
 */
#include "core/py/compat.h"

#include "core/base/rawmem.h"
#include "core/py/guard.h"
#include "core/py/monitoring.h"
#include "linetrace/feed.h"

struct source {
    struct pt_monitor monitor;
    long start, resume, throw, line, jump, opcode;
    long leave, yield, unwind, raise, stop_iteration;
    long local_events;  // of a code object of which all is wanted
};

static struct source *
source_of(struct pt_feed *feed)
{
    return feed->source;
}

PT_INLINE struct pt_feed *
feed_of(PyObject *callback)
{
    return ((pt_monitor_callback *)callback)->context;
}

PT_INLINE PyObject *
answer(int result)
{
    return pt_likely(result == 0) ? Py_NewRef(Py_None) : NULL;
}

/* What a code object of which `wants` is wanted has to tell. */
static long
events_for(const struct source *source, uint32_t wants)
{
    long events = source->leave | source->yield;

    if (wants & PT_FEED_BIT(PT_FEED_LINE)) {
        events |= source->line | source->jump;
    }
    if (wants & PT_FEED_BIT(PT_FEED_OPCODE)) {
        events |= source->opcode;
    }
    if (wants & PT_FEED_BIT(PT_FEED_EXCEPTION)) {
        events |= source->stop_iteration;
    }
    return events;
}

PT_COLD static void
arm(struct pt_feed *feed, struct pt_site *site, PyCodeObject *code)
{
    struct source *source = source_of(feed);

    site->is_armed = 1;
    pt_guard_enter();
    if (pt_monitor_set_local(&source->monitor, code,
                             events_for(source, site->wants)) < 0) {
        PyErr_Clear();
        feed->dropped++;
    }
    pt_guard_leave();
}

/* A frame begins or goes on, in a feed that runs and is held. */
static PyObject *
enter_held(struct pt_feed *feed, PyCodeObject *code, enum pt_feed_kind kind)
{
    struct pt_site *site = pt_sites_find(&feed->sites, code);

    if (pt_unlikely(site != NULL && site->wants != 0 && !site->is_armed)) {
        arm(feed, site, code);
    }
    if (pt_unlikely(pt_feed_enter(feed, code, kind, &site) < 0)) {
        return NULL;
    }
    if (site == NULL || site->wants == 0) {
        return Py_NewRef(pt_monitor_disable);
    }
    if (pt_unlikely(!site->is_armed && feed->is_running)) {
        arm(feed, site, code);
    }
    Py_RETURN_NONE;
}

static PyObject *
enter(PyObject *self, PyObject *const *args, enum pt_feed_kind kind)
{
    struct pt_feed *feed = feed_of(self);
    PyObject *owner = feed->owner, *result;

    if (pt_unlikely(!feed->is_running)) {
        Py_RETURN_NONE;
    }
    Py_XINCREF(owner);
    result = enter_held(feed, (PyCodeObject *)args[0], kind);
    Py_XDECREF(owner);
    return result;
}

/* (code, offset) */
static PyObject *
on_start(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return enter(self, args, PT_FEED_CALL);
}

static PyObject *
on_resume(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return enter(self, args, PT_FEED_RESUME);
}

/* (code, offset, exception). This event may not be disabled. */
static PyObject *
on_throw(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    PyObject *result = on_resume(self, args, nargs, names);

    if (result == pt_monitor_disable) {
        Py_SETREF(result, Py_NewRef(Py_None));
    }
    return result;
}

/* (code, line). Budget: 60 instructions to the client. */
static PyObject *
on_line(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    struct pt_feed *feed = feed_of(self);

    (void)nargs, (void)names;
    if (pt_unlikely(!feed->is_running)) {
        Py_RETURN_NONE;
    }
    return answer(pt_feed_at_line(feed, (PyCodeObject *)args[0],
                                  (int)pt_monitor_number(args[1])));
}

/* (code, from, to), offsets in bytes. */
static PyObject *
on_jump(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    struct pt_feed *feed = feed_of(self);
    PyCodeObject *code = (PyCodeObject *)args[0];
    uint32_t from = pt_monitor_number(args[1]);
    uint32_t to = pt_monitor_number(args[2]);
    int line;

    (void)nargs, (void)names;
    if (to >= from || !feed->is_running) {
        return Py_NewRef(pt_monitor_disable);
    }
    line = PyCode_Addr2Line(code, (int)from);
    if (line < 0 || line != PyCode_Addr2Line(code, (int)to)) {
        return Py_NewRef(pt_monitor_disable);
    }
    return answer(pt_feed_at_line(feed, code, line));
}

static PyObject *
inside(PyObject *self, PyObject *const *args, enum pt_feed_kind kind,
       PyObject *value)
{
    struct pt_feed *feed = feed_of(self);

    if (!feed->is_running) {
        Py_RETURN_NONE;
    }
    return answer(pt_feed_inside(feed, (PyCodeObject *)args[0], kind, value));
}

/* (code, offset) */
static PyObject *
on_opcode(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return inside(self, args, PT_FEED_OPCODE, NULL);
}

/* (code, offset, exception), also for STOP_ITERATION. */
static PyObject *
on_raise(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return inside(self, args, PT_FEED_EXCEPTION, args[2]);
}

static PyObject *
leave(PyObject *self, PyObject *const *args, enum pt_feed_kind kind)
{
    struct pt_feed *feed = feed_of(self);

    if (!feed->is_running) {
        Py_RETURN_NONE;
    }
    return answer(pt_feed_leave(feed, (PyCodeObject *)args[0], kind, args[2]));
}

/* (code, offset, value) */
static PyObject *
on_return(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return leave(self, args, PT_FEED_RETURN);
}

static PyObject *
on_yield(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return leave(self, args, PT_FEED_YIELD);
}

/* (code, offset, exception) */
static PyObject *
on_unwind(PyObject *self, PyObject *const *args, size_t nargs, PyObject *names)
{
    (void)nargs, (void)names;
    return leave(self, args, PT_FEED_UNWIND);
}

static int
listen_to_events(struct pt_feed *feed, struct source *source)
{
    const struct {
        const char *name;
        vectorcallfunc call;
        long *event;
    } table[] = {
        {"PY_START", on_start, &source->start},
        {"PY_RESUME", on_resume, &source->resume},
        {"PY_THROW", on_throw, &source->throw},
        {"LINE", on_line, &source->line},
        {"JUMP", on_jump, &source->jump},
        {"INSTRUCTION", on_opcode, &source->opcode},
        {"PY_RETURN", on_return, &source->leave},
        {"PY_YIELD", on_yield, &source->yield},
        {"PY_UNWIND", on_unwind, &source->unwind},
        {"RAISE", on_raise, &source->raise},
        {"STOP_ITERATION", on_raise, &source->stop_iteration},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (pt_monitor_on_for(&source->monitor, table[i].name, table[i].call,
                              feed, table[i].event) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
switch_on(struct pt_feed *feed, struct source *source)
{
    long events;

    if (listen_to_events(feed, source) < 0 || pt_monitor_restart() < 0) {
        return -1;
    }
    events = source->start | source->resume | source->throw | source->unwind;
    if (feed->wanted & PT_FEED_BIT(PT_FEED_EXCEPTION)) {
        events |= source->raise;
    }
    return pt_monitor_set(&source->monitor, events);
}

/* Local events would stay when the tool is gone. */
static void
disarm(struct pt_feed *feed, struct source *source)
{
    for (uint32_t i = 0; i < feed->sites.room; i++) {
        struct pt_site *site = feed->sites.slot[i];

        if (site == NULL || !site->is_armed) {
            continue;
        }
        site->is_armed = 0;
        if (site->code != NULL &&
            pt_monitor_set_local(&source->monitor, site->code, 0) < 0) {
            PyErr_Clear();
        }
    }
}

static void
stop(struct pt_feed *feed)
{
    struct source *source = source_of(feed);
    PyObject *raised = PyErr_GetRaisedException();

    pt_guard_enter();
    disarm(feed, source);
    pt_monitor_close(&source->monitor);
    pt_guard_leave();
    PyErr_SetRaisedException(raised);
}

static int
start(struct pt_feed *feed)
{
    struct source *source = source_of(feed);
    int result;

    if (source == NULL) {
        source = feed->source = pt_rawmem_array(1, sizeof(*source));
        if (source == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    pt_guard_enter();
    result = pt_monitor_open(&source->monitor);
    if (result == 0 && switch_on(feed, source) < 0) {
        stop(feed);
        result = -1;
    }
    pt_guard_leave();
    return result;
}

static void
release(struct pt_feed *feed)
{
    pt_rawmem_free(feed->source);
    feed->source = NULL;
}

const struct pt_feed_source pt_feed_source = {start, stop, release};
