/* SPDX-License-Identifier: MIT */
/* tracemalloc_counters.h - the Python type that holds one snapshot.
 *
 * Counters has no meaning of its own for users: pytrace/tracemalloc.py builds
 * Snapshot on it. Names of files are one list of str for all Counters that
 * were filtered from each other. All functions need the GIL.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACEMALLOC_COUNTERS_H
#define PT_PYTHON_PYTRACE_EXT_TRACEMALLOC_COUNTERS_H

#include "core/py/compat.h"

#include "memtrace/grouping.h"
#include "memtrace/snapshot.h"
#include "python/pytrace/ext/roster.h"

struct pt_counters {
    PyObject_HEAD struct pt_snapshot snapshot;
    PyObject *files;  // list of str, NULL until somebody asks
};

/* Make the type and add it to `module`. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_counters_add_type(PyObject *module);

/* Counters that take over `snapshot`, and `files` if it is not NULL. New
 * reference, or NULL with an exception (both are released then, too). */
PyObject *pt_counters_take(struct pt_snapshot *snapshot, PyObject *files);

/* The names of its files. Borrowed, or NULL with an exception. */
PyObject *pt_counters_files(struct pt_counters *self);

/* Is it a Counters? */
int pt_counters_check(PyObject *object);

/* Methods that other files give the type. */
PyObject *pt_counters_traces(PyObject *self, PyObject *unused);
PyObject *pt_counters_rows(PyObject *self, PyObject *unused);
PyObject *pt_counters_groups(PyObject *self, PyObject *args);
PyObject *pt_counters_diff(PyObject *self, PyObject *args);
PyObject *pt_counters_filter(PyObject *self, PyObject *args);
PyObject *pt_counters_select(PyObject *self, PyObject *mask);
PyObject *pt_counters_from_traces(PyObject *type, PyObject *traces);
PyObject *pt_counters_pack(PyObject *self, PyObject *unused);
PyObject *pt_counters_unpack(PyObject *type, PyObject *args);

/* numbers[i] is the number of file i in `files`, which gets the names that it
 * does not have. From pt_rawmem, or NULL with an exception. */
uint32_t *pt_counters_number_files(struct pt_counters *self,
                                   struct pt_roster *files);

/* The (file name, line) pairs of a trail, newest first. New reference, or NULL
 * with an exception. */
PyObject *pt_counters_frames(const struct pt_grouping *grouping,
                             const struct pt_roster *files, uint32_t trail);

#endif
