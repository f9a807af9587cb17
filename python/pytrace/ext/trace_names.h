/* SPDX-License-Identifier: MIT */
/* trace_names.h - numbers for the files and functions a Tracer meets.
 *
 * The standard module keys its figures by names: (file, line), and (file,
 * module, function). Here each name gets a number once; what a code object is
 * hangs on the object itself (code extra), so an event finds it in one step.
 * The numbers of another Tracer on the same code object are simply looked up
 * again. All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACE_NAMES_H
#define PT_PYTHON_PYTRACE_EXT_TRACE_NAMES_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "python/pytrace/ext/roster.h"

struct pt_trace_names {
    uint64_t serial;  // no other Tracer of this process has it
    struct pt_roster files;
    struct pt_roster functions;  // tuples (file, module, function)
    PyObject *class_of;          // {code: name of its class, or None}
    PyObject *get_referrers;     // of the module gc
};

#define PT_TRACE_NO_FUNCTION UINT32_MAX

/* What a code object is to the Tracer of this serial. */
struct pt_trace_place {
    uint64_t serial;
    uint32_t file;
    uint32_t function;  // PT_TRACE_NO_FUNCTION: not asked for yet
};

extern struct pt_trace_latest {
    PyCodeObject *code;
    struct pt_trace_place *place;
} pt_trace_latest;

/* 0, or -1 with an exception and something to release. */
PT_MUST_CHECK int pt_trace_names_init(struct pt_trace_names *names);
void pt_trace_names_release(struct pt_trace_names *names);
int pt_trace_names_traverse(struct pt_trace_names *names, visitproc visit,
                            void *arg);

/* The place of `code`, good while it lives, or NULL with an exception. */
struct pt_trace_place *pt_trace_place_slow(struct pt_trace_names *names,
                                           PyCodeObject *code);

PT_INLINE struct pt_trace_place *
pt_trace_place(struct pt_trace_names *names, PyCodeObject *code)
{
    if (pt_likely(pt_trace_latest.code == code &&
                  pt_trace_latest.place->serial == names->serial)) {
        return pt_trace_latest.place;
    }
    return pt_trace_place_slow(names, code);
}

/* Give `place` the number of the function that runs `code`. 0, or -1 with an
 * exception. */
PT_MUST_CHECK int pt_trace_name_function(struct pt_trace_names *names,
                                         PyCodeObject *code,
                                         struct pt_trace_place *place);

/* A plausible module name for a path: its last part without the ending. New
 * reference, or NULL with an exception. */
PyObject *pt_trace_modname(PyObject *path);

#endif
