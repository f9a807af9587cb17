/* SPDX-License-Identifier: MIT */
/* tracer_events.c - what a Tracer does at an event.
 *
 * An exception of the user's function ends the tracing and is kept until the
 * tracing is left, so that the program runs as it would without us. What is
 * no Exception (KeyboardInterrupt, SystemExit) goes to the program at once.
 */
#include "python/pytrace/ext/tracer_object.h"

#include "core/base/clock.h"
#include "core/py/guard.h"
#include "core/py/thread.h"
#include "python/pytrace/ext/printing.h"

// What a callback that prints, or looks up a source line, can do with.
#define CALLS_OF_OUR_OWN 200

static struct pt_tracing *
tracing_of(struct pt_feed *feed)
{
    return (struct pt_tracing *)feed->owner;
}

/* -- Times ---------------------------------------------------------------- */

static uint64_t
line_key(const struct pt_tracing *self, const struct pt_feed_event *event)
{
    return pt_tally_key(self->file_of[event->call->site->number],
                        (uint32_t)event->line);
}

/* What has gone by since the thread's last event belongs to the line that ran
 * then; say which one runs now. */
static void
take_time(struct pt_tracing *self, const struct pt_feed_event *event)
{
    struct pt_feed_thread *thread = event->thread;
    struct pt_feed_call *caller = pt_feed_caller(event);
    uint64_t now = pt_clock_ns();

    if (caller == NULL && event->kind < PT_FEED_LINE) {
        thread->running = 0;
    }
    if (thread->running != 0) {
        pt_tally_add(&self->times_ns, thread->running, now - thread->clock_ns);
    }
    if (event->kind == PT_FEED_LINE) {
        event->call->mark = line_key(self, event);
        thread->running = event->call->mark;
        pt_tally_add(&self->hits, thread->running, 1);
    }
    else if (event->kind == PT_FEED_RESUME) {
        // Its line goes on without a line event.
        event->call->mark = line_key(self, event);
        thread->running = event->call->mark;
    }
    else if (event->kind >= PT_FEED_RETURN) {
        thread->running = caller != NULL ? caller->mark : 0;
    }
    thread->clock_ns = now;
}

/* -- Calls ---------------------------------------------------------------- */

static void
count_call(struct pt_tracing *self, const struct pt_feed_event *event)
{
    const struct pt_feed_call *caller = pt_feed_caller(event);

    pt_tally_add(&self->calls,
                 pt_tally_key(caller != NULL ? caller->site->number : 0,
                              event->call->site->number),
                 1);
}

/* -- Printing ------------------------------------------------------------- */

/* The text of the line of an event, or NULL. New reference. */
static PyObject *
source_of(struct pt_tracing *self, const struct pt_feed_event *event)
{
    PyObject *source;

    if (event->kind != PT_FEED_LINE || self->linecache == NULL) {
        return NULL;
    }
    source = PyObject_CallMethod(self->linecache, "getline", "Oi",
                                 event->code->co_filename, event->line);
    if (source != NULL && !PyUnicode_Check(source)) {
        Py_CLEAR(source);
    }
    PyErr_Clear();
    return source;
}

static int
write_out(struct pt_tracing *self, const struct pt_buf *text)
{
    PyObject *out = self->output != NULL ? self->output
                                         : PySys_GetObject("stdout");
    PyObject *line;
    int result = -1;

    if (text->failed) {
        PyErr_NoMemory();
        return -1;
    }
    if (self->is_programs) {
        return pt_printing_put(pt_buf_text(text), text->used);
    }
    if (out == NULL || out == Py_None) {
        return 0;
    }
    line = PyUnicode_DecodeUTF8(pt_buf_text(text), (Py_ssize_t)text->used,
                                "surrogateescape");
    if (line != NULL) {
        Py_INCREF(out);
        result = PyFile_WriteObject(line, out, Py_PRINT_RAW);
        Py_DECREF(out);
        Py_DECREF(line);
    }
    return result;
}

static int
show(struct pt_tracing *self, const struct pt_feed_event *event)
{
    struct pt_buf text = PT_BUF_INIT;
    PyObject *source;
    int result;

    // Values first: what Python code runs for the source may change them.
    source = source_of(self, event);
    pt_guard_enter();
    pt_threadfront_add(&self->threadfront, &text, event->thread->id);
    pt_calltree_write(&text, &self->style, event, source);
    pt_guard_leave();
    Py_XDECREF(source);
    result = write_out(self, &text);
    pt_buf_release(&text);
    return result;
}

/* -- The user's function -------------------------------------------------- */

static PyObject *
event_name(enum pt_feed_kind kind)
{
    static const char *const names[] = {"call",   "call",      "line",
                                        "opcode", "exception", "return",
                                        "return", "return"};
    static PyObject *known[sizeof(names) / sizeof(names[0])];

    if (known[kind] == NULL) {
        known[kind] = PyUnicode_InternFromString(names[kind]);
    }
    return known[kind];
}

/* What sys.settrace would give as `arg`. New reference. */
static PyObject *
event_argument(const struct pt_feed_event *event)
{
    PyObject *traceback, *argument;

    if (event->kind == PT_FEED_RETURN || event->kind == PT_FEED_YIELD) {
        return Py_NewRef(event->value);
    }
    if (event->kind != PT_FEED_EXCEPTION ||
        !PyExceptionInstance_Check(event->value)) {
        return Py_NewRef(Py_None);
    }
    traceback = PyException_GetTraceback(event->value);
    argument = PyTuple_Pack(3, (PyObject *)Py_TYPE(event->value), event->value,
                            traceback != NULL ? traceback : Py_None);
    Py_XDECREF(traceback);
    return argument;
}

static int
call_back(struct pt_tracing *self, const struct pt_feed_event *event)
{
    PyObject *name = event_name(event->kind);
    PyObject *argument = name != NULL ? event_argument(event) : NULL;
    PyObject *frame = (PyObject *)PyEval_GetFrame();
    PyObject *result = NULL;

    if (argument != NULL && frame != NULL) {
        PyObject *callback = Py_NewRef(self->callback);
        PyObject *args[] = {NULL, Py_NewRef(frame), name, argument};

        result = PyObject_Vectorcall(callback, args + 1,
                                     3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_DECREF(frame);
        Py_DECREF(callback);
    }
    Py_XDECREF(argument);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* End the tracing with the exception that is set. 0 if it is kept, -1 if it
 * goes to the program. */
PT_COLD static int
fail(struct pt_tracing *self)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    pt_feed_stop(&self->feed);
    if (type == NULL || !PyErr_GivenExceptionMatches(type, PyExc_Exception)) {
        PyErr_Restore(type, value, traceback);
        return -1;
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
    }
    if (self->failure == NULL) {
        self->failure = Py_XNewRef(value);
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return 0;
}

/* Print it and call the user's function, if these are to be told. They have
 * calls of their own left where the program has none: at its recursion limit
 * it gets its RecursionError, and they get the events. */
static int
tell(struct pt_tracing *self, const struct pt_feed_event *event)
{
    PyThreadState *thread = pt_thread_attached();
    uint32_t bit = PT_FEED_BIT(event->kind);
    int result = 0;

    pt_calls_left(thread) += CALLS_OF_OUR_OWN;
    if (self->shown & bit) {
        result = show(self, event);
    }
    if (result == 0 && self->called_for & bit) {
        result = call_back(self, event);
    }
    pt_calls_left(thread) -= CALLS_OF_OUR_OWN;
    return result;
}

static int
on_event(struct pt_feed *feed, const struct pt_feed_event *event)
{
    struct pt_tracing *self = tracing_of(feed);
    struct pt_feed_thread *thread = event->thread;
    uint32_t bit = PT_FEED_BIT(event->kind);
    int result;

    if (self->takes_times) {
        take_time(self, event);
    }
    if (self->counts_calls && event->kind == PT_FEED_CALL) {
        count_call(self, event);
    }
    if (((self->shown | self->called_for) & bit) == 0) {
        return 0;
    }
    result = tell(self, event);
    if (pt_unlikely(result < 0)) {
        result = fail(self);
    }
    if (self->takes_times) {
        // Our own time is nobody's.
        thread->clock_ns = pt_clock_ns();
    }
    return result;
}

static uint32_t
decide(struct pt_feed *feed, struct pt_site *site,
       const struct pt_frame *frame)
{
    struct pt_tracing *self = tracing_of(feed);
    uint32_t wants;

    if (!pt_tracer_filter_decide(&self->filter, site->code, frame)) {
        return 0;
    }
    wants = feed->wanted;
    if (pt_tracing_number(self, site) < 0) {
        feed->dropped++;
        wants = 0;
    }
    return wants;
}

static int
wants_thread(struct pt_feed *feed, struct pt_feed_thread *thread)
{
    struct pt_tracing *self = tracing_of(feed);
    PyObject *name;
    int result = 1;

    if (self->only_starter) {
        return thread->id == self->starter;
    }
    if (self->filter.threads.used == 0) {
        return 1;
    }
    name = pt_thread_name();
    if (name == NULL) {
        PyErr_Clear();
        return 0;
    }
    result = pt_tracer_patterns_fit(&self->filter.threads, name, '\0');
    Py_DECREF(name);
    return result;
}

const struct pt_feed_client pt_tracing_client = {decide, on_event,
                                                 wants_thread};
