/* SPDX-License-Identifier: MIT */
/* out_info.c - a recording in words and as JSON. */
#include "cli/report/print/out_info.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/report/print/outcome.h"
#include "cli/report/print/rssaccount.h"
#include "cli/report/text/json.h"
#include "cli/report/text/losses.h"
#include "cli/report/text/segment_name.h"
#include "cli/report/text/size_text.h"
#include "core/timeline/instants.h"
#include "core/timeline/packets.h"
#include "core/timeline/samples.h"

struct holding {
    uint64_t bytes;
    uint64_t items;
    uint32_t extents;
};

static void
add_time(struct pt_buf *out, uint64_t unix_ns)
{
    time_t seconds = (time_t)(unix_ns / 1000000000u);
    struct tm broken;
    char text[32] = "";

    if (gmtime_r(&seconds, &broken) != NULL) {
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &broken);
    }
    pt_buf_add_text(out, text);
}

/* The words of the command as a shell takes them. */
static void
add_command(struct pt_buf *out, const struct pt_header *header)
{
    const char *word = header->command;

    for (; *word != '\0'; word += strlen(word) + 1) {
        int is_plain =
            word[strcspn(word, " \t\n'\"\\$&;|<>()*?[]#~`!{}")] == 0;

        if (word != header->command) {
            pt_buf_add_char(out, ' ');
        }
        pt_buf_add_text(out, is_plain ? "" : "'");
        for (const char *at = word; *at != '\0'; at++) {
            if (*at == '\'') {
                pt_buf_add_text(out, "'\\''");
            }
            else {
                pt_buf_add_char(out, *at);
            }
        }
        pt_buf_add_text(out, is_plain ? "" : "'");
    }
}

static void
add_wanted(struct pt_buf *out, uint32_t wanted)
{
    const char *separator = "";

    if (wanted & PT_WANT_COUNT) {
        pt_buf_add_text(out, wanted & PT_WANT_FUNCS  ? "functions called"
                             : wanted & PT_WANT_HITS ? "lines hit or not"
                                                     : "line counts");
        separator = ", ";
    }
    if (wanted & PT_WANT_MEM) {
        pt_buf_add_format(out, "%smemory", separator);
    }
    if (wanted & PT_WANT_ALL) {
        pt_buf_add_text(out, ", libraries too");
    }
}

/* "3.12.1" of PY_VERSION_HEX. */
static void
add_python(struct pt_buf *out, uint32_t version)
{
    pt_buf_add_format(out, "%u.%u.%u", version >> 24, version >> 16 & 255,
                      version >> 8 & 255);
}

static double
seconds_between(uint64_t start_ns, uint64_t end_ns)
{
    return end_ns > start_ns ? (double)(end_ns - start_ns) / 1e9 : 0;
}

static uint64_t
count_packets(const struct pt_reader *reader, uint32_t process)
{
    const struct pt_packet *head;
    struct pt_packets *packets;
    uint64_t count = 0;

    if (pt_packets_open(&packets, reader, process) != PT_OK) {
        return 0;
    }
    while (pt_packets_next(packets, &head) > 0) {
        count++;
    }
    pt_packets_close(packets);
    return count;
}

static uint64_t
count_samples(const struct pt_reader *reader, uint32_t process)
{
    struct pt_samples samples;
    uint64_t count;

    if (pt_samples_read(&samples, reader, process) != PT_OK) {
        return 0;
    }
    count = samples.count;
    pt_samples_release(&samples);
    return count;
}

static struct holding
holding_of(const struct pt_reader *reader, uint32_t segment)
{
    struct holding holding = {0};

    for (uint32_t i = 0; i < pt_reader_extents(reader); i++) {
        struct pt_reader_extent extent = pt_reader_extent(reader, i);

        if (extent.segment == segment) {
            holding.bytes += extent.bytes;
            holding.extents++;
        }
    }
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        uint32_t items = pt_reader_items(reader, i, segment);

        // Index 0 is no item.
        holding.items +=
            segment == PT_SEGMENT_SEALED   ? count_packets(reader, i)
            : segment == PT_SEGMENT_SAMPLE ? count_samples(reader, i)
            : items != 0                   ? items - 1
                                           : 0;
    }
    // Of the others there is one in each.
    if (segment == PT_SEGMENT_PROCESS || segment == PT_SEGMENT_STREAM ||
        segment == PT_SEGMENT_RUN) {
        holding.items = holding.extents;
    }
    return holding;
}

static void
add_escaped(struct pt_buf *out, const struct pt_info *info, struct pt_buf *raw)
{
    pt_escape_add(out, pt_buf_text(raw), raw->used, info->escape);
    pt_buf_release(raw);
}

static void
add_losses(struct pt_buf *out, const struct pt_process *process)
{
    struct pt_losses losses = {0};
    struct pt_buf text = PT_BUF_INIT;

    pt_losses_take(&losses, process);
    pt_losses_add(&text, &losses);
    if (text.used != 0) {
        pt_buf_add_format(out, "lost          %s\n", pt_buf_text(&text));
    }
    out->failed |= text.failed;
    pt_buf_release(&text);
}

static void
add_processes(const struct pt_reader *reader, const struct pt_info *info,
              struct pt_buf *out)
{
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        const struct pt_process *process = pt_reader_process(reader, i);

        if (process == NULL) {
            continue;
        }
        pt_buf_add_format(out, "process %-4u  pid %u, CPython ", i,
                          process->pid);
        add_python(out, process->python_version);
        if (process->engine[0] != '\0') {
            pt_buf_add_format(out, ", lines by %.*s",
                              (int)sizeof(process->engine), process->engine);
        }
        if (process->mem_tier[0] != '\0') {
            pt_buf_add_format(
                out, ", memory %.*s, peak %s", (int)sizeof(process->mem_tier),
                process->mem_tier,
                pt_size_text((double)atomic_load(&process->peak_bytes)).text);
        }
        pt_buf_add_text(out, ", ");
        if (process->parent != i) {
            pt_buf_add_format(out, "forked by process %u, ", process->parent);
            pt_outcome_add_fork(out, process);
        }
        else if (pt_reader_run(reader, i) != NULL) {
            pt_outcome_add_process(out, reader, i, info->escape);
        }
        else {
            pt_outcome_add_end(out, pt_reader_header(reader));
        }
        pt_buf_add_char(out, '\n');
        add_losses(out, process);
    }
}

static void
add_snapshots(const struct pt_reader *reader, const struct pt_info *info,
              struct pt_buf *out)
{
    struct pt_instants instants;

    if (pt_instants_init(&instants, reader) != PT_OK) {
        out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < instants.count; i++) {
        const struct pt_instant *instant = &instants.instant[i];

        pt_buf_add_format(out, "snapshot #%-3u '", instant->number);
        pt_escape_add(out, instant->label, strlen(instant->label),
                      info->escape);
        pt_buf_add_format(
            out, "' of process %u, at %.3f s, %s\n", instant->process,
            seconds_between(pt_reader_header(reader)->start_ns,
                            instant->head.time_ns),
            pt_size_text((double)pt_instant_live_bytes(instant)).text);
    }
    pt_instants_release(&instants);
}

static void
add_snapshots_json(const struct pt_reader *reader, struct pt_buf *out)
{
    struct pt_instants instants;

    if (pt_instants_init(&instants, reader) != PT_OK) {
        out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < instants.count; i++) {
        const struct pt_instant *instant = &instants.instant[i];

        pt_buf_add_format(out, "%s\n  {\"number\": %u, \"label\": ",
                          i != 0 ? "," : "", instant->number);
        pt_json_add(out, instant->label);
        pt_buf_add_format(out,
                          ", \"process\": %u, \"seconds\": %.6f"
                          ", \"live_bytes\": %" PRIu64 "}",
                          instant->process,
                          seconds_between(pt_reader_header(reader)->start_ns,
                                          instant->head.time_ns),
                          pt_instant_live_bytes(instant));
    }
    pt_instants_release(&instants);
}

void
pt_out_info(const struct pt_reader *reader, const struct pt_info *info,
            struct pt_buf *out)
{
    const struct pt_header *header = pt_reader_header(reader);
    struct pt_buf raw = PT_BUF_INIT;

    pt_buf_add_text(&raw, info->name);
    pt_buf_add_text(out, "recording     ");
    add_escaped(out, info, &raw);
    pt_buf_add_format(out, ", format %u, %s\ncommand       ", header->version,
                      pt_size_text((double)info->file_bytes).text);
    add_command(&raw, header);
    add_escaped(out, info, &raw);
    pt_buf_add_text(out, "\ndirectory     ");
    pt_buf_add_text(&raw, header->directory);
    add_escaped(out, info, &raw);
    pt_buf_add_text(out, "\nrecorded      ");
    add_wanted(out, header->wanted);
    pt_buf_add_text(out, "\nstarted       ");
    add_time(out, header->start_unix_ns);
    if (header->ended) {
        pt_buf_add_format(out, "\ntook          %.3f s",
                          seconds_between(header->start_ns, header->end_ns));
    }
    pt_buf_add_char(out, '\n');
    add_processes(reader, info, out);
    add_snapshots(reader, info, out);
    pt_rssaccount_add_info(reader, out);
    for (uint32_t i = 1; i < PT_SEGMENT_END; i++) {
        struct holding holding = holding_of(reader, i);

        if (holding.extents != 0) {
            pt_buf_add_format(out, "%-12s  %s %s in %u extent%s, %s\n",
                              pt_segment_name(i),
                              pt_count_text(holding.items).text,
                              i == PT_SEGMENT_TEXT ? "bytes" : "items",
                              holding.extents, holding.extents == 1 ? "" : "s",
                              pt_size_text((double)holding.bytes).text);
        }
    }
}

/* The recording that a process of a combined one comes from. */
static void
add_run_json(const struct pt_reader *reader, uint32_t process,
             struct pt_buf *out)
{
    const struct pt_run *run = pt_reader_run(reader, process);
    const char *text;
    size_t bytes;

    if (run == NULL) {
        return;
    }
    text = pt_reader_text(reader, process, run->name, &bytes);
    pt_buf_add_text(out, ", \"run\": {\"recording\": ");
    pt_json_add_bytes(out, text, bytes);
    text = pt_reader_text(reader, process, run->command, &bytes);
    pt_buf_add_text(out, ", \"command\": [");
    for (size_t at = 0; at < bytes; at += strnlen(text + at, bytes - at) + 1) {
        pt_buf_add_text(out, at != 0 ? ", " : "");
        pt_json_add_bytes(out, text + at, strnlen(text + at, bytes - at));
    }
    text = pt_reader_text(reader, process, run->directory, &bytes);
    pt_buf_add_text(out, "], \"directory\": ");
    pt_json_add_bytes(out, text, bytes);
    pt_buf_add_text(out, ", \"started\": \"");
    add_time(out, run->start_unix_ns);
    pt_buf_add_format(out,
                      "\", \"ended\": %s, \"status\": %d, \"signal\": %d}",
                      run->ended ? "true" : "false", (int)run->exit_status,
                      (int)run->exit_signal);
}

static void
add_processes_json(const struct pt_reader *reader, struct pt_buf *out)
{
    const char *separator = "";

    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        const struct pt_process *process = pt_reader_process(reader, i);

        if (process == NULL) {
            continue;
        }
        pt_buf_add_format(out,
                          "%s\n  {\"number\": %u, \"parent\": %u, \"pid\": %u",
                          separator, i, process->parent, process->pid);
        pt_buf_add_text(out, ", \"python\": \"");
        add_python(out, process->python_version);
        pt_buf_add_format(out, "\", \"engine\": \"%.*s\", \"tier\": \"%.*s\"",
                          (int)sizeof(process->engine), process->engine,
                          (int)sizeof(process->mem_tier), process->mem_tier);
        pt_buf_add_format(
            out,
            ", \"finished\": %s, \"traced_bytes\": %" PRIu64
            ", \"peak_bytes\": %" PRIu64 ", \"dropped_blocks\": %" PRIu64
            ", \"dropped_lines\": %" PRIu64 ", \"dropped_events\": %" PRIu64
            ", \"dropped_packets\": %" PRIu64,
            process->state == PT_PROCESS_FINISHED ? "true" : "false",
            atomic_load(&process->traced_bytes),
            atomic_load(&process->peak_bytes),
            atomic_load(&process->dropped_blocks),
            atomic_load(&process->dropped_lines),
            atomic_load(&process->dropped_events),
            atomic_load(&process->dropped_sealed));
        add_run_json(reader, i, out);
        pt_buf_add_char(out, '}');
        separator = ",";
    }
}

static void
add_segments_json(const struct pt_reader *reader, struct pt_buf *out)
{
    const char *separator = "";

    for (uint32_t i = 1; i < PT_SEGMENT_END; i++) {
        struct holding holding = holding_of(reader, i);

        if (holding.extents != 0) {
            pt_buf_add_format(out,
                              "%s\n  {\"segment\": \"%s\", \"items\": %" PRIu64
                              ", \"extents\": %u, \"bytes\": %" PRIu64 "}",
                              separator, pt_segment_name(i), holding.items,
                              holding.extents, holding.bytes);
            separator = ",";
        }
    }
}

void
pt_out_info_json(const struct pt_reader *reader, const struct pt_info *info,
                 struct pt_buf *out)
{
    const struct pt_header *header = pt_reader_header(reader);
    const char *word = header->command;

    pt_buf_add_text(out, "{\"recording\": ");
    pt_json_add(out, info->name);
    pt_buf_add_format(out, ", \"format\": %u, \"bytes\": %" PRIu64,
                      header->version, info->file_bytes);
    pt_buf_add_text(out, ",\n \"command\": [");
    for (; *word != '\0'; word += strlen(word) + 1) {
        pt_buf_add_text(out, word != header->command ? ", " : "");
        pt_json_add(out, word);
    }
    pt_buf_add_text(out, "], \"directory\": ");
    pt_json_add(out, header->directory);
    pt_buf_add_format(out, ",\n \"lines\": %s, \"memory\": %s, \"all\": %s",
                      header->wanted & PT_WANT_COUNT ? "true" : "false",
                      header->wanted & PT_WANT_MEM ? "true" : "false",
                      header->wanted & PT_WANT_ALL ? "true" : "false");
    pt_buf_add_text(out, ",\n \"started\": \"");
    add_time(out, header->start_unix_ns);
    pt_buf_add_format(out, "\", \"ended\": %s, \"status\": %d, \"signal\": %d",
                      header->ended ? "true" : "false",
                      (int)header->exit_status, (int)header->exit_signal);
    if (header->ended) {
        pt_buf_add_format(out, ", \"seconds\": %.6f",
                          seconds_between(header->start_ns, header->end_ns));
    }
    pt_buf_add_text(out, ",\n \"processes\": [");
    add_processes_json(reader, out);
    pt_buf_add_text(out, "],\n \"snapshots\": [");
    add_snapshots_json(reader, out);
    pt_buf_add_text(out, "],\n \"accounts\": [");
    pt_rssaccount_add_info_json(reader, out);
    pt_buf_add_text(out, "],\n \"segments\": [");
    add_segments_json(reader, out);
    pt_buf_add_text(out, "]}\n");
}
