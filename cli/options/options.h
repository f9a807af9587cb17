/* SPDX-License-Identifier: MIT */
/* options.h - the options of the command line, in one table.
 *
 * Every option of `python -m trace` keeps its letter and its meaning. A new
 * option is one row of the table, one field below, and its words in help.c.
 * Options end at the first word that is none, or behind "--".
 */
#ifndef PT_CLI_OPTIONS_OPTIONS_H
#define PT_CLI_OPTIONS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/options/grammar.h"
#include "cli/report/print/reportoptions.h"
#include "cli/report/source/patterns.h"
#include "core/base/error.h"

// Of the seconds of --timing, as trace prints them; more than a clock has.
#define PT_TIMING_DIGITS 2u
#define PT_TIMING_DIGITS_MAX 9u

/* The commands that know an option. */
enum pt_scope {
    PT_SCOPE_RUN = 1u << 0,
    PT_SCOPE_REPORT = 1u << 1,
    PT_SCOPE_TRACE = 1u << 2,  // besides: trace has it, cut short as here
};

/* In the order of --mem. */
enum pt_mem_tier {
    PT_MEM_OFF,
    PT_MEM_EXACT,
    PT_MEM_SAMPLE,
};

struct pt_options {
    struct pt_report_options report;
    int with_count;
    int with_branches;
    int with_hits;
    int with_times;
    int with_tree;
    int with_arguments;
    int with_results;
    int with_exceptions;
    enum pt_mem_tier mem;
    const char *snapshot;
    const char *at;   // a moment: core/timeline/rewind.h
    int snapshot_on;  // see pt_shutter_signal()
    int with_all;
    int native;  // enum pt_nativetier_mode
    int with_native_stacks;
    const char *native_profile;
    int is_module;
    int with_lines;
    int with_callers;
    int with_timing;
    uint32_t timing_digits;
    int with_thread_names;
    int with_color;
    int from_counts;
    int without_listings;
    const char *counts;
    int is_help;
    int is_help_all;
    int is_version;
    const char *cmd;
    const char *python;
    const char *engine;
    const char *output;
    const char *timeline;
    const char *ring;
    const char *last;
    const char *moments[2];  // --between
    int is_peak;
    struct pt_patterns include;
    struct pt_patterns omit;
    struct pt_patterns ignore_module;
    struct pt_patterns ignore_dir;
    struct pt_given given;
};

/* The table; it ends with a row whose name is NULL. */
const struct pt_option *pt_options_table(void);

/* No option given yet. */
void pt_options_init(struct pt_options *options);

/* Read the options that start at argv[*at]; *at moves to the first word behind
 * them. Texts are borrowed of argv. PT_ERR_USAGE says what is wrong, and what
 * may have been meant. */
PT_MUST_CHECK int pt_options_parse(struct pt_options *options,
                                   enum pt_scope scope, int argc, char **argv,
                                   int *at, struct pt_err *err);

/* PT_ERR_USAGE when options about reports do not fit each other. */
PT_MUST_CHECK int pt_options_check_report(const struct pt_options *options,
                                          struct pt_err *err);

/* The same for all options of a run, in trace's words; `program` is what is to
 * be run, or NULL. */
PT_MUST_CHECK int pt_options_check_run(const struct pt_options *options,
                                       const char *program,
                                       struct pt_err *err);

#endif
