/* SPDX-License-Identifier: MIT */
/* slab.c - filing plans. */
#include "linetrace/slab.h"

#include <string.h>

static struct pt_catalog *catalog;

/* Code objects of one file come in a row, and share its name. */
static struct {
    PyObject *filename;  // owned, so that no other gets its address; or NULL
    uint32_t source;
} latest;

void
pt_slab_start(struct pt_catalog *over)
{
    catalog = over;
    Py_CLEAR(latest.filename);
}

static uint32_t
source_of(const PyCodeObject *object)
{
    if (latest.filename != object->co_filename) {
        latest.source = pt_catalog_source(catalog, object);
        Py_XSETREF(latest.filename, Py_NewRef(object->co_filename));
    }
    return latest.source;
}

static void *
item(enum pt_segment segment, uint32_t index)
{
    return pt_array_at(&catalog->timeline->array[segment], index);
}

static int
file_terms(struct pt_code *code, const struct pt_plan *plan)
{
    uint32_t first =
        pt_timeline_append(catalog->timeline, PT_SEGMENT_TERM, plan->terms);

    if (first == 0) {
        return PT_ERR_NOMEM;
    }
    memcpy(item(PT_SEGMENT_TERM, first), plan->term,
           plan->terms * sizeof(*plan->term));
    code->term = first;
    code->terms = plan->terms;
    return PT_OK;
}

/* Was this record made for a plan just like `plan`? */
static int
holds_plan(const struct pt_code *code, const struct pt_plan *plan)
{
    return code->counters == plan->counters && code->terms == plan->terms &&
           memcmp(item(PT_SEGMENT_TERM, code->term), plan->term,
                  plan->terms * sizeof(*plan->term)) == 0;
}

uint64_t *
pt_slab_of_plan(const PyCodeObject *object, const struct pt_plan *plan)
{
    struct pt_catalog_span span = {plan->first_line, plan->lines};
    uint32_t source = source_of(object);
    uint32_t id =
        pt_catalog_rewritten(catalog, object, source, &span, PT_CATALOG_KNOWN);
    struct pt_code *code;

    if (id != 0 && pt_catalog_code_at(catalog, id)->counter != 0 &&
        !holds_plan(pt_catalog_code_at(catalog, id), plan)) {
        // Another code object of that name, line and length.
        id = pt_catalog_rewritten(catalog, object, source, &span,
                                  PT_CATALOG_NEW);
    }
    if (id == 0) {
        return NULL;
    }
    code = pt_catalog_code_at(catalog, id);
    if (code->counter == 0) {
        uint32_t counter =
            pt_timeline_append(catalog->timeline, PT_SEGMENT_COUNTER,
                               plan->counters != 0 ? plan->counters : 1);

        if (counter == 0 || file_terms(code, plan) != PT_OK) {
            return NULL;
        }
        code->counters = plan->counters;
        code->counter = counter;
    }
    return item(PT_SEGMENT_COUNTER, code->counter);
}
