/* SPDX-License-Identifier: MIT */
/* hits.c - making hits, and their lines' counters. */
#include "linetrace/hits.h"

#include "core/base/rawmem.h"
#include "core/py/codeextra.h"
#include "core/py/codeinfo.h"
#include "core/py/guard.h"
#include "linetrace/arcs.h"
#include "linetrace/filter.h"
#include "linetrace/follow.h"

struct pt_hits_latest pt_hits_latest;

static struct pt_catalog *catalog;
static Py_ssize_t extra_index = -1;

// What ignored code gets, and code for which there was no memory.
static struct pt_hits ignored;

static void
on_code_death(void *extra)
{
    struct pt_hits *hits = extra;

    // Another code object may get the address, of ignored code too.
    if (hits == pt_hits_latest.hits) {
        pt_hits_latest = (struct pt_hits_latest){0};
    }
    if (hits == NULL || hits == &ignored) {
        return;
    }
    pt_rawmem_free(hits->line_of_unit);
    pt_rawmem_free(hits);
}

int
pt_hits_start(struct pt_catalog *over)
{
    catalog = over;
    return pt_codeextra_take(&extra_index, on_code_death);
}

/* Mark the lines that have code, so that a report can tell what never ran. */
static void
mark_executable(PyCodeObject *object, const struct pt_code *code,
                uint64_t *counter)
{
    struct pt_code_lines walk;

    pt_code_lines_start(&walk, object);
    while (pt_code_lines_next(&walk)) {
        if (walk.line > 0) {
            counter[(uint32_t)walk.line - code->first_line] |=
                PT_COUNTER_EXECUTABLE;
        }
    }
}

int
pt_hits_is_traced(uint32_t source_id)
{
    struct pt_source *source = pt_catalog_source_at(catalog, source_id);

    if ((source->flags & PT_SOURCE_DECIDED) == 0) {
        size_t bytes;
        const char *path = pt_catalog_path(catalog, source_id, &bytes);

        source->flags |= pt_filter_decide(path, bytes) | PT_SOURCE_DECIDED;
        if (source->flags & PT_SOURCE_MAIN &&
            catalog->timeline->process->main_source == 0) {
            catalog->timeline->process->main_source = source_id;
        }
    }
    return (source->flags & PT_SOURCE_TRACED) != 0;
}

/* The id of a record with the lines of this very code object, or 0. */
static uint32_t
find_record(const PyCodeObject *object)
{
    uint32_t id = pt_catalog_code(catalog, object);
    struct pt_catalog_span own;

    pt_catalog_measure(object, &own);
    if (id != 0) {
        const struct pt_code *code = pt_catalog_code_at(catalog, id);

        if (code->first_line != own.first_line || code->lines != own.lines) {
            id = pt_catalog_another(catalog, object);
        }
    }
    return id;
}

/* New hits for `object`, or `ignored`. */
static struct pt_hits *
make_hits(PyCodeObject *object)
{
    uint32_t source = pt_catalog_source(catalog, object);
    uint32_t id;
    int times = (pt_follow_wanted() & PT_WANT_TIMES) != 0;
    struct pt_hits *hits;
    struct pt_code *code;

    if (!pt_code_can_run(object) ||
        (source != 0 && !pt_hits_is_traced(source))) {
        return &ignored;
    }
    id = source != 0 ? find_record(object) : 0;
    if (id == 0) {
        pt_timeline_trouble(catalog->timeline, PT_TROUBLE_MEMORY);
        return &ignored;
    }
    code = pt_catalog_code_at(catalog, id);
    if (code->lines == 0) {
        return &ignored;
    }
    hits = pt_rawmem_array(1, sizeof(*hits));
    if (hits == NULL) {
        return &ignored;
    }
    if (code->counter == 0) {
        uint32_t counters = code->lines << times;
        uint32_t counter = pt_timeline_append(catalog->timeline,
                                              PT_SEGMENT_COUNTER, counters);

        if (counter == 0) {
            pt_rawmem_free(hits);
            return &ignored;
        }
        code->counter = counter;
        code->counters = times ? counters : 0;
        mark_executable(
            object, code,
            pt_array_at(&catalog->timeline->array[PT_SEGMENT_COUNTER],
                        counter));
    }
    hits->counter = pt_array_at(&catalog->timeline->array[PT_SEGMENT_COUNTER],
                                code->counter);
    hits->first_line = code->first_line;
    hits->lines = code->lines;
    hits->code = id;
    hits->units = (uint32_t)Py_SIZE(object);
    hits->timer = times ? code->counter + code->lines : 0;
    if (pt_follow_wanted() & PT_WANT_ARCS) {
        hits->arcs = pt_arcs_of(catalog, object, id);
    }
    return hits;
}

/* Hang `hits` on `code`; `ignored` if that fails. */
static struct pt_hits *
attach(PyCodeObject *code, struct pt_hits *hits)
{
    pt_guard_enter();
    if (pt_extra_set(code, extra_index, hits) != 0) {
        PyErr_Clear();
        on_code_death(hits);
        hits = &ignored;
    }
    pt_guard_leave();
    return hits;
}

void
pt_hits_ignore(PyCodeObject *code)
{
    attach(code, &ignored);
}

void
pt_hits_miss(PyCodeObject *code)
{
    uint32_t id = pt_catalog_code(catalog, code);

    if (id != 0) {
        pt_catalog_code_at(catalog, id)->units |= PT_CODE_MISSED;
    }
}

/* Functions that are never called must be known as well, to be reported as
 * missing: the code objects among the constants of `code`. */
static void
take_nested(PyCodeObject *code)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);

        if (PyCode_Check(constant)) {
            pt_hits_of_slow((PyCodeObject *)constant);
        }
    }
}

/* The hits that hang on `code`; NULL if there are none yet. */
static struct pt_hits *
find_hits(PyCodeObject *code)
{
    void *extra = NULL;

    if (pt_extra_get(code, extra_index, &extra) != 0) {
        PyErr_Clear();
        return &ignored;
    }
    return extra;
}

PT_COLD struct pt_hits *
pt_hits_of_slow(PyCodeObject *code)
{
    struct pt_hits *hits = find_hits(code);

    if (hits == NULL) {
        hits = attach(code, make_hits(code));
        if (hits->lines != 0) {
            take_nested(code);
        }
    }
    pt_hits_latest = (struct pt_hits_latest){code, hits};
    return hits;
}

struct pt_hits *
pt_hits_of_outer(PyCodeObject *code)
{
    struct pt_hits *hits = find_hits(code);

    return hits != NULL ? hits : attach(code, make_hits(code));
}

PT_COLD void
pt_hits_drop_slow(void)
{
    atomic_fetch_add_explicit(&catalog->timeline->process->dropped_lines, 1,
                              memory_order_relaxed);
}

static int32_t *
make_lines_of_units(PyCodeObject *code, uint32_t units)
{
    int32_t *line = pt_rawmem_array(units, sizeof(*line));
    struct pt_code_lines walk;
    uint32_t at = 0;

    if (line == NULL) {
        return NULL;
    }
    pt_code_lines_start(&walk, code);
    while (pt_code_lines_next(&walk)) {
        for (int i = 0; i < walk.units && at < units; i++) {
            line[at++] = walk.line;
        }
    }
    return line;
}

int
pt_hits_line_of_unit(struct pt_hits *hits, PyCodeObject *code, uint32_t unit)
{
    if (pt_unlikely(hits->line_of_unit == NULL)) {
        hits->line_of_unit = make_lines_of_units(code, hits->units);
    }
    if (pt_unlikely(hits->line_of_unit == NULL || unit >= hits->units)) {
        return -1;
    }
    return hits->line_of_unit[unit];
}
