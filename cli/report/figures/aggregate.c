/* SPDX-License-Identifier: MIT */
/* aggregate.c - adding up counters and pairs of all processes by line. */
#include "cli/report/figures/aggregate.h"

#include <string.h>

#include "cli/report/figures/nativesites.h"
#include "cli/report/figures/places.h"
#include "core/base/rawmem.h"

/* Code objects may share counters, but not without end: a damaged recording
 * must not keep us for hours. */
#define SHARED_MAX 8u

// No line: terms under it add up to the calls of the code object.
#define PT_LINE_CALLS 0u

#define ALL UINT32_MAX

struct builder {
    struct pt_aggregate *sum;
    const struct pt_reader *reader;
    struct pt_places places;
    uint32_t only;  // this process, or ALL
    // The process that is being added:
    uint32_t process;
    uint32_t *file_of;  // of each source
    uint32_t sources;
    uint64_t counters_left;
};

static int
fetch(const struct builder *builder, enum pt_segment segment, uint32_t index,
      void *item, size_t bytes)
{
    return pt_reader_copy(builder->reader, builder->process, segment, index,
                          item, bytes);
}

static int
add_sources(struct builder *builder)
{
    builder->sources =
        pt_reader_items(builder->reader, builder->process, PT_SEGMENT_FILE);
    builder->file_of = pt_rawmem_array(builder->sources, sizeof(uint32_t));
    if (builder->file_of == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 1; i < builder->sources; i++) {
        struct pt_source source;
        struct pt_file *file;
        const char *path;
        size_t bytes;
        int code;

        if (!fetch(builder, PT_SEGMENT_FILE, i, &source, sizeof(source))) {
            continue;
        }
        path = pt_reader_text(builder->reader, builder->process, source.path,
                              &bytes);
        // No file name holds a zero byte, so what follows one is not it.
        code = pt_places_file(&builder->places, path, strnlen(path, bytes),
                              &builder->file_of[i]);
        if (code != PT_OK) {
            return code;
        }
        file = &builder->sum->file[builder->file_of[i]];
        if (file->size_bytes == 0 && file->modified_ns == 0) {
            file->size_bytes = source.size_bytes;
            file->modified_ns = source.modified_ns;
        }
    }
    return PT_OK;
}

static int
take_counter(struct builder *builder, uint64_t index, uint64_t *counter)
{
    if (builder->counters_left == 0 || index > UINT32_MAX) {
        return 0;
    }
    builder->counters_left--;
    return fetch(builder, PT_SEGMENT_COUNTER, (uint32_t)index, counter,
                 sizeof(*counter));
}

/* Counters that belong to lines. */
static int
add_lines(struct builder *builder, const struct pt_code *code, uint32_t file)
{
    int result = PT_OK;

    for (uint32_t i = 0; i < code->lines && result == PT_OK; i++) {
        uint64_t counter;

        if (!take_counter(builder, (uint64_t)code->counter + i, &counter) ||
            code->first_line > UINT32_MAX - i) {
            break;
        }
        if (counter != 0) {
            result = pt_places_add_hits(&builder->places, file,
                                        code->first_line + i,
                                        counter & PT_COUNTER_HITS);
        }
    }
    return result;
}

/* Behind the hits of a code object stand the times of its lines. */
static int
has_times(const struct pt_code *code)
{
    return code->terms == 0 && code->counters != 0 &&
           code->counters == 2 * (uint64_t)code->lines;
}

static int
add_time(struct builder *builder, const struct pt_code *code, uint32_t file,
         uint32_t line_index, uint64_t time_ns)
{
    struct pt_place *place;

    if (time_ns == 0) {
        return PT_OK;
    }
    place =
        pt_places_at(&builder->places, file, code->first_line + line_index);
    if (place == NULL) {
        return PT_ERR_NOMEM;
    }
    place->time_ns += time_ns;
    return PT_OK;
}

static int
add_times(struct builder *builder, const struct pt_code *code, uint32_t file)
{
    uint64_t first = (uint64_t)code->counter + code->lines;
    int result = PT_OK;

    for (uint32_t i = 0; i < code->lines && result == PT_OK; i++) {
        uint64_t time_ns;

        if (!take_counter(builder, first + i, &time_ns)) {
            break;
        }
        result = add_time(builder, code, file, i, time_ns);
    }
    return result;
}

/* The time of the line with this counter, if it is one of the code object's,
 * from when a thread was last heard of until its process ended. */
static int
add_clock(struct builder *builder, const struct pt_code *code, uint32_t file,
          const struct pt_process *record, const struct pt_clock *clock)
{
    const struct pt_header *header = pt_reader_header(builder->reader);
    uint64_t end_ns = record->end_ns != 0 ? record->end_ns : header->end_ns;
    uint64_t at = (uint64_t)clock->counter - code->counter - code->lines;

    if (at >= code->lines || end_ns <= clock->since_ns) {
        return PT_OK;
    }
    return add_time(builder, code, file, (uint32_t)at,
                    end_ns - clock->since_ns);
}

/* What was not yet added to the times of a code object when it ended. */
static int
add_clocks(struct builder *builder, const struct pt_process *record,
           const struct pt_code *code, uint32_t file)
{
    uint32_t clocks =
        pt_reader_items(builder->reader, builder->process, PT_SEGMENT_CLOCK);
    int result = PT_OK;

    for (uint32_t i = 1; i < clocks && result == PT_OK; i++) {
        struct pt_clock clock;

        if (fetch(builder, PT_SEGMENT_CLOCK, i, &clock, sizeof(clock)) &&
            clock.counter != 0) {
            result = add_clock(builder, code, file, record, &clock);
        }
    }
    return result;
}

/* Counters that belong to probes: hits(line) = sum of weight * counter. */
static int
add_terms(struct builder *builder, const struct pt_code *code, uint32_t file)
{
    int result = PT_OK;

    for (uint32_t i = 0; i < code->terms && result == PT_OK; i++) {
        struct pt_term term;
        uint64_t counter;

        if (code->term > UINT32_MAX - i ||
            !fetch(builder, PT_SEGMENT_TERM, code->term + i, &term,
                   sizeof(term)) ||
            !take_counter(builder, (uint64_t)code->counter + term.counter,
                          &counter)) {
            break;
        }
        // An empty module has no line but this one.
        if (term.line == PT_LINE_CALLS && code->first_line != 0) {
            continue;
        }
        // A negative weight wraps around, and the sum back again.
        result = pt_places_add_hits(&builder->places, file, term.line,
                                    (uint64_t)(int64_t)term.weight *
                                        (counter & PT_COUNTER_HITS));
    }
    return result;
}

static int
add_code(struct builder *builder, const struct pt_process *record,
         const struct pt_code *code, uint32_t file)
{
    int result = code->terms != 0 ? add_terms(builder, code, file)
                                  : add_lines(builder, code, file);

    if (result == PT_OK && has_times(code)) {
        result = add_times(builder, code, file);
    }
    if (result == PT_OK && has_times(code)) {
        result = add_clocks(builder, record, code, file);
    }
    return result;
}

static int
add_codes(struct builder *builder, const struct pt_process *record)
{
    uint32_t codes =
        pt_reader_items(builder->reader, builder->process, PT_SEGMENT_CODE);
    int result = PT_OK;

    builder->counters_left =
        (uint64_t)SHARED_MAX *
        pt_reader_items(builder->reader, builder->process, PT_SEGMENT_COUNTER);
    for (uint32_t i = 1; i < codes && result == PT_OK; i++) {
        struct pt_code code;

        if (!fetch(builder, PT_SEGMENT_CODE, i, &code, sizeof(code)) ||
            code.counter == 0 || code.source >= builder->sources ||
            builder->file_of[code.source] == 0) {
            continue;
        }
        result =
            add_code(builder, record, &code, builder->file_of[code.source]);
    }
    return result;
}

void
pt_memory_add(struct pt_memory *to, const struct pt_memory *from)
{
    pt_amount_join(&to->allocated, &from->allocated);
    pt_amount_join(&to->live, &from->live);
}

static struct pt_place *
place_of_node(struct builder *builder, uint32_t index)
{
    struct pt_node node;
    struct pt_code code;

    if (!fetch(builder, PT_SEGMENT_NODE, index, &node, sizeof(node)) ||
        !fetch(builder, PT_SEGMENT_CODE, node.code, &code, sizeof(code)) ||
        code.source >= builder->sources) {
        return &builder->sum->place[0];
    }
    return pt_places_at(&builder->places, builder->file_of[code.source],
                        node.line);
}

static int
add_pairs(struct builder *builder, struct pt_share *share,
          enum pt_segment segment)
{
    uint32_t pairs =
        pt_reader_items(builder->reader, builder->process, segment);

    for (uint32_t i = 1; i < pairs; i++) {
        struct pt_memory memory = {0};
        struct pt_weight weight;
        struct pt_place *place;
        struct pt_pair pair;

        if (!pt_nativesites_read(builder->reader, builder->process, segment, i,
                                 &pair)) {
            continue;
        }
        // Native blocks are all recorded, also where Python's are sampled.
        weight = segment == PT_SEGMENT_NATIVE
                     ? (struct pt_weight){pair.size_bytes, 1, 0}
                     : pt_weight_of(share->record, &pair);
        pt_amount_add(&memory.live,
                      pt_aggregate_kept_blocks(share->record, &pair), &weight);
        pt_amount_add(&memory.allocated, atomic_load(&pair.allocated),
                      &weight);
        if (memory.live.blocks == 0 && memory.allocated.blocks == 0) {
            continue;
        }
        place = place_of_node(builder, pair.node);
        if (place == NULL) {
            return PT_ERR_NOMEM;
        }
        if (segment == PT_SEGMENT_NATIVE) {
            pt_memory_add(&place->native, &memory);
            continue;
        }
        pt_memory_add(&place->memory, &memory);
        pt_memory_add(&share->memory, &memory);
    }
    return PT_OK;
}

static int
add_process(struct builder *builder, const struct pt_process *record)
{
    struct pt_aggregate *sum = builder->sum;
    struct pt_share *share = &sum->share[sum->shares++];
    int code;

    share->record = record;
    code = add_sources(builder);
    if (code == PT_OK) {
        code = add_codes(builder, record);
    }
    if (code == PT_OK) {
        code = add_pairs(builder, share, PT_SEGMENT_PAIR);
    }
    if (code == PT_OK) {
        code = add_pairs(builder, share, PT_SEGMENT_NATIVE);
    }
    pt_memory_add(&sum->memory, &share->memory);
    share->file_of = builder->file_of;
    share->sources = builder->file_of != NULL ? builder->sources : 0;
    builder->file_of = NULL;
    return code;
}

static int
add_all(struct builder *builder)
{
    struct pt_aggregate *sum = builder->sum;
    uint32_t processes = pt_reader_processes(builder->reader);
    int code = PT_OK;

    sum->share = pt_rawmem_array(processes, sizeof(*sum->share));
    if (sum->share == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < processes && code == PT_OK; i++) {
        const struct pt_process *record =
            pt_reader_process(builder->reader, i);

        builder->process = i;
        if (record != NULL && (builder->only == ALL || builder->only == i)) {
            code = add_process(builder, record);
        }
    }
    return code;
}

/* Whatever the engine counted, asked for was whether there were hits. */
static void
forget_counts(struct pt_aggregate *sum)
{
    for (uint32_t i = 0; i < sum->places; i++) {
        sum->place[i].hits = (int64_t)sum->place[i].hits > 0;
    }
}

int
pt_aggregate_init(struct pt_aggregate *sum, const struct pt_reader *reader)
{
    return pt_aggregate_init_process(sum, reader, ALL);
}

int
pt_aggregate_init_process(struct pt_aggregate *sum,
                          const struct pt_reader *reader, uint32_t process)
{
    struct builder builder = {.sum = sum, .reader = reader, .only = process};
    int code;

    *sum = (struct pt_aggregate){0};
    code = pt_places_init(&builder.places, sum);
    if (code == PT_OK) {
        code = add_all(&builder);
        pt_places_release(&builder.places);
    }
    if (code != PT_OK) {
        pt_aggregate_release(sum);
        return code;
    }
    if (pt_reader_header(reader)->wanted & PT_WANT_HITS) {
        forget_counts(sum);
    }
    pt_places_sort(sum);
    return PT_OK;
}

uint64_t
pt_aggregate_kept_blocks(const struct pt_process *process,
                         const struct pt_pair *pair)
{
    int64_t live = atomic_load(&pair->live);

    if (process->parent != process->number && live > 0 &&
        pair->inherited > 0) {
        live -= pair->inherited;
    }
    return live > 0 ? (uint64_t)live : 0;
}

uint64_t
pt_aggregate_peak_bytes(const struct pt_share *share)
{
    uint64_t peak = atomic_load(&share->record->peak_bytes);

    return peak > share->memory.live.bytes ? peak : share->memory.live.bytes;
}

const struct pt_share *
pt_aggregate_highest(const struct pt_aggregate *sum)
{
    const struct pt_share *highest = sum->shares != 0 ? &sum->share[0] : NULL;

    for (uint32_t i = 1; i < sum->shares; i++) {
        if (pt_aggregate_peak_bytes(&sum->share[i]) >
            pt_aggregate_peak_bytes(highest)) {
            highest = &sum->share[i];
        }
    }
    return highest;
}

const struct pt_place *
pt_aggregate_find(const struct pt_aggregate *sum, uint32_t file, uint32_t line)
{
    static const struct pt_place nothing;
    uint32_t low = sum->file[file].first;
    uint32_t high = low + sum->file[file].places;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (sum->place[middle].line == line) {
            return &sum->place[middle];
        }
        if (sum->place[middle].line < line) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return &nothing;
}

void
pt_aggregate_release(struct pt_aggregate *sum)
{
    for (uint32_t i = 0; i < sum->shares; i++) {
        pt_rawmem_free(sum->share[i].file_of);
    }
    for (uint32_t i = 0; i < sum->files; i++) {
        pt_rawmem_free(sum->file[i].path);
    }
    pt_rawmem_free(sum->file);
    pt_rawmem_free(sum->place);
    pt_rawmem_free(sum->share);
    *sum = (struct pt_aggregate){0};
}
