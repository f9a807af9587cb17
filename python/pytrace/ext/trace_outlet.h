/* SPDX-License-Identifier: MIT */
/* trace_outlet.h - many small texts to sys.stdout, in few large ones.
 *
 * A text waits here until there are many, or until the program itself uses
 * what sys.stdout is (front.h): then what waits goes first. So the bytes, and
 * their order, are those of one write after the other.
 *
 * That is done where the program could not tell when they were written anyway:
 * with a text file of Python's own that is buffered and not by lines. To all
 * others (a terminal, a StringIO, what the program made itself) each text goes
 * at once.
 *
 * All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACE_OUTLET_H
#define PT_PYTHON_PYTRACE_EXT_TRACE_OUTLET_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"
#include "python/pytrace/ext/front.h"

/* Zeroes to begin with. */
struct pt_outlet {
    struct pt_front front;  // of what sys.stdout is
    PyObject *waiting;      // a list with room, of which `used` items are set
    Py_ssize_t used;
    uint64_t sys_version;  // of the dicts, when all was as it must be
    uint64_t dict_version;
    int is_unsure;  // the file may be another kind by now
};

/* Write a text, of which the reference is taken, as print() would. NULL: one
 * could not be made. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_outlet_write(struct pt_outlet *outlet, PyObject *text);

/* Hand over what waits and stand aside. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_outlet_settle(struct pt_outlet *outlet);

/* The same, when nobody is there to hear of failures. */
void pt_outlet_release(struct pt_outlet *outlet);

int pt_outlet_traverse(struct pt_outlet *outlet, visitproc visit, void *arg);

#endif
