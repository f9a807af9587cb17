/* SPDX-License-Identifier: MIT */
/* front.h - hearing of what the program writes to a file, before it does.
 *
 * Entries in the file's own dict are found before the methods of its class. So
 * what we put there under "write" and "flush" hears of each use, does what it
 * has to, and goes on to the class's method. Only for files of Python's own
 * kinds (sys.stdout, its `buffer`), whose methods take the same arguments.
 *
 * All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_FRONT_H
#define PT_PYTHON_PYTRACE_EXT_FRONT_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

enum pt_front_use { PT_FRONT_WRITE, PT_FRONT_FLUSH };

/* Zeroes to begin with, but for `before`. */
struct pt_front {
    // The program is about to use the file. 0, or -1 with an exception for
    // it. It may leave the file.
    int (*before)(struct pt_front *front, enum pt_front_use use);
    PyObject *file;   // NULL: we stand in front of none
    PyObject *dict;   // its own
    PyObject *write;  // what we put there
    PyObject *flush;
    PyObject *own_write;  // of the file's class
    PyObject *own_flush;
    struct pt_front *next;
};

/* Stand in front of a file. 1, 0 if somebody else does, -1: an exception. */
PT_MUST_CHECK int pt_front_enter(struct pt_front *front, PyObject *file);

/* Stand aside; harmless when it is not in front of any. */
void pt_front_leave(struct pt_front *front);

/* Would the program still find us? */
int pt_front_is_in_place(const struct pt_front *front);

/* The file's own methods. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_front_write(struct pt_front *front, PyObject *text);
PT_MUST_CHECK int pt_front_flush(struct pt_front *front);

int pt_front_traverse(struct pt_front *front, visitproc visit, void *arg);

#endif
