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

/* What is known of one file. All NULL until its first line is shown. */
struct pt_trace_shown {
    PyObject *entry;  // of linecache.cache when the lines were taken, or NULL
    PyObject *lines;  // a list or tuple
    PyObject **text;  // what is printed for each of them, NULL: not made yet
    Py_ssize_t texts;
};

struct pt_trace_show {
    PyObject *linecache;   // the module; NULL when nothing is shown
    PyObject *gap;         // between "file(3)" and the line
    PyObject *gap_at_end;  // behind "file(3)" when there is no line
    double start;          // time.monotonic(); 0: no times are shown
    struct pt_trace_shown *file;
    uint32_t files;
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
PT_MUST_CHECK int pt_trace_show_text(const char *format, ...);

#endif
