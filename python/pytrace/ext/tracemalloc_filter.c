/* SPDX-License-Identifier: MIT */
/* tracemalloc_filter.c - choosing rows of Counters.
 *
 * Which files a pattern matches is asked in Python once per file; the rest is
 * done here, row by row, as Filter and DomainFilter of the standard module do
 * it trace by trace.
 */
#include "python/pytrace/ext/tracemalloc_counters.h"

#include <string.h>

#include "core/base/rawmem.h"

/* One filter, as tracemalloc.py hands it over. */
struct filter {
    int inclusive;
    const char *matches;  // for each file; NULL: a filter of domains alone
    Py_ssize_t files;
    long long line;  // -1: any
    int all_frames;
    long long domain;  // -1: any
};

static int
frame_matches(const struct filter *filter, const struct pt_snapshot_node *node)
{
    return filter->matches[node->file] &&
           (filter->line < 0 || filter->line == node->line);
}

static int
traceback_passes(const struct filter *filter,
                 const struct pt_snapshot *snapshot, uint32_t node)
{
    uint32_t frames = 0;

    if (!filter->all_frames) {
        return frame_matches(filter, &snapshot->node[node]) ==
               filter->inclusive;
    }
    do {
        if (frame_matches(filter, &snapshot->node[node])) {
            return filter->inclusive;
        }
        node = snapshot->node[node].parent;
    } while (node != 0 && ++frames < snapshot->limit);
    return !filter->inclusive;
}

static int
row_passes(const struct filter *filter, const struct pt_snapshot *snapshot,
           const struct pt_snapshot_row *row)
{
    int same = filter->domain == row->domain;

    if (filter->matches == NULL) {
        return same == filter->inclusive;
    }
    if (filter->domain < 0) {
        return traceback_passes(filter, snapshot, row->node);
    }
    if (filter->inclusive) {
        return same && traceback_passes(filter, snapshot, row->node);
    }
    return !same || traceback_passes(filter, snapshot, row->node);
}

/* A row stays if some inclusive filter and all exclusive ones let it pass. */
static int
row_stays(const struct filter *filter, Py_ssize_t count,
          const struct pt_snapshot *snapshot,
          const struct pt_snapshot_row *row)
{
    int wanted = 0, included = 0;

    for (Py_ssize_t i = 0; i < count; i++) {
        int passes = row_passes(&filter[i], snapshot, row);

        if (!filter[i].inclusive && !passes) {
            return 0;
        }
        wanted |= filter[i].inclusive;
        included |= filter[i].inclusive && passes;
    }
    return !wanted || included;
}

static PyObject *
select_rows(struct pt_counters *self, const unsigned char *keep)
{
    PyObject *files = pt_counters_files(self);
    struct pt_snapshot copy;

    if (files == NULL) {
        return NULL;
    }
    if (pt_snapshot_select(&copy, &self->snapshot, keep) != PT_OK) {
        return PyErr_NoMemory();
    }
    return pt_counters_take(&copy, Py_NewRef(files));
}

static int
read_filter(PyObject *item, struct filter *filter, uint32_t files)
{
    if (!PyArg_ParseTuple(item, "pz#LpL;a filter", &filter->inclusive,
                          &filter->matches, &filter->files, &filter->line,
                          &filter->all_frames, &filter->domain)) {
        return -1;
    }
    if (filter->matches != NULL && filter->files != (Py_ssize_t)files) {
        PyErr_SetString(PyExc_ValueError, "a filter needs a byte a file");
        return -1;
    }
    return 0;
}

static PyObject *
filter_rows(struct pt_counters *self, const struct filter *filter,
            Py_ssize_t count)
{
    const struct pt_snapshot *snapshot = &self->snapshot;
    unsigned char *keep = pt_rawmem_array(snapshot->rows, 1);
    PyObject *result;

    if (keep == NULL) {
        return PyErr_NoMemory();
    }
    for (uint32_t i = 0; i < snapshot->rows; i++) {
        keep[i] = (unsigned char)row_stays(filter, count, snapshot,
                                           &snapshot->row[i]);
    }
    result = select_rows(self, keep);
    pt_rawmem_free(keep);
    return result;
}

PyObject *
pt_counters_filter(PyObject *object, PyObject *args)
{
    struct pt_counters *self = (struct pt_counters *)object;
    PyObject *list, *result = NULL;
    struct filter *filter;
    Py_ssize_t count;

    if (!PyArg_ParseTuple(args, "O!:filter", &PyList_Type, &list)) {
        return NULL;
    }
    count = PyList_GET_SIZE(list);
    filter = pt_rawmem_array((size_t)count, sizeof(*filter));
    if (filter == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!PyTuple_Check(PyList_GET_ITEM(list, i))) {
            PyErr_SetString(PyExc_TypeError, "a filter is a tuple");
            goto done;
        }
        if (read_filter(PyList_GET_ITEM(list, i), &filter[i],
                        self->snapshot.files) < 0) {
            goto done;
        }
    }
    result = filter_rows(self, filter, count);

done:
    pt_rawmem_free(filter);
    return result;
}

PyObject *
pt_counters_select(PyObject *object, PyObject *mask)
{
    struct pt_counters *self = (struct pt_counters *)object;

    if (!PyBytes_Check(mask) ||
        PyBytes_GET_SIZE(mask) != (Py_ssize_t)self->snapshot.rows) {
        PyErr_SetString(PyExc_ValueError, "select() needs a byte a row");
        return NULL;
    }
    return select_rows(self, (const unsigned char *)PyBytes_AS_STRING(mask));
}
