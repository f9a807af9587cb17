/* SPDX-License-Identifier: MIT */
/* saferepr.h - what a value looks like, without asking it.
 *
 * A repr() of the program's may print, raise, wait, recurse or change what it
 * shows. So no code of the program is run here: values of CPython's own types
 * are read where they lie, down to some depth and length; of all others only
 * the type is named. What inherits from a built-in container or number shows
 * that part of it: Point(1, 2).
 */
#ifndef PT_CORE_PY_SAFEREPR_H
#define PT_CORE_PY_SAFEREPR_H

#include "core/py/compat.h"

#include <stddef.h>

#include "core/base/buf.h"

/* Limits. Zeroes stand for the ones below. */
struct pt_saferepr_limits {
    size_t bytes;  // of the whole text: more is cut and "..." appended
    int depth;     // of containers within containers
    int items;     // of each container
};

#define PT_SAFEREPR_BYTES 80
#define PT_SAFEREPR_DEPTH 3
#define PT_SAFEREPR_ITEMS 8

/* Append the text of `value`, UTF-8 in one line, to `out`. Sets no exception
 * and leaves one that is set alone. NULL shows as "NULL". Needs the GIL. */
void pt_saferepr(struct pt_buf *out, PyObject *value,
                 const struct pt_saferepr_limits *limits);

/* Append the name of a type as C has it: "int", "Basket", "datetime.date";
 * control characters are escaped, and some 200 bytes are enough. Needs the
 * GIL. */
void pt_saferepr_type(struct pt_buf *out, PyTypeObject *type);

/* Append a str with control characters escaped, cut at `most` characters.
 * Needs the GIL. */
void pt_saferepr_text(struct pt_buf *out, PyObject *text, Py_ssize_t most);

#endif
