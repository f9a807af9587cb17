/* SPDX-License-Identifier: MIT */
/* coverage.h - which lines ran, file by file, as coverage tools ask for it.
 *
 * The files are those that have listings, and a line counts as missing where
 * a listing would mark it: docstrings and lines excused by a comment do not.
 * With arcs, lines that decide have the ways that went out of them.
 */
#ifndef PT_CLI_REPORT_FIGURES_COVERAGE_H
#define PT_CLI_REPORT_FIGURES_COVERAGE_H

#include <stdint.h>

#include "cli/report/figures/arctable.h"
#include "cli/report/figures/dossier.h"
#include "cli/report/figures/ways.h"
#include "cli/report/source/patterns.h"

struct pt_covered_line {
    uint32_t line;
    uint64_t hits;
    struct pt_ways ways;  // none where arcs were not recorded, or excused
};

/* How much of something there is ran. */
struct pt_covered_part {
    uint64_t all;
    uint64_t hit;
};

struct pt_covered {
    uint32_t file;          // of the aggregate
    const char *shown;      // without the directory of the run; borrowed
    struct pt_buf located;  // where it lies
    struct pt_covered_line *line;  // rising
    uint32_t lines;
    uint32_t hit;                 // how many of them ran
    struct pt_covered_part ways;  // out of lines that decide
};

struct pt_coverage {
    struct pt_dossier *dossier;
    struct pt_covered *covered;  // by what is shown
    uint32_t files;
    uint64_t lines;
    uint64_t hit;
    struct pt_covered_part ways;
    struct pt_arctable arcs;
};

/* Collect from a dossier, which must outlive the coverage, the files that fit.
 * PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_coverage_init(struct pt_coverage *coverage,
                                   struct pt_dossier *dossier,
                                   const struct pt_filter *filter);

/* The next function of a file behind `after`, or the first if that is NULL:
 * only those that were counted and have lines that are not excused; modules
 * are none. NULL behind the last. */
const struct pt_function *
pt_coverage_function(const struct pt_coverage *coverage,
                     const struct pt_covered *covered,
                     const struct pt_function *after);

/* Give it all back. Harmless on released ones. */
void pt_coverage_release(struct pt_coverage *coverage);

#endif
