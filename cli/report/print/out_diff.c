/* SPDX-License-Identifier: MIT */
/* out_diff.c - tables of changes, largest first. */
#include "cli/report/print/out_diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/print/nativeplaces.h"
#include "cli/report/text/json.h"
#include "cli/report/text/size_text.h"
#include "cli/report/text/time_text.h"
#include "core/base/rawmem.h"

enum table {
    TABLE_GROWN,
    TABLE_SHRUNK,
    TABLE_NATIVE_GROWN,
    TABLE_NATIVE_SHRUNK,
    TABLE_NEW,
    TABLE_GONE,
    TABLE_MORE,
    TABLE_LESS,
    TABLE_SLOWER,
    TABLE_FASTER,
    TABLES,
};

/* Titles take "lines", "functions" or "files". */
static const char *const titles[TABLES] = {
    [TABLE_GROWN] = "%s that hold more memory",
    [TABLE_SHRUNK] = "%s that hold less memory",
    [TABLE_NATIVE_GROWN] = "%s that hold more native memory",
    [TABLE_NATIVE_SHRUNK] = "%s that hold less native memory",
    [TABLE_NEW] = "%s newly executed",
    [TABLE_GONE] = "%s no longer executed",
    [TABLE_MORE] = "%s executed more often",
    [TABLE_LESS] = "%s executed less often",
    [TABLE_SLOWER] = "%s that take more time",
    [TABLE_FASTER] = "%s that take less time",
};

static const char *const units[] = {"lines", "functions", "files"};

/* What is printed, how, and whose native memory the second recording has. */
struct printing {
    const struct pt_comparison *comparison;
    const struct pt_diff_style *style;
    struct pt_nativeplaces *after;  // NULL: it has none
};

struct entry {
    const struct pt_change *change;
    int64_t weight;  // what the table is sorted by
    int64_t next;    // and then by
    uint32_t order;  // and then as they stand
};

static int
is_native(enum table table)
{
    return table == TABLE_NATIVE_GROWN || table == TABLE_NATIVE_SHRUNK;
}

static int
is_of_memory(enum table table)
{
    return table == TABLE_GROWN || table == TABLE_SHRUNK || is_native(table);
}

/* What a side holds of the memory that a table is about. */
static const struct pt_amount *
held(enum table table, const struct pt_side *side)
{
    return is_native(table) ? &side->native.live : &side->memory.live;
}

static int64_t
bytes_of(enum table table, const struct pt_change *change)
{
    return (int64_t)(held(table, &change->after)->bytes -
                     held(table, &change->before)->bytes);
}

static int64_t
blocks_of(enum table table, const struct pt_change *change)
{
    return (int64_t)(held(table, &change->after)->blocks -
                     held(table, &change->before)->blocks);
}

static int64_t
hits_of(const struct pt_change *change)
{
    return (int64_t)(change->after.hits - change->before.hits);
}

static int64_t
time_of(const struct pt_change *change)
{
    return (int64_t)(change->after.time_ns - change->before.time_ns);
}

/* How much of a change a table is about; 0: it is not in that table. */
static int
weigh(const struct pt_comparison *comparison, enum table table,
      const struct pt_change *change, struct entry *entry)
{
    int64_t hits = comparison->with_hits ? hits_of(change) : 0;
    int with_memory = is_native(table) ? comparison->with_native
                                       : comparison->with_memory;
    int64_t bytes = with_memory ? bytes_of(table, change) : 0;
    int64_t blocks = with_memory ? blocks_of(table, change) : 0;
    int was_run = change->before.hits != 0, is_run = change->after.hits != 0;

    *entry = (struct entry){.change = change, .weight = hits};
    switch (table) {
    case TABLE_GROWN:
    case TABLE_SHRUNK:
    case TABLE_NATIVE_GROWN:
    case TABLE_NATIVE_SHRUNK:
        entry->weight = bytes;
        entry->next = blocks;
        // Where the bytes are the same the blocks decide.
        return table == TABLE_GROWN || table == TABLE_NATIVE_GROWN
                   ? bytes > 0 || (bytes == 0 && blocks > 0)
                   : bytes < 0 || (bytes == 0 && blocks < 0);
    case TABLE_NEW:
        return !was_run && is_run;
    case TABLE_GONE:
        return was_run && !is_run;
    case TABLE_MORE:
        return was_run && is_run && hits > 0;
    case TABLE_LESS:
        return was_run && is_run && hits < 0;
    default:
        entry->weight = comparison->with_times ? time_of(change) : 0;
        return table == TABLE_SLOWER ? entry->weight > 0 : entry->weight < 0;
    }
}

static uint64_t
magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static int
compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    if (a->weight != b->weight) {
        return magnitude(a->weight) > magnitude(b->weight) ? -1 : 1;
    }
    if (a->next != b->next) {
        return magnitude(a->next) > magnitude(b->next) ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static void
add_signed_size(struct pt_buf *out, int64_t bytes)
{
    pt_buf_add_format(out, "%c%s", bytes < 0 ? '-' : '+',
                      pt_size_text((double)magnitude(bytes)).text);
}

static void
add_signed(struct pt_buf *out, int64_t count)
{
    pt_buf_add_format(out, "%c%s", count < 0 ? '-' : '+',
                      pt_count_text(magnitude(count)).text);
}

static void
add_signed_time(struct pt_buf *out, int64_t ns)
{
    pt_buf_add_format(out, "%c%s", ns < 0 ? '-' : '+',
                      pt_time_text((double)magnitude(ns)).text);
}

/* "shelf.py:13 (Shelf.deeper)"; a line that moved has both its numbers. */
static void
add_place(const struct pt_change *change, const struct pt_diff_style *style,
          struct pt_buf *out)
{
    uint32_t before = change->before.line, after = change->after.line;

    pt_escape_add(out, change->path, strlen(change->path), style->escape);
    if (before != 0 && after != 0 && before != after) {
        pt_buf_add_format(out, ":%u->%u", before, after);
    }
    else if (before != 0 || after != 0) {
        pt_buf_add_format(out, ":%u", after != 0 ? after : before);
    }
    if (change->function != NULL) {
        pt_buf_add_text(out, " (");
        pt_escape_add(out, change->function->name,
                      change->function->name_bytes, style->escape);
        pt_buf_add_char(out, ')');
    }
}

static void
add_source(const struct pt_comparison *comparison,
           const struct pt_change *change, const struct pt_diff_style *style,
           struct pt_buf *out)
{
    int is_after = change->after.line != 0;
    const struct pt_side *side = is_after ? &change->after : &change->before;
    struct pt_buf text = PT_BUF_INIT;

    if (style->group == PT_COMPARE_LINES &&
        pt_dossier_line(is_after ? comparison->after : comparison->before,
                        side->file, side->line, &text) &&
        text.used != 0) {
        pt_buf_add_text(out, "\n    ");
        pt_escape_add(out, text.data, text.used, style->escape);
    }
    out->failed |= text.failed;
    pt_buf_release(&text);
}

static void
add_entry(const struct printing *printing, enum table table,
          const struct pt_change *change, struct pt_buf *out)
{
    const struct pt_comparison *comparison = printing->comparison;
    const struct pt_diff_style *style = printing->style;
    const struct pt_amount *after = held(table, &change->after);

    add_place(change, style, out);
    if (is_of_memory(table)) {
        pt_buf_add_format(out, ": size=%s (", pt_amount_text(after).text);
        add_signed_size(out, bytes_of(table, change));
        pt_buf_add_format(out, "), count=%" PRIu64 " (", after->blocks);
        add_signed(out, blocks_of(table, change));
        pt_buf_add_char(out, ')');
    }
    else if (table == TABLE_SLOWER || table == TABLE_FASTER) {
        pt_buf_add_format(out, ": time=%s (",
                          pt_time_text((double)change->after.time_ns).text);
        add_signed_time(out, time_of(change));
        pt_buf_add_format(out, "), hits=%" PRIu64 " (", change->after.hits);
        add_signed(out, hits_of(change));
        pt_buf_add_char(out, ')');
    }
    else {
        pt_buf_add_format(out, ": hits=%" PRIu64 " (", change->after.hits);
        add_signed(out, hits_of(change));
        pt_buf_add_char(out, ')');
    }
    add_source(comparison, change, style, out);
    pt_buf_add_char(out, '\n');
    if (table == TABLE_NATIVE_GROWN && printing->after != NULL) {
        pt_nativeplaces_add(printing->after, change->after.file,
                            change->after.line, style->escape, out);
    }
}

static void
add_table(const struct printing *printing, enum table table,
          struct pt_buf *out)
{
    const struct pt_comparison *comparison = printing->comparison;
    const struct pt_diff_style *style = printing->style;
    struct entry *entry =
        pt_rawmem_array((size_t)comparison->changes + 1, sizeof(*entry));
    uint32_t entries = 0;

    if (entry == NULL) {
        out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < comparison->changes; i++) {
        if (weigh(comparison, table, &comparison->change[i],
                  &entry[entries])) {
            entry[entries].order = entries;
            entries++;
        }
    }
    qsort(entry, entries, sizeof(*entry), compare_entries);
    if (entries != 0) {
        pt_buf_add_char(out, '\n');
        pt_buf_add_format(out, titles[table], units[style->group]);
        pt_buf_add_char(out, '\n');
    }
    for (uint32_t i = 0; i < entries && i < style->top; i++) {
        add_entry(printing, table, entry[i].change, out);
    }
    if (entries > style->top) {
        pt_buf_add_format(out, "%u more\n", entries - style->top);
    }
    pt_rawmem_free(entry);
}

static void
add_total(const struct pt_comparison *comparison, const char *what,
          const struct pt_dossier *dossier, const struct pt_side *total,
          const struct pt_diff_style *style, struct pt_buf *out)
{
    pt_buf_add_format(out, "%-7s", what);
    pt_escape_add(out, dossier->name, strlen(dossier->name), style->escape);
    if (comparison->with_memory) {
        pt_buf_add_format(out, ", %s in %s blocks",
                          pt_amount_text(&total->memory.live).text,
                          pt_count_text(total->memory.live.blocks).text);
    }
    if (comparison->with_native) {
        pt_buf_add_format(out, ", %s of native memory in %s blocks",
                          pt_amount_text(&total->native.live).text,
                          pt_count_text(total->native.live.blocks).text);
    }
    if (comparison->with_hits) {
        pt_buf_add_format(out, ", %s hits", pt_count_text(total->hits).text);
    }
    if (comparison->with_times) {
        pt_buf_add_format(out, ", %s in lines",
                          pt_time_text((double)total->time_ns).text);
    }
    pt_buf_add_char(out, '\n');
}

void
pt_out_diff(const struct pt_comparison *comparison,
            const struct pt_diff_style *style, struct pt_buf *out)
{
    static const enum pt_ledger_group ledger_group[] = {
        [PT_COMPARE_LINES] = PT_LEDGER_LINENO,
        [PT_COMPARE_FUNCTIONS] = PT_LEDGER_FUNCTION,
        [PT_COMPARE_FILES] = PT_LEDGER_FILENAME,
    };
    struct printing printing = {.comparison = comparison, .style = style};
    struct pt_nativeplaces places;

    add_total(comparison, "before", comparison->before,
              &comparison->total_before, style, out);
    add_total(comparison, "after", comparison->after, &comparison->total_after,
              style, out);
    if (comparison->changes == 0) {
        pt_buf_add_text(out, "no difference\n");
    }
    if (comparison->with_native) {
        if (pt_nativeplaces_init(&places, comparison->after,
                                 ledger_group[style->group]) != PT_OK) {
            out->failed = 1;
            return;
        }
        printing.after = &places;
    }
    for (int table = 0; table < TABLES; table++) {
        add_table(&printing, table, out);
    }
    if (comparison->with_native) {
        pt_nativeplaces_release(&places);
    }
}

static void
add_side_json(const struct pt_comparison *comparison, const char *name,
              const struct pt_side *side, struct pt_buf *out)
{
    pt_buf_add_format(out, "\"%s\": {\"line\": %u", name, side->line);
    if (comparison->with_hits) {
        pt_buf_add_format(out, ", \"hits\": %" PRIu64, side->hits);
    }
    if (comparison->with_times) {
        pt_buf_add_format(out, ", \"time_ns\": %" PRIu64, side->time_ns);
    }
    if (comparison->with_memory) {
        pt_buf_add_format(
            out, ", \"live_bytes\": %" PRIu64 ", \"live_blocks\": %" PRIu64,
            side->memory.live.bytes, side->memory.live.blocks);
    }
    if (comparison->with_native) {
        pt_buf_add_format(out,
                          ", \"native_bytes\": %" PRIu64
                          ", \"native_blocks\": %" PRIu64,
                          side->native.live.bytes, side->native.live.blocks);
    }
    pt_buf_add_char(out, '}');
}

void
pt_out_diff_json(const struct pt_comparison *comparison,
                 const struct pt_diff_style *style, struct pt_buf *out)
{
    pt_buf_add_text(out, "{\"before\": ");
    pt_json_add(out, comparison->before->name);
    pt_buf_add_text(out, ", \"after\": ");
    pt_json_add(out, comparison->after->name);
    pt_buf_add_format(out, ", \"group\": \"%s\",\n \"total\": {",
                      units[style->group]);
    add_side_json(comparison, "before", &comparison->total_before, out);
    pt_buf_add_text(out, ", ");
    add_side_json(comparison, "after", &comparison->total_after, out);
    pt_buf_add_text(out, "},\n \"changes\": [");
    for (uint32_t i = 0; i < comparison->changes; i++) {
        const struct pt_change *change = &comparison->change[i];
        const struct pt_function *function = change->function;

        pt_buf_add_format(out, "%s\n  {\"path\": ", i != 0 ? "," : "");
        pt_json_add(out, change->path);
        pt_buf_add_text(out, ", \"function\": ");
        pt_json_add_bytes(out, function != NULL ? function->name : "",
                          function != NULL ? function->name_bytes : 0);
        pt_buf_add_text(out, ", ");
        add_side_json(comparison, "before", &change->before, out);
        pt_buf_add_text(out, ", ");
        add_side_json(comparison, "after", &change->after, out);
        pt_buf_add_char(out, '}');
    }
    pt_buf_add_text(out, "]}\n");
}
