/* SPDX-License-Identifier: MIT */
/* tracer_program.c - a Tracer that nobody in the program holds. */
#include "python/pytrace/ext/tracer_program.h"

#include "core/py/guard.h"
#include "core/timeline/recording.h"
#include "python/pytrace/ext/printing.h"
#include "python/pytrace/ext/tracer_object.h"

static PyObject *tracing;

static uint32_t
shown_kinds(uint32_t wanted)
{
    uint32_t kinds = PT_FEED_CALLS;

    if (wanted & PT_WANT_RESULTS) {
        kinds |= PT_FEED_BIT(PT_FEED_RETURN) | PT_FEED_BIT(PT_FEED_YIELD);
    }
    if (wanted & PT_WANT_RAISED) {
        kinds |= PT_FEED_BIT(PT_FEED_EXCEPTION) | PT_FEED_BIT(PT_FEED_UNWIND);
    }
    return kinds;
}

static PyObject *
make(uint32_t wanted)
{
    PyObject *none = PyTuple_New(0), *made = NULL, *words = NULL;

    if (none != NULL) {
        words = Py_BuildValue(
            "{s:O,s:O,s:I,s:O,s:O,s:i,s:i,s:n,s:i,s:i,s:O,s:O,s:O,s:O,s:O,"
            "s:O,s:O,s:O,s:O,s:i,s:i,s:I,s:i,s:i}",
            "callback", Py_None, "events", none, "shown", shown_kinds(wanted),
            "output", Py_None, "linecache", Py_None, "values",
            (wanted & PT_WANT_ARGS) != 0, "places", 1, "size",
            (Py_ssize_t)PT_SAFEREPR_BYTES, "callgraph", 0, "times", 0,
            "include", none, "omit", none, "modules", none, "omit_modules",
            none, "functions", none, "omit_functions", none, "threads", none,
            "libraries", none, "tool", none, "everything", 0, "only_starter",
            0, "depth", 0u, "results", 1, "as_counted", 1);
    }
    if (words != NULL) {
        made = PyObject_Call(pt_tracing_type, none, words);
    }
    Py_XDECREF(words);
    Py_XDECREF(none);
    return made;
}

static int
call(const char *method)
{
    PyObject *result = PyObject_CallMethod(tracing, method, NULL);

    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

int
pt_tracer_program_start(uint32_t wanted)
{
    int result = -1;

    pt_guard_enter();
    tracing = make(wanted);
    if (tracing != NULL) {
        ((struct pt_tracing *)tracing)->is_programs = 1;
        result = call("_start");
    }
    pt_guard_leave();
    return result;
}

void
pt_tracer_program_stop(void)
{
    if (tracing != NULL) {
        if (call("_stop") < 0) {
            PyErr_Clear();
        }
        if (((struct pt_tracing *)tracing)->feed.was_pushed_out) {
            pt_printing_say_pushed_out();
        }
    }
    Py_CLEAR(tracing);
}
