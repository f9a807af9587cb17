/* SPDX-License-Identifier: MIT */
/* trace_show.h - printing each line to sys.stdout before it is run.
 *
 * The texts of lines are made once; source comes from linecache, as the
 * program may have changed it. All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACE_SHOW_H
#define PT_PYTHON_PYTRACE_EXT_TRACE_SHOW_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "python/pytrace/ext/trace_outlet.h"

/* What is known of one file. All NULL until its first line is shown. */
struct pt_trace_shown {
    PyObject *entry;  // of linecache.cache when the lines were taken, or NULL
    uint64_t cache_version;  // of that dict, when the entry was the same
    PyObject *lines;         // a list or tuple
    PyObject **text;  // what is printed for each of them, NULL: not made yet
    Py_ssize_t texts;
};

/* How lines are shown, apart from what the standard module knows. */
struct pt_trace_look {
    int digits;  // of the seconds behind the point
    int names;   // of threads, once there are several
    int has_colors;
};

struct pt_trace_show {
    struct pt_outlet outlet;
    struct pt_trace_look look;
    PyObject *linecache;   // the module; NULL when nothing is shown
    PyObject *cache_name;  // "cache"
    PyObject *cache;       // linecache.cache as of that version of the module
    uint64_t module_version;
    PyObject *gap;         // between "file(3)" and the line
    PyObject *gap_at_end;  // behind "file(3)" when there is no line
    double start;          // time.monotonic(); 0: no times are shown
    struct pt_trace_shown *file;
    uint32_t files;
    uint64_t first_thread;  // id of the one that showed a line first
    uint64_t named_thread;  // whose name this is:
    PyObject *thread_name;  // "[name] ", or NULL: there was one thread
};

void pt_trace_show_release(struct pt_trace_show *show);
int pt_trace_show_traverse(struct pt_trace_show *show, visitproc visit,
                           void *arg);

/* Print line `line` of file number `number`, named `name`. 0, or -1 with an
 * exception. */
PT_MUST_CHECK int pt_trace_show_line(struct pt_trace_show *show,
                                     PyObject *name, uint32_t number,
                                     int line);

/* Print a text made as by PyUnicode_FromFormat. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_trace_show_text(struct pt_trace_show *show,
                                     const char *format, ...);

#endif
