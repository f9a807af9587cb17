/* SPDX-License-Identifier: MIT */
/* ledger.h - the memory of a run, charged to lines, files, functions or
 * tracebacks.
 *
 * What an entry stands for is a row of frames, the outermost first: the
 * entry's own, then that of entry[next], and so on to an entry whose `next`
 * is 0. Only tracebacks have more than one. Entry 0 is none. Stacks go the
 * other way, from the innermost frame outward, so that they share the frames
 * they have in common; there are as many entries as there are ways to call.
 *
 * With `is_cumulative` an entry is charged with whatever was allocated in it
 * or below it; a place that occurs several times in one stack (recursion, two
 * lines of a file) is charged once, so no entry ever exceeds the total.
 */
#ifndef PT_CLI_REPORT_FIGURES_LEDGER_H
#define PT_CLI_REPORT_FIGURES_LEDGER_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/source/patterns.h"
#include "core/base/error.h"
#include "core/base/idmap.h"

/* In the order of --mem-group, which stacks are none of. */
enum pt_ledger_group {
    PT_LEDGER_LINENO,
    PT_LEDGER_FILENAME,
    PT_LEDGER_FUNCTION,
    PT_LEDGER_TRACEBACK,
    PT_LEDGER_STACK,  // whole, of every frame there is
};

enum pt_ledger_sum {
    PT_LEDGER_KEPT,       // at the end, by all processes
    PT_LEDGER_PEAK,       // at the highest peak of a process, by that one
    PT_LEDGER_ALLOCATED,  // over the run, by all processes
    PT_LEDGER_TEMPORARY,  // of them, ended before their thread's next one
    PT_LEDGER_SUMS,
};

struct pt_nativesites;

struct pt_ledger_options {
    enum pt_ledger_group group;
    int is_cumulative;
    uint32_t frames;          // how many of a stack count, from the inner
                              // end; 0: PT_LEDGER_FRAMES, cumulative all
    struct pt_filter filter;  // of files
    // In place of Python's memory, that of libraries; the sites it is from go
    // there. NULL: Python's.
    struct pt_nativesites *native;
};

#define PT_LEDGER_FRAMES 25u

/* How long blocks lived: those that lived at the end, until the end, in every
 * process that had them, since it was forked. */
struct pt_lived {
    uint64_t blocks;  // 0: not known
    uint64_t ns;      // all of them together
};

struct pt_entry {
    uint32_t next;
    uint32_t file;     // in the aggregate
    uint32_t line;     // 0 for all of the file; of a function its first
    uint32_t name;     // of a function
    uint32_t charged;  // number of the pair charged last
    struct pt_amount sum[PT_LEDGER_SUMS];
    struct pt_lived lived;
};

/* A qualified name; its bytes are borrowed of the reader. */
struct pt_name {
    const char *text;
    size_t bytes;
};

struct pt_ledger {
    const struct pt_aggregate *aggregate;
    struct pt_entry *entry;
    uint32_t entries;  // entry 0 included
    uint32_t entry_room;
    struct pt_name *name;
    uint32_t names;  // name 0 included
    uint32_t name_room;
    struct pt_idmap entry_map;
    struct pt_idmap name_map;
};

/* Charge the memory of a recording that was added up to `aggregate`; both must
 * outlive the ledger. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_ledger_init(struct pt_ledger *ledger,
                                 const struct pt_reader *reader,
                                 const struct pt_aggregate *aggregate,
                                 const struct pt_ledger_options *options);

/* Give it all back. Harmless on a released one. */
void pt_ledger_release(struct pt_ledger *ledger);

#endif
