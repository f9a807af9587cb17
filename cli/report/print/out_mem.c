/* SPDX-License-Identifier: MIT */
/* out_mem.c - the text that --mem prints after the program's own. */
#include "cli/report/print/out_mem.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/figures/nativesum.h"
#include "cli/report/print/memtable.h"
#include "cli/report/print/outcome.h"
#include "cli/report/print/rssaccount.h"
#include "cli/report/text/size_text.h"

/* "about " in front of an estimate, for which no error is known. */
static const char *
about(const struct pt_report *report)
{
    return (report->header->wanted & PT_WANT_SAMPLE) != 0 ? "about " : "";
}

static void
add_total(struct pt_report *report, const char *label,
          const struct pt_amount *amount)
{
    pt_buf_add_format(&report->out, "%-20s%s in %s%s %s\n", label,
                      pt_amount_text(amount).text, about(report),
                      pt_count_text(amount->blocks).text,
                      amount->blocks == 1 ? "block" : "blocks");
}

static void
add_peak(struct pt_report *report)
{
    const struct pt_share *highest = pt_aggregate_highest(&report->sum);
    double bytes = (double)pt_aggregate_peak_bytes(highest);

    pt_buf_add_format(&report->out, "%-20s%s%s", "at its peak", about(report),
                      pt_size_text(bytes).text);
    if (report->sum.shares > 1) {
        pt_buf_add_format(&report->out, " in process %" PRIu32,
                          highest->record->pid);
    }
    pt_buf_add_char(&report->out, '\n');
}

/* Memory of the tool itself. A process that was cut short may not have told
 * how much is resident, or nothing at all. */
static void
add_own(struct pt_report *report)
{
    const struct pt_aggregate *sum = &report->sum;
    const char *limit = "";
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < sum->shares; i++) {
        const struct pt_process *process = sum->share[i].record;

        bytes += process->tool_bytes != 0 ? process->tool_bytes
                                          : process->tool_mapped_bytes +
                                                process->native_mapped_bytes;
        if (process->tool_bytes == 0 && process->tool_mapped_bytes == 0) {
            limit = "at least ";
        }
        else if (process->tool_bytes == 0 && limit[0] == '\0') {
            limit = "at most ";
        }
    }
    if (bytes == 0) {
        pt_buf_add_format(&report->out, "%-20snot known, not counted above\n",
                          "pytrace's own");
        return;
    }
    pt_buf_add_format(&report->out, "%-20s%s%s, not counted above\n",
                      "pytrace's own", limit,
                      pt_size_text((double)bytes).text);
}

/* A line for each process, when there are several. */
static void
add_processes(struct pt_report *report)
{
    const struct pt_aggregate *sum = &report->sum;
    struct pt_buf *out = &report->out;

    if (sum->shares < 2) {
        return;
    }
    pt_buf_add_format(out, "\n%10s  %10s  %10s  %10s\n", "process", "kept",
                      "inherited", "peak");
    for (uint32_t i = 0; i < sum->shares; i++) {
        const struct pt_share *share = &sum->share[i];
        const struct pt_process *process = share->record;

        pt_buf_add_format(
            out, "%10" PRIu32 "  %10s  %10s  %10s  ", process->pid,
            pt_amount_column(&share->memory.live).text,
            pt_size_text((double)process->inherited_bytes).text,
            pt_size_text((double)pt_aggregate_peak_bytes(share)).text);
        pt_outcome_add_process(out, report->reader, process->number,
                               report->escape);
        pt_buf_add_char(out, '\n');
    }
}

/* What libraries took from malloc(). */
static void
add_native(struct pt_report *report)
{
    struct pt_nativesum sum;
    struct pt_memory native;

    if ((report->header->wanted & PT_WANT_NATIVE) == 0) {
        return;
    }
    sum = pt_nativesum_of(report->reader, &report->sum);
    native = pt_nativesum_libraries(&sum);
    add_total(report, "native memory", &native.live);
    add_total(report, "allocated in all", &native.allocated);
}

void
pt_out_mem(struct pt_report *report)
{
    const struct pt_memory *memory = &report->sum.memory;

    if (report->sum.shares == 0) {
        return;
    }
    pt_buf_add_char(&report->out, '\n');
    if (report->options->only_peak) {
        add_peak(report);
        pt_memtable_add_all(report);
        return;
    }
    add_total(report,
              report->options->is_then ? "memory then" : "memory at the end",
              &memory->live);
    add_peak(report);
    add_total(report,
              report->options->is_then ? "allocated by then"
                                       : "allocated in all",
              &memory->allocated);
    add_native(report);
    add_own(report);
    add_processes(report);
    pt_rssaccount_add_all(report);
    pt_memtable_add_all(report);
}
