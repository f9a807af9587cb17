/* SPDX-License-Identifier: MIT */
/* out_mem.c - the text that --mem prints after the program's own. */
#include "cli/report/out_mem.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/joined.h"
#include "cli/report/outcome.h"
#include "cli/report/size_text.h"
#include "cli/report/top.h"

static uint64_t
peak_of(const struct pt_share *share)
{
    uint64_t peak = atomic_load(&share->record->peak_bytes);

    return peak > share->memory.live_bytes ? peak : share->memory.live_bytes;
}

static void
add_total(struct pt_buf *out, const char *label, uint64_t bytes,
          uint64_t blocks)
{
    pt_buf_add_format(
        out, "%-20s%s in %s %s\n", label, pt_size_text((double)bytes).text,
        pt_count_text(blocks).text, blocks == 1 ? "block" : "blocks");
}

static void
add_peak(struct pt_report *report)
{
    const struct pt_aggregate *sum = &report->sum;
    const struct pt_share *highest = &sum->share[0];

    for (uint32_t i = 1; i < sum->shares; i++) {
        if (peak_of(&sum->share[i]) > peak_of(highest)) {
            highest = &sum->share[i];
        }
    }
    pt_buf_add_format(&report->out, "%-20s%s", "at its peak",
                      pt_size_text((double)peak_of(highest)).text);
    if (sum->shares > 1) {
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
                                          : process->tool_mapped_bytes;
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

        pt_buf_add_format(out, "%10" PRIu32 "  %10s  %10s  %10s  ",
                          process->pid,
                          pt_size_text((double)share->memory.live_bytes).text,
                          pt_size_text((double)process->inherited_bytes).text,
                          pt_size_text((double)peak_of(share)).text);
        if (process->number == 0) {
            pt_buf_add_text(out, "the program, which ");
            pt_outcome_add_end(out, report->header);
        }
        else {
            pt_buf_add_text(out, "forked; ");
            pt_outcome_add_fork(out, process);
        }
        pt_buf_add_char(out, '\n');
    }
}

/* str(tracemalloc.Statistic). */
static void
add_statistic(struct pt_report *report, const struct pt_place *place)
{
    const struct pt_memory *memory = &place->memory;
    const char *path = report->sum.file[place->file].path;
    double average = (double)memory->live_bytes / (double)memory->live_blocks;

    pt_escape_add(&report->out, path, strlen(path), report->escape);
    pt_buf_add_format(
        &report->out, ":%" PRIu32 ": size=%s, count=%" PRIu64 ", average=%s\n",
        place->line, pt_size_text((double)memory->live_bytes).text,
        memory->live_blocks, pt_size_text(average).text);
}

static void
add_rest(struct pt_report *report, const struct pt_top *top, uint32_t shown)
{
    uint64_t bytes = 0;

    for (uint32_t i = shown; i < top->places; i++) {
        bytes += top->place[i]->memory.live_bytes;
    }
    if (shown < top->places) {
        pt_buf_add_format(&report->out, "%s more %s: size=%s\n",
                          pt_count_text(top->places - shown).text,
                          top->places - shown == 1 ? "line" : "lines",
                          pt_size_text((double)bytes).text);
    }
}

/* tracemalloc's top lines, then the same lines joined with their hits. */
static void
add_top(struct pt_report *report)
{
    struct pt_top top;
    uint32_t shown = report->options->mem_top;

    if (pt_top_init(&top, &report->sum) != PT_OK) {
        report->out.failed = 1;
        return;
    }
    shown = shown == PT_MEM_TOP_UNSET ? PT_MEM_TOP_DEFAULT : shown;
    shown = shown < top.places ? shown : top.places;
    if (shown != 0) {
        pt_buf_add_format(&report->out, "\ntop %s by memory kept\n",
                          shown == 1 ? "line" : "lines");
        for (uint32_t i = 0; i < shown; i++) {
            add_statistic(report, top.place[i]);
        }
        add_rest(report, &top, shown);
        if (report->header->wanted & PT_WANT_COUNT) {
            pt_joined_add(report, top.place, shown);
        }
    }
    pt_top_release(&top);
}

void
pt_out_mem(struct pt_report *report)
{
    const struct pt_memory *memory = &report->sum.memory;

    if (report->sum.shares == 0) {
        return;
    }
    pt_buf_add_char(&report->out, '\n');
    add_total(&report->out, "memory at the end", memory->live_bytes,
              memory->live_blocks);
    add_peak(report);
    add_total(&report->out, "allocated in all", memory->allocated_bytes,
              memory->allocated_blocks);
    add_own(report);
    add_processes(report);
    add_top(report);
}
