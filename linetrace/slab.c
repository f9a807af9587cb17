/* SPDX-License-Identifier: MIT */
/* slab.c - filing plans.
 *
 * A line that has code but no term of its own (no line event can ever fire
 * there, or its count is always nought) gets a term of weight 0, so that a
 * report knows it has code.
 */
#include "linetrace/slab.h"

#include <string.h>

#include "core/base/rawmem.h"
#include "core/py/codeinfo.h"

static struct pt_catalog *catalog;

void
pt_slab_start(struct pt_catalog *over)
{
    catalog = over;
}

static void *
item(enum pt_segment segment, uint32_t index)
{
    return pt_array_at(&catalog->timeline->array[segment], index);
}

/* Mark in `has_term` (one byte a line) the lines of `code` with terms, then
 * count those with code but without. */
static uint32_t
count_bare_lines(const PyCodeObject *object, const struct pt_code *code,
                 const struct pt_plan *plan, char *has_term)
{
    struct pt_code_lines walk;
    uint32_t bare = 0;

    for (uint32_t i = 0; i < plan->terms; i++) {
        uint32_t at = plan->term[i].line - code->first_line;

        if (at < code->lines) {
            has_term[at] = 1;
        }
    }
    pt_code_lines_start(&walk, object);
    while (pt_code_lines_next(&walk)) {
        if (walk.line > 0 &&
            !has_term[(uint32_t)walk.line - code->first_line]) {
            has_term[(uint32_t)walk.line - code->first_line] = 2;
            bare++;
        }
    }
    return bare;
}

static int
file_terms(const PyCodeObject *object, struct pt_code *code,
           const struct pt_plan *plan)
{
    char *has_term = pt_rawmem_array(code->lines + 1, 1);
    uint32_t bare, first;
    struct pt_term *term;

    if (has_term == NULL) {
        return PT_ERR_NOMEM;
    }
    bare = count_bare_lines(object, code, plan, has_term);
    first = pt_timeline_append(catalog->timeline, PT_SEGMENT_TERM,
                               plan->terms + bare);
    if (first != 0) {
        term = item(PT_SEGMENT_TERM, first);
        memcpy(term, plan->term, plan->terms * sizeof(*term));
        term += plan->terms;
        for (uint32_t i = 0; i < code->lines; i++) {
            if (has_term[i] == 2) {
                *term++ = (struct pt_term){code->first_line + i, 0, 0};
            }
        }
        code->term = first;
        code->terms = plan->terms + bare;
    }
    pt_rawmem_free(has_term);
    return first != 0 ? PT_OK : PT_ERR_NOMEM;
}

/* Was this record made for a plan just like `plan`? */
static int
holds_plan(const struct pt_code *code, const struct pt_plan *plan)
{
    return code->counters == plan->counters && code->terms >= plan->terms &&
           memcmp(item(PT_SEGMENT_TERM, code->term), plan->term,
                  plan->terms * sizeof(*plan->term)) == 0;
}

uint64_t *
pt_slab_of_plan(const PyCodeObject *object, const struct pt_plan *plan)
{
    uint32_t id = pt_catalog_rewritten(catalog, object, PT_CATALOG_KNOWN);
    struct pt_code *code;

    if (id != 0 && pt_catalog_code_at(catalog, id)->counter != 0 &&
        !holds_plan(pt_catalog_code_at(catalog, id), plan)) {
        // Another code object of that name, line and length.
        id = pt_catalog_rewritten(catalog, object, PT_CATALOG_NEW);
    }
    if (id == 0) {
        return NULL;
    }
    code = pt_catalog_code_at(catalog, id);
    if (code->counter == 0) {
        uint32_t counter =
            pt_timeline_append(catalog->timeline, PT_SEGMENT_COUNTER,
                               plan->counters != 0 ? plan->counters : 1);

        if (counter == 0 || file_terms(object, code, plan) != PT_OK) {
            return NULL;
        }
        code->counters = plan->counters;
        code->counter = counter;
    }
    return item(PT_SEGMENT_COUNTER, code->counter);
}
