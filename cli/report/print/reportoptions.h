/* SPDX-License-Identifier: MIT */
/* reportoptions.h - what the user asked to see of a recording. */
#ifndef PT_CLI_REPORT_PRINT_REPORTOPTIONS_H
#define PT_CLI_REPORT_PRINT_REPORTOPTIONS_H

#include <stdint.h>

#include "cli/report/figures/ledger.h"
#include "cli/report/print/summary.h"

#define PT_MEM_TOP_DEFAULT 10u
#define PT_TIMES_TOP_DEFAULT 10u

/* The formats of --callgraph. */
enum pt_callgraph {
    PT_CALLGRAPH_DOT,
    PT_CALLGRAPH_JSON,
    PT_CALLGRAPH_TEXT,
    PT_CALLGRAPH_NONE,  // "calling relationships", as trace prints them
};

/* What the user asked to see. Strings are borrowed from the command line. */
struct pt_report_options {
    // Listings, and what may stand in their place.
    const char *coverdir;  // NULL: each listing beside its source
    int with_missing;      // lines that never ran are marked
    int with_summary;      // lines and coverage of each module
    int without_listings;  // nor functions, calls or a summary
    int with_functions;    // functions called, in place of listings
    int with_calls;        // how often each was called
    enum pt_callgraph callgraph;
    enum pt_summary_format summary_format;
    uint32_t times_top;  // lines in the table of times

    // Limits; 0 is none.
    uint32_t fail_under;  // percent of lines
    uint64_t fail_peak;   // bytes
    uint64_t fail_live;   // bytes
    int fail_leak;        // no line may leak

    // Memory.
    struct pt_ledger_options mem;
    uint32_t mem_top;   // entries of a table
    int with_peak;      // a table of what was held at the peak
    int with_churn;     // one of what was allocated and freed
    int with_lifetime;  // and how long that lived
    int with_source;    // source lines in all of them
    int only_peak;      // nothing but the memory at the peak
    int per_process;    // tables with a column for each process

    // When the figures are from.
    int is_then;     // a snapshot's or a moment's, not the end's
    int has_at;      // at_ns is set
    uint64_t at_ns;  // a moment, since the start of the run
};

#endif
