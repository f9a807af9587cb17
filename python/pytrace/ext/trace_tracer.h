/* SPDX-License-Identifier: MIT */
/* trace_tracer.h - the type Tracer: a trace function in C.
 *
 * What it does at an event is what the standard module's Trace does, and the
 * frames it follows are marked as there: a call gives the frame an f_trace,
 * which is us, and lines of frames without one are not ours. So recursion,
 * generators, threads, frames that were there before and a program that calls
 * sys.settrace itself need no rules of our own.
 *
 * Installed by sys.settrace(tracer), as any trace function; at its first call
 * it puts the C function in its place, and from then on no event runs Python
 * code, but what the user gave for that. Figures become dicts when asked for.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACE_TRACER_H
#define PT_PYTHON_PYTRACE_EXT_TRACE_TRACER_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "core/base/tally.h"
#include "python/pytrace/ext/trace_names.h"
#include "python/pytrace/ext/trace_show.h"

struct pt_tracer {
    PyObject_HEAD int counts_lines;
    int counts_functions;
    int counts_callers;
    int counts_calls;           // of functions, not resumptions of generators
    int shows_returns;          // lines too: show.linecache is not NULL
    int has_hooks;              // one of the last three below is not NULL
    struct pt_tally lines;      // key: file, line
    struct pt_tally functions;  // key: 0, function
    struct pt_tally callers;    // key: calling function, called function
    struct pt_trace_names names;
    struct pt_trace_show show;
    PyObject *ignore;   // what says which files are ignored
    PyObject *modules;  // {file: module's name, or None: ignored}
    PyObject *wants_frame;
    PyObject *on_start;
    PyObject *on_finish;
};

/* An event, from the interpreter or (tp_call) from Python. */
int pt_tracer_on_event(PyObject *self, PyFrameObject *frame, int what,
                       PyObject *arg);
PyObject *pt_tracer_call(PyObject *self, PyObject *args, PyObject *kwargs);

/* Make the type and add it to `module`. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_tracer_add_type(PyObject *module);

#endif
