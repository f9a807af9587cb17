/* SPDX-License-Identifier: MIT */
/* tracer_object.h - the type pytrace.Tracer: a filtered feed of events.
 *
 * It follows a feed (linetrace/feed.h) and does with each event what was
 * asked for: calls a function, prints, counts calls, adds up times. Names of
 * functions and files get numbers at their first call; figures are kept by
 * numbers and become dicts when asked for. All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACER_OBJECT_H
#define PT_PYTHON_PYTRACE_EXT_TRACER_OBJECT_H

#include "core/py/compat.h"

#include "core/base/compiler.h"
#include "core/base/tally.h"
#include "linetrace/calltree.h"
#include "linetrace/feed.h"
#include "python/pytrace/ext/roster.h"
#include "python/pytrace/ext/threadfront.h"
#include "python/pytrace/ext/tracer_filter.h"

struct pt_tracing {
    PyObject_HEAD struct pt_feed feed;
    struct pt_tracer_filter filter;
    int entered;       // how often it was started and not stopped
    uint64_t starter;  // id of the thread that started it
    int only_starter;
    PyObject *callback;   // or NULL
    PyObject *failure;    // the exception that the callback raised, or NULL
    uint32_t called_for;  // kinds of events for which `callback` is called
    uint32_t shown;       // kinds of events that are printed
    PyObject *output;     // where to; NULL: what sys.stdout is then
    PyObject *linecache;  // the module, if lines are shown
    struct pt_calltree_style style;
    struct pt_threadfront threadfront;
    int is_programs;  // nobody in the program holds it: see tracer_program.h
    int counts_calls;
    int takes_times;
    struct pt_tally calls;       // key: calling function or 0, called function
    struct pt_tally hits;        // key: file, line
    struct pt_tally times_ns;    // the same keys
    struct pt_roster functions;  // (file, line, name); the first is None
    struct pt_roster files;
    uint32_t *file_of;  // of a function, by number
    uint32_t file_of_room;
};

/* The client of its feed. */
extern const struct pt_feed_client pt_tracing_client;

/* The type itself; borrowed, NULL until it is made. */
extern PyObject *pt_tracing_type;

/* Number the function of a code object, site->number. -1 without memory. */
PT_MUST_CHECK int pt_tracing_number(struct pt_tracing *self,
                                    struct pt_site *site);

/* Methods: figures as dicts. */
PyObject *pt_tracing_calls(PyObject *self, PyObject *unused);
PyObject *pt_tracing_lines(PyObject *self, PyObject *unused);

/* Make the type and add it to `module`. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_tracing_add_type(PyObject *module);

#endif
