/* SPDX-License-Identifier: MIT */
/* slab.c - filing plans. */
#include "linetrace/slab.h"

#include <stdatomic.h>
#include <stdbool.h>
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

// Behind those it has; a reader sees either the old ones or all.
static int
add_terms(struct pt_code *code, const struct pt_plan *plan)
{
    uint32_t terms = code->terms + plan->terms;
    uint32_t first =
        pt_timeline_append(catalog->timeline, PT_SEGMENT_TERM, terms);
    struct pt_term *term;

    if (first == 0) {
        return PT_ERR_NOMEM;
    }
    term = item(PT_SEGMENT_TERM, first);
    if (code->terms != 0) {
        memcpy(term, item(PT_SEGMENT_TERM, code->term),
               code->terms * sizeof(*term));
    }
    memcpy(term + code->terms, plan->term, plan->terms * sizeof(*term));
    code->term = first;
    atomic_thread_fence(memory_order_release);
    code->terms = terms;
    return PT_OK;
}

/* Was this record made for a plan just like `plan`? Its late terms may have
 * been added since. */
static int
holds_plan(const struct pt_code *code, const struct pt_plan *plan)
{
    const struct pt_term *term = item(PT_SEGMENT_TERM, code->term);

    return code->counters == plan->counters && code->terms >= plan->terms &&
           memcmp(term, plan->term, plan->terms * sizeof(*term)) == 0 &&
           (code->terms == plan->terms ||
            term[plan->terms].counter >= plan->counters - plan->late);
}

// They come all at once, so the last term tells. One of no weight says only
// that a line has code, and names a counter that may not be.
static bool
has_late_terms(const struct pt_code *code, const struct pt_plan *plan)
{
    const struct pt_term *last;

    if (code->terms == 0) {
        return false;
    }
    last = item(PT_SEGMENT_TERM, code->term + code->terms - 1);
    return last->weight != 0 && last->counter >= plan->counters - plan->late;
}

uint64_t *
pt_slab_of_plan(const PyCodeObject *object, const struct pt_plan *plan,
                uint32_t *record)
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

        if (counter == 0 || add_terms(code, plan) != PT_OK) {
            return NULL;
        }
        code->counters = plan->counters;
        code->counter = counter;
    }
    *record = id;
    return item(PT_SEGMENT_COUNTER, code->counter);
}

void
pt_slab_add_late(uint32_t record, const struct pt_plan *plan)
{
    struct pt_code *code;

    if (plan == NULL) {
        pt_timeline_trouble(catalog->timeline, PT_TROUBLE_MEMORY);
        return;
    }
    code = pt_catalog_code_at(catalog, record);
    if (!has_late_terms(code, plan)) {
        // On failure the timeline has noted it.
        (void)add_terms(code, plan);
    }
}
