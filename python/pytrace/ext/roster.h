/* SPDX-License-Identifier: MIT */
/* roster.h - numbers for names, and figures under names.
 *
 * What is counted is counted by numbers; a roster gives each name one when it
 * is met first, and becomes the keys of dicts when figures are asked for. All
 * functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_ROSTER_H
#define PT_PYTHON_PYTRACE_EXT_ROSTER_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

/* Names in the order of their numbers, which start at 0. */
struct pt_roster {
    PyObject *list;
    PyObject *numbers;  // {name: number}
};

/* 0, or -1 with an exception and something to release. */
PT_MUST_CHECK int pt_roster_init(struct pt_roster *roster);
void pt_roster_release(struct pt_roster *roster);

/* The number of `name`, a new one if need be; -1 with an exception. */
int64_t pt_roster_number(struct pt_roster *roster, PyObject *name);

/* A name by its number. Borrowed. */
PT_INLINE PyObject *
pt_roster_name(const struct pt_roster *roster, uint64_t number)
{
    return PyList_GET_ITEM(roster->list, (Py_ssize_t)number);
}

/* Add {key: count} to a dict; the reference to the key is taken, which is NULL
 * if it could not be made. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_put_count(PyObject *dict, PyObject *key, uint64_t count);

#endif
