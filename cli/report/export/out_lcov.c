/* SPDX-License-Identifier: MIT */
/* out_lcov.c - LCOV's tracefile, as geninfo writes it, with true hits. */
#include <inttypes.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/coverage.h"

/* Functions go by their names alone there, so later ones of a name get their
 * line as well. */
static void
add_name(struct pt_buf *out, const struct pt_function *function)
{
    pt_buf_add(out, function->name, function->name_bytes);
    if (function->nth != 0) {
        pt_buf_add_format(out, ":%u", function->defined_line);
    }
    pt_buf_add_char(out, '\n');
}

static void
add_functions(const struct pt_coverage *coverage,
              const struct pt_covered *covered, struct pt_buf *out)
{
    const struct pt_function *at = NULL;
    uint32_t found = 0, called = 0;

    while ((at = pt_coverage_function(coverage, covered, at)) != NULL) {
        pt_buf_add_format(out, "FN:%u,", at->defined_line);
        add_name(out, at);
        found++;
        called += at->calls != 0;
    }
    while ((at = pt_coverage_function(coverage, covered, at)) != NULL) {
        pt_buf_add_format(out, "FNDA:%" PRIu64 ",", at->calls);
        add_name(out, at);
    }
    pt_buf_add_format(out, "FNF:%u\nFNH:%u\n", found, called);
}

/* The ways out of a line that decides; '-' where the line never ran. */
static void
add_branches(struct pt_buf *out, const struct pt_covered *covered)
{
    for (uint32_t i = 0; i < covered->lines; i++) {
        const struct pt_covered_line *line = &covered->line[i];
        const struct pt_arc_sum *way = NULL;

        for (uint32_t nth = 0; (way = pt_ways_next(&line->ways, way)) != NULL;
             nth++) {
            pt_buf_add_format(out, "BRDA:%u,0,%u,", line->line, nth);
            if (line->hits != 0) {
                pt_buf_add_format(out, "%" PRIu64 "\n", way->count);
            }
            else {
                pt_buf_add_text(out, "-\n");
            }
        }
    }
    pt_buf_add_format(out, "BRF:%" PRIu64 "\nBRH:%" PRIu64 "\n",
                      covered->ways.all, covered->ways.hit);
}

int
pt_out_lcov(struct pt_export *request)
{
    struct pt_buf *out = request->out;
    struct pt_coverage coverage;
    int code = pt_coverage_init(&coverage, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    for (uint32_t i = 0; i < coverage.files; i++) {
        const struct pt_covered *covered = &coverage.covered[i];

        pt_buf_add_format(out, "TN:\nSF:%s\n", covered->located.data);
        add_functions(&coverage, covered, out);
        if (request->dossier->header->wanted & PT_WANT_ARCS) {
            add_branches(out, covered);
        }
        for (uint32_t j = 0; j < covered->lines; j++) {
            pt_buf_add_format(out, "DA:%u,%" PRIu64 "\n",
                              covered->line[j].line, covered->line[j].hits);
        }
        pt_buf_add_format(out, "LF:%u\nLH:%u\nend_of_record\n", covered->lines,
                          covered->hit);
    }
    pt_coverage_release(&coverage);
    return PT_OK;
}
