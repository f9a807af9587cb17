/* SPDX-License-Identifier: MIT */
/* report.h - everything that is printed of a recording.
 *
 * The listings come first, as files, so that a reader of our stdout who goes
 * away cannot keep them from being written; then the text for stdout, at once.
 * What went wrong with one output is said on stderr, and the others are made.
 */
#ifndef PT_CLI_REPORT_PRINT_REPORT_H
#define PT_CLI_REPORT_PRINT_REPORT_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/figures/arctable.h"
#include "cli/report/figures/countsums.h"
#include "cli/report/figures/ledger.h"
#include "cli/report/print/summary.h"
#include "cli/report/source/naming.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"
#include "core/timeline/reader.h"

#define PT_MEM_TOP_DEFAULT 10u
#define PT_TIMES_TOP_DEFAULT 10u

/* The formats of --callgraph. */
enum pt_callgraph {
    PT_CALLGRAPH_DOT,
    PT_CALLGRAPH_JSON,
    PT_CALLGRAPH_TEXT,
    PT_CALLGRAPH_NONE,  // "calling relationships", as trace prints them
};

/* What the user asked to see. */
struct pt_report_options {
    const char *coverdir;  // NULL: each listing beside its source
    int with_missing;
    int with_summary;
    int without_listings;         // nor functions, calls and a summary
    int with_functions;           // those called, in place of listings,
    int with_calls;               // and how often
    enum pt_callgraph callgraph;  // how who called whom is shown
    enum pt_summary_format summary_format;
    uint32_t fail_under;  // percent of lines
    uint64_t fail_peak;   // bytes; of all limits 0 is none
    uint64_t fail_live;
    int fail_leak;
    uint32_t times_top;  // lines in the table of times
    struct pt_ledger_options mem;
    uint32_t mem_top;   // entries of a memory table
    int with_peak;      // a table of what was held at the peak,
    int with_churn;     // one of what was allocated and freed,
    int with_lifetime;  // and how long that lived,
    int with_source;    // source lines in all of them
    int is_then;        // the figures are not those of the end
    int only_peak;      // nothing but the memory at the peak
    int per_process;    // tables with a column for each process
    int has_at;         // of the account, what it was at a time, too:
    uint64_t at_ns;     // since the start of the run
};

/* What the output formats work on and with. */
struct pt_report {
    const struct pt_report_options *options;
    const struct pt_reader *reader;
    const struct pt_header *header;
    struct pt_aggregate sum;
    struct pt_arctable arcs;
    struct pt_naming naming;
    uint32_t python_version;  // PY_VERSION_HEX of who ran the program
    struct pt_buf out;        // for stdout
    enum pt_escape escape;
    int has_failed;  // some output could not be made; it was said why
    int is_under;    // coverage is, and it was said
};

/* Print it all. PT_OK, or the code of what failed, of which the user has been
 * told; a status (gates.h) when all that failed is a limit that was set. */
PT_MUST_CHECK int pt_report_print(const struct pt_reader *reader,
                                  const struct pt_report_options *options);

/* Listings and summary of sums of several runs, the last of which `reader`
 * has; NULL: none, and `directory` is where they are asked for. The same. */
PT_MUST_CHECK int
pt_report_print_sums(const struct pt_countsums *sums,
                     const struct pt_reader *reader, const char *directory,
                     const struct pt_report_options *options);

#endif
