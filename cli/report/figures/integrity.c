/* SPDX-License-Identifier: MIT */
/* integrity.c - gaps, extents, indices, sums. */
#include "cli/report/figures/integrity.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/gap.h"
#include "cli/report/text/segment_name.h"
#include "core/base/rawmem.h"
#include "core/timeline/packets.h"
#include "core/timeline/segment.h"

#define TOLD_MAX 3u  // findings of one kind

/* Kinds of findings, so that a thousand of one do not hide the others. */
struct finding {
    struct pt_integrity *integrity;
    uint64_t count;
};

static void tell(struct pt_integrity *integrity, const char *format, ...)
    PT_PRINTF(2, 3);

static void
tell(struct pt_integrity *integrity, const char *format, ...)
{
    char line[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    pt_buf_add_text(integrity->out, line);
    pt_buf_add_char(integrity->out, '\n');
}

/* True if this one is to be told; all are counted. */
static int
is_told(struct finding *finding)
{
    finding->integrity->problems++;
    return ++finding->count <= TOLD_MAX;
}

static void
tell_rest(const struct finding *finding, const char *what)
{
    if (finding->count > TOLD_MAX) {
        tell(finding->integrity, "  and %" PRIu64 " more %s",
             finding->count - TOLD_MAX, what);
    }
}

/* -- The file -- */

static int
compare_offsets(const void *left, const void *right)
{
    const struct pt_reader_extent *a = left, *b = right;

    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static void
check_gap(struct pt_integrity *integrity, uint64_t start, uint64_t end)
{
    uint64_t align = pt_reader_header(integrity->reader)->align_bytes;
    uint64_t damage = pt_gap_damage(integrity->fd, align, start, end);

    if (start >= end) {
        return;
    }
    if (damage < end) {
        integrity->problems++;
        tell(integrity,
             "damaged: %" PRIu64 " bytes at %" PRIu64
             " are no extent, or one that does not hold; what was in them is "
             "left out of all figures",
             end - damage, damage);
    }
    else {
        integrity->notes++;
        tell(integrity,
             "note: %" PRIu64 " bytes at %" PRIu64
             " were taken and never described: their process ended just then",
             end - start, start);
    }
}

static void
check_extents(struct pt_integrity *integrity)
{
    const struct pt_reader *reader = integrity->reader;
    uint64_t at = pt_reader_header(reader)->align_bytes;
    uint64_t file_end = atomic_load(&pt_reader_header(reader)->file_end);
    uint32_t count = pt_reader_extents(reader);
    struct pt_reader_extent *extent =
        pt_rawmem_array((size_t)count + 1, sizeof(*extent));

    if (extent == NULL) {
        integrity->out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        extent[i] = pt_reader_extent(reader, i);
    }
    qsort(extent, count, sizeof(*extent), compare_offsets);
    for (uint32_t i = 0; i < count; i++) {
        check_gap(integrity, at, extent[i].offset);
        at = extent[i].offset + extent[i].bytes;
    }
    check_gap(integrity, at, integrity->file_bytes);
    integrity->extents = count;
    if (file_end > integrity->file_bytes) {
        integrity->problems++;
        tell(integrity,
             "damaged: the file ends at %" PRIu64 " where %" PRIu64
             " bytes were written; what was behind that is left out of all "
             "figures",
             integrity->file_bytes, file_end);
    }
    pt_rawmem_free(extent);
}

/* Pieces of one segment must not hold the same items. */
static void
check_overlaps(struct pt_integrity *integrity)
{
    struct finding twice = {integrity, 0};
    struct pt_reader_extent last = {.segment = PT_SEGMENT_NONE};

    for (uint32_t i = 0; i < pt_reader_extents(integrity->reader); i++) {
        struct pt_reader_extent extent =
            pt_reader_extent(integrity->reader, i);
        uint32_t item_bytes = pt_segment_item_bytes(last.segment);
        uint64_t items = item_bytes != 0 ? last.payload_bytes / item_bytes : 0;

        if (extent.process == last.process && extent.segment == last.segment &&
            extent.first_item < last.first_item + items && is_told(&twice)) {
            tell(integrity,
                 "damaged: the extent at %" PRIu64
                 " holds items that the one at %" PRIu64 " holds",
                 extent.offset, last.offset);
        }
        last = extent;
    }
    tell_rest(&twice, "of these");
}

/* -- Items -- */

struct walk {
    struct pt_integrity *integrity;
    uint32_t process;
    const struct pt_process *record;
    struct finding finding;  // of the segment that is walked
    enum pt_segment segment;
    uint32_t index;
};

static void
blame(struct walk *walk, const char *what, uint64_t value)
{
    if (is_told(&walk->finding)) {
        tell(walk->integrity, "damaged: process %u, %s %u: %s (%" PRIu64 ")",
             walk->process, pt_segment_name(walk->segment), walk->index, what,
             value);
    }
}

static uint32_t
items_of(const struct walk *walk, enum pt_segment segment)
{
    return pt_reader_items(walk->integrity->reader, walk->process, segment);
}

/* An item that found no space is told of with all others that did not. */
static int
is_lost(const struct walk *walk, enum pt_segment segment, uint64_t index)
{
    return index < atomic_load(&walk->record->items[segment]) &&
           (atomic_load(&walk->record->trouble) & PT_TROUBLE_SPACE) != 0;
}

static int
has_item(const struct walk *walk, enum pt_segment segment, uint64_t index)
{
    if (index == 0 || is_lost(walk, segment, index)) {
        return index != 0;
    }
    return index < items_of(walk, segment) &&
           pt_reader_item(walk->integrity->reader, walk->process, segment,
                          (uint32_t)index) != NULL;
}

/* A record that says more than there is: a text without bytes may be empty. */
static int
has_text(const struct walk *walk, uint32_t id)
{
    uint64_t bytes = items_of(walk, PT_SEGMENT_TEXT);
    const void *found = pt_reader_item(walk->integrity->reader, walk->process,
                                       PT_SEGMENT_TEXT, id);
    uint32_t length;

    if (found == NULL && is_lost(walk, PT_SEGMENT_TEXT, id)) {
        return 1;
    }
    if (found == NULL || id % 4 != 0 || id + sizeof(length) > bytes) {
        return 0;
    }
    memcpy(&length, found, sizeof(length));
    return length <= bytes - id - sizeof(length);
}

static void
check_source(struct walk *walk, const void *item)
{
    struct pt_source source;

    memcpy(&source, item, sizeof(source));
    if (!has_text(walk, source.path)) {
        blame(walk, "its path is no text", source.path);
    }
}

static void
check_code(struct walk *walk, const void *item)
{
    struct pt_code code;
    uint64_t counters;

    memcpy(&code, item, sizeof(code));
    counters = code.terms != 0 || code.counters != 0 ? code.counters
                                                     : code.lines;
    if (!has_item(walk, PT_SEGMENT_FILE, code.source)) {
        blame(walk, "its source is missing", code.source);
    }
    if (!has_text(walk, code.name)) {
        blame(walk, "its name is no text", code.name);
    }
    if (code.counter != 0 && counters != 0 &&
        !has_item(walk, PT_SEGMENT_COUNTER, code.counter + counters - 1)) {
        blame(walk, "its counters are missing", code.counter);
    }
    if (code.counter != 0 && code.terms != 0 &&
        !has_item(walk, PT_SEGMENT_TERM,
                  (uint64_t)code.term + code.terms - 1)) {
        blame(walk, "its terms are missing", code.term);
    }
    for (uint32_t i = 0; code.counter != 0 && i < code.terms; i++) {
        const void *found =
            pt_reader_item(walk->integrity->reader, walk->process,
                           PT_SEGMENT_TERM, code.term + i);
        struct pt_term term;

        if (found == NULL) {
            break;
        }
        memcpy(&term, found, sizeof(term));
        if (term.counter >= code.counters) {
            blame(walk, "a term has a counter of another", term.counter);
        }
    }
}

static void
check_node(struct walk *walk, const void *item)
{
    struct pt_node node;

    memcpy(&node, item, sizeof(node));
    if (node.parent >= walk->index) {
        blame(walk, "its parent is younger", node.parent);
    }
    if (node.code != 0 && !has_item(walk, PT_SEGMENT_CODE, node.code)) {
        blame(walk, "its code is missing", node.code);
    }
}

static void
check_arc(struct walk *walk, const void *item)
{
    struct pt_arc arc;

    memcpy(&arc, item, sizeof(arc));
    if (!has_item(walk, PT_SEGMENT_CODE, arc.code)) {
        blame(walk, "its code is missing", arc.code);
    }
    if (arc.counter != 0 && !has_item(walk, PT_SEGMENT_COUNTER, arc.counter)) {
        blame(walk, "its counter is missing", arc.counter);
    }
}

static void
check_call(struct walk *walk, const void *item)
{
    struct pt_call call;

    memcpy(&call, item, sizeof(call));
    if (!has_item(walk, PT_SEGMENT_CODE, call.callee)) {
        blame(walk, "its callee is missing", call.callee);
    }
    if (call.caller != 0 && !has_item(walk, PT_SEGMENT_CODE, call.caller)) {
        blame(walk, "its caller is missing", call.caller);
    }
    if (!has_item(walk, PT_SEGMENT_COUNTER, (uint64_t)call.counter + 1)) {
        blame(walk, "its counters are missing", call.counter);
    }
}

static void
check_pair(struct walk *walk, const void *item)
{
    const _Atomic uint64_t *temporary =
        pt_reader_item(walk->integrity->reader, walk->process,
                       PT_SEGMENT_TEMPORARY, walk->index);
    struct pt_pair pair;
    int64_t live, freed;

    memcpy(&pair, item, sizeof(pair));
    live = atomic_load(&pair.live);
    // Modulo 2^64: these may be any numbers.
    freed = (int64_t)((uint64_t)pair.inherited + atomic_load(&pair.allocated) -
                      (uint64_t)live);
    if (pair.node != PT_NODE_NONE &&
        !has_item(walk, PT_SEGMENT_NODE, pair.node)) {
        blame(walk, "its context is missing", pair.node);
    }
    if (live < 0 || pair.inherited < 0) {
        blame(walk, "fewer than no blocks live", -(uint64_t)live);
    }
    else if (freed < 0) {
        blame(walk, "more blocks live than were allocated", (uint64_t)live);
    }
    if (temporary != NULL &&
        atomic_load(temporary) > atomic_load(&pair.allocated)) {
        blame(walk, "more blocks were temporary than were allocated",
              atomic_load(temporary));
    }
}

static void
walk_segment(struct walk *walk, enum pt_segment segment,
             void (*check)(struct walk *walk, const void *item))
{
    uint32_t used = atomic_load(&walk->record->items[segment]);
    uint32_t items = items_of(walk, segment);
    uint64_t lost = 0;

    walk->segment = segment;
    walk->finding = (struct finding){walk->integrity, 0};
    for (uint32_t i = 1; i < items; i++) {
        const void *item =
            pt_reader_item(walk->integrity->reader, walk->process, segment, i);

        walk->index = i;
        if (item == NULL) {
            lost++;
        }
        else if (check != NULL) {
            check(walk, item);
        }
    }
    tell_rest(&walk->finding, "of these");
    walk->integrity->items += items != 0 ? items - 1 : 0;
    lost += used > items && used > 1 ? used - (items != 0 ? items : 1) : 0;
    if (lost != 0 && atomic_load(&walk->record->trouble) & PT_TROUBLE_SPACE) {
        walk->integrity->notes++;
        tell(walk->integrity,
             "note: process %u: %" PRIu64
             " items of segment %s were lost, as there was no space",
             walk->process, lost, pt_segment_name(segment));
    }
    else if (lost != 0) {
        walk->integrity->problems++;
        tell(walk->integrity,
             "damaged: process %u: %" PRIu64
             " of %u items of segment %s are missing",
             walk->process, lost, used - 1, pt_segment_name(segment));
    }
}

/* The totals must be those of the pairs, unless they are estimates. Of a
 * process that was killed, or runs, the last event may be in one of the two
 * only. */
static void
check_sums(struct walk *walk)
{
    const struct pt_reader *reader = walk->integrity->reader;
    uint64_t total = 0, wanted;

    if (walk->record->state != PT_PROCESS_FINISHED ||
        atomic_load(&walk->record->trouble) != 0 ||
        strncmp(walk->record->mem_tier, "exact",
                sizeof(walk->record->mem_tier)) != 0) {
        return;
    }
    for (uint32_t i = 1; i < items_of(walk, PT_SEGMENT_PAIR); i++) {
        const void *item =
            pt_reader_item(reader, walk->process, PT_SEGMENT_PAIR, i);
        struct pt_pair pair;

        if (item == NULL) {
            return;
        }
        memcpy(&pair, item, sizeof(pair));
        // Modulo 2^64, as the writer's sums are.
        total += (uint64_t)atomic_load(&pair.live) * pair.size_bytes;
    }
    wanted = atomic_load(&walk->record->traced_bytes) +
             (uint64_t)atomic_load(&walk->record->raw_bytes);
    if (total != wanted) {
        walk->integrity->problems++;
        tell(walk->integrity,
             "damaged: process %u: %" PRIu64
             " bytes live by its totals, %" PRIu64 " by its pairs",
             walk->process, wanted, total);
    }
}

static void
check_packets(struct walk *walk)
{
    const struct pt_packet *head;
    struct pt_packets *packets;
    const void *raw;

    if (pt_packets_open(&packets, walk->integrity->reader, walk->process) !=
        PT_OK) {
        walk->integrity->out->failed = 1;
        return;
    }
    while (pt_packets_next(packets, &head) > 0) {
        // What cannot be unpacked is counted as damaged.
        walk->integrity->items +=
            pt_packets_unpack(packets, &raw) == PT_OK ? head->items : 0;
    }
    if (pt_packets_damaged(packets) != 0) {
        walk->integrity->problems += pt_packets_damaged(packets);
        tell(walk->integrity,
             "damaged: process %u: %" PRIu64
             " packets do not hold; what was in them is left out",
             walk->process, pt_packets_damaged(packets));
    }
    pt_packets_close(packets);
}

static void
check_process(struct pt_integrity *integrity, uint32_t number)
{
    struct walk walk = {.integrity = integrity,
                        .process = number,
                        .record =
                            pt_reader_process(integrity->reader, number)};

    if (walk.record == NULL) {
        integrity->notes++;
        tell(integrity,
             "note: process %u left no record: it ended while it was being "
             "forked, or its record is damaged",
             number);
        return;
    }
    if (walk.record->number != number) {
        integrity->problems++;
        tell(integrity, "damaged: process %u calls itself %u", number,
             walk.record->number);
    }
    walk_segment(&walk, PT_SEGMENT_TEXT, NULL);
    walk_segment(&walk, PT_SEGMENT_FILE, check_source);
    walk_segment(&walk, PT_SEGMENT_CODE, check_code);
    walk_segment(&walk, PT_SEGMENT_COUNTER, NULL);
    walk_segment(&walk, PT_SEGMENT_TERM, NULL);
    walk_segment(&walk, PT_SEGMENT_NODE, check_node);
    walk_segment(&walk, PT_SEGMENT_PAIR, check_pair);
    walk_segment(&walk, PT_SEGMENT_ARC, check_arc);
    walk_segment(&walk, PT_SEGMENT_CALL, check_call);
    check_sums(&walk);
    check_packets(&walk);
}

void
pt_integrity_check(struct pt_integrity *integrity)
{
    check_extents(integrity);
    check_overlaps(integrity);
    for (uint32_t i = 0; i < pt_reader_processes(integrity->reader); i++) {
        check_process(integrity, i);
    }
}
