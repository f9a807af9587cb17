/* SPDX-License-Identifier: MIT */
/* comparison.h - what changed from one recording to another.
 *
 * Line numbers do not tell whether a line of one run is a line of another: an
 * edit moves all that is below it. So lines meet in three steps:
 *
 *   1. by file, called by its path without the directory of the run;
 *   2. by function: the qualified name, and among functions of one name in a
 *      file their order;
 *   3. within the function by the text of the lines without the blanks around
 *      it (the longest common subsequence), where both files are there as the
 *      programs read them; else by the order of the lines with code; else,
 *      where only memory was recorded, by the distance from the first line.
 *
 * Blank lines and comments have no code: what only adds or moves them changes
 * nothing. A dump of tracemalloc knows no functions and no sources: with one
 * on either side lines are the same by path and number.
 */
#ifndef PT_CLI_REPORT_FIGURES_COMPARISON_H
#define PT_CLI_REPORT_FIGURES_COMPARISON_H

#include <stdint.h>

#include "cli/report/figures/dossier.h"
#include "cli/report/source/patterns.h"

/* In the order of --group. */
enum pt_comparison_group {
    PT_COMPARE_LINES,
    PT_COMPARE_FUNCTIONS,
    PT_COMPARE_FILES,
    PT_COMPARE_TRACEBACKS,  // see tracediff.h
};

struct pt_comparison_options {
    enum pt_comparison_group group;
    struct pt_filter filter;
    // With lines: for each place of the first, 1 and the place of the second
    // that is the same line, or 0. Zeroed by whoever owns it; or NULL.
    uint32_t *same_line;
};

/* What one recording knows of a line, function or file. */
struct pt_side {
    uint32_t file;  // in its aggregate
    uint32_t line;  // 0: it does not know it, or it is a file
    uint64_t hits;
    uint64_t time_ns;  // of the lines themselves
    struct pt_memory memory;
    struct pt_memory native;  // of libraries
};

struct pt_change {
    struct pt_side before;
    struct pt_side after;
    const char *path;  // borrowed of one of the dossiers
    const struct pt_function *function;
};

struct pt_comparison {
    struct pt_dossier *before;
    struct pt_dossier *after;
    int by_number;    // a side knows nothing but paths and numbers of lines
    int with_hits;    // both recordings have line counts,
    int with_times;   // both have times of lines,
    int with_memory;  // both have memory,
    int with_native;  // and that of libraries
    struct pt_change *change;
    uint32_t changes;
    uint32_t room;
    uint32_t *same_line;  // of the options
    // Over all that is compared:
    struct pt_side total_before;
    struct pt_side total_after;
};

/* Compare; both dossiers must outlive the comparison. PT_ERR_NOMEM leaves
 * nothing to release. */
PT_MUST_CHECK int
pt_comparison_init(struct pt_comparison *comparison, struct pt_dossier *before,
                   struct pt_dossier *after,
                   const struct pt_comparison_options *options);

/* Give the changes back. Harmless on released ones. */
void pt_comparison_release(struct pt_comparison *comparison);

#endif
