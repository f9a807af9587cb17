/* SPDX-License-Identifier: MIT */
/* out_pprof.c - stacks as `go tool pprof` reads them: protobuf, gzipped.
 *
 * The message is built in an arena and packed by protobuf-c. Locations are
 * numbered by a framelist, functions by their place in pt_functions, those
 * files of which no function is known behind them.
 */
#include <pprof.pb-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/framelist.h"
#include "cli/report/figures/stacks.h"
#include "cli/report/text/room.h"
#include "core/base/arena.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

#define VALUE_KINDS 8
#define GZIP_WINDOW (15 + 16)  // of zlib: largest window, gzip's header

static const struct {
    enum pt_stack_value value;
    const char *type;
    const char *unit;
} kinds[VALUE_KINDS] = {
    {PT_VALUE_HITS, "hits", "count"},
    {PT_VALUE_TIME, "time", "nanoseconds"},
    {PT_VALUE_ALLOCATED_BLOCKS, "alloc_objects", "count"},
    {PT_VALUE_ALLOCATED, "alloc_space", "bytes"},
    {PT_VALUE_PEAK_BLOCKS, "peak_objects", "count"},
    {PT_VALUE_PEAK, "peak_space", "bytes"},
    {PT_VALUE_KEPT_BLOCKS, "inuse_objects", "count"},
    {PT_VALUE_KEPT, "inuse_space", "bytes"},
};

struct builder {
    struct pt_stacks stacks;
    struct pt_framelist frames;
    struct pt_arena arena;
    struct pt_idmap texts;  // of `text`
    char **text;
    uint32_t text_count;
    uint32_t text_room;
    Pprof__Sample **sample;
    uint32_t samples;
    uint32_t sample_room;
    Pprof__Function **function;
    uint32_t functions;
    Pprof__Location **location;
    int has_failed;
};

/* Memory of the arena; a failure is found at the end. */
static void *
take(struct builder *builder, size_t count, size_t bytes)
{
    void *piece =
        pt_arena_array(&builder->arena, count != 0 ? count : 1, bytes);

    builder->has_failed |= piece == NULL;
    return piece;
}

/* The number of a text in the string table. Protobuf wants UTF-8, pprof takes
 * any bytes; a zero byte ends a text. */
static int64_t
intern(struct builder *builder, const char *text, size_t bytes)
{
    uint64_t hash = pt_hash_pair(pt_hash_bytes(text, bytes), bytes);
    struct pt_idmap_walk walk;
    void *array = builder->text;
    char *copy;

    for (uint32_t id = pt_idmap_first(&builder->texts, hash, &walk); id != 0;
         id = pt_idmap_next(&walk)) {
        if (strlen(builder->text[id]) == bytes &&
            memcmp(builder->text[id], text, bytes) == 0) {
            return id;
        }
    }
    copy = take(builder, bytes + 1, 1);
    if (copy == NULL ||
        pt_room_reserve(&array, builder->text_count, &builder->text_room,
                        sizeof(*builder->text)) != PT_OK) {
        builder->has_failed = 1;
        return 0;
    }
    builder->text = array;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    builder->text[builder->text_count] = copy;
    if (builder->text_count != 0 &&
        pt_idmap_insert(&builder->texts, hash, builder->text_count) != PT_OK) {
        builder->has_failed = 1;
    }
    return builder->text_count++;
}

static int64_t
intern_text(struct builder *builder, const char *text)
{
    return intern(builder, text, strlen(text));
}

static void
add_sample(struct builder *builder, const struct pt_stack *stack)
{
    Pprof__Sample *sample = take(builder, 1, sizeof(*sample));
    struct pt_stack_frame frame;
    uint32_t at = 0, depth = 0;
    void *array = builder->sample;

    if (sample == NULL ||
        pt_room_reserve(&array, builder->samples, &builder->sample_room,
                        sizeof(*builder->sample)) != PT_OK) {
        builder->has_failed = 1;
        return;
    }
    builder->sample = array;
    builder->sample[builder->samples++] = sample;
    pprof__sample__init(sample);
    while (pt_stacks_frame(&builder->stacks, stack, &at, &frame)) {
        depth++;
    }
    sample->location_id = take(builder, depth, sizeof(uint64_t));
    sample->value = take(builder, VALUE_KINDS, sizeof(int64_t));
    if (sample->location_id == NULL || sample->value == NULL) {
        return;
    }
    sample->n_location_id = depth;
    sample->n_value = VALUE_KINDS;
    for (int i = 0; i < VALUE_KINDS; i++) {
        sample->value[i] = (int64_t)stack->value[kinds[i].value];
    }
    // The innermost comes first.
    for (at = 0; pt_stacks_frame(&builder->stacks, stack, &at, &frame);) {
        uint32_t number = 0;

        if (pt_framelist_number(&builder->frames, &frame, &number) != PT_OK) {
            builder->has_failed = 1;
        }
        sample->location_id[--depth] = number;
    }
}

/* Functions are numbered by where they are known, from 1. */
static uint64_t
function_id(const struct builder *builder, const struct pt_stack_frame *frame)
{
    const struct pt_functions *known = &builder->stacks.dossier->functions;

    return frame->function != NULL
               ? (uint64_t)(frame->function - known->function) + 1
               : (uint64_t)known->functions + frame->file + 1;
}

static void
add_function(struct builder *builder, const struct pt_stack_frame *frame,
             unsigned char *is_there)
{
    const struct pt_dossier *dossier = builder->stacks.dossier;
    uint64_t id = function_id(builder, frame);
    struct pt_buf name = PT_BUF_INIT;
    Pprof__Function *function;

    if (is_there[id]) {
        return;
    }
    is_there[id] = 1;
    function = take(builder, 1, sizeof(*function));
    if (function == NULL) {
        return;
    }
    pprof__function__init(function);
    pt_stacks_add_name(&builder->stacks, frame, &name);
    function->id = id;
    function->name = intern(builder, pt_buf_text(&name), name.used);
    // One that differs tells pprof that there is nothing to demangle: it
    // would take "<module>" and "<locals>" for arguments of templates.
    pt_buf_add_format(&name, " %s:%u", pt_dossier_path(dossier, frame->file),
                      frame->line);
    function->system_name = intern(builder, pt_buf_text(&name), name.used);
    function->filename =
        intern_text(builder, pt_dossier_path(dossier, frame->file));
    function->start_line =
        frame->function != NULL ? frame->function->defined_line : 0;
    builder->has_failed |= name.failed;
    pt_buf_release(&name);
    builder->function[builder->functions++] = function;
}

static void
add_locations(struct builder *builder)
{
    const struct pt_dossier *dossier = builder->stacks.dossier;
    size_t ids = (size_t)dossier->functions.functions + dossier->sum.files + 2;
    unsigned char *is_there = pt_rawmem_array(ids, 1);
    uint32_t count = builder->frames.frames;

    builder->function = take(builder, ids, sizeof(*builder->function));
    builder->location = take(builder, count, sizeof(*builder->location));
    builder->has_failed |= is_there == NULL;
    for (uint32_t i = 1; i < count && !builder->has_failed; i++) {
        const struct pt_stack_frame *frame = &builder->frames.frame[i];
        Pprof__Location *location = take(builder, 1, sizeof(*location));
        Pprof__Line *line = take(builder, 1, sizeof(*line));
        Pprof__Line **lines = take(builder, 1, sizeof(*lines));

        if (builder->has_failed) {
            break;
        }
        pprof__location__init(location);
        pprof__line__init(line);
        add_function(builder, frame, is_there);
        line->function_id = function_id(builder, frame);
        line->line = frame->line;
        lines[0] = line;
        location->id = i;
        location->mapping_id = 1;
        location->n_line = 1;
        location->line = lines;
        builder->location[i - 1] = location;
    }
    pt_rawmem_free(is_there);
}

/* gzip, as the format has it on disk. */
static int
add_zipped(struct pt_buf *out, const unsigned char *bytes, size_t count)
{
    z_stream stream = {0};
    unsigned char chunk[65536];
    int result;

    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                     8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return PT_ERR_NOMEM;
    }
    // zlib counts in 32 bits.
    do {
        uInt piece = count < UINT32_MAX / 2 ? (uInt)count : UINT32_MAX / 2;

        stream.next_in = (unsigned char *)bytes;
        stream.avail_in = piece;
        bytes += piece;
        count -= piece;
        do {
            stream.next_out = chunk;
            stream.avail_out = sizeof(chunk);
            result = deflate(&stream, count == 0 ? Z_FINISH : Z_NO_FLUSH);
            pt_buf_add(out, chunk, sizeof(chunk) - stream.avail_out);
        } while (stream.avail_out == 0);
    } while (count != 0);
    deflateEnd(&stream);
    return result == Z_STREAM_END ? PT_OK : PT_ERR_NOMEM;
}

static int
pack(struct builder *builder, Pprof__Profile *profile, struct pt_buf *out)
{
    size_t bytes;
    unsigned char *packed;
    int code;

    profile->n_sample = builder->samples;
    profile->sample = builder->sample;
    profile->n_location = builder->frames.frames - 1;
    profile->location = builder->location;
    profile->n_function = builder->functions;
    profile->function = builder->function;
    profile->n_string_table = builder->text_count;
    profile->string_table = builder->text;
    bytes = pprof__profile__get_packed_size(profile);
    packed = pt_rawmem_array(bytes, 1);
    if (packed == NULL) {
        return PT_ERR_NOMEM;
    }
    pprof__profile__pack(profile, packed);
    code = add_zipped(out, packed, bytes);
    pt_rawmem_free(packed);
    return code;
}

/* What the values are, where they come from and when. */
static int
describe_and_pack(struct builder *builder, struct pt_export *request)
{
    const struct pt_header *header = request->dossier->header;
    Pprof__Profile profile = PPROF__PROFILE__INIT;
    Pprof__ValueType type[VALUE_KINDS];
    Pprof__ValueType *types[VALUE_KINDS];
    Pprof__Mapping mapping = PPROF__MAPPING__INIT;
    Pprof__Mapping *mappings[] = {&mapping};

    for (int i = 0; i < VALUE_KINDS; i++) {
        pprof__value_type__init(&type[i]);
        type[i].type = intern_text(builder, kinds[i].type);
        type[i].unit = intern_text(builder, kinds[i].unit);
        types[i] = &type[i];
        if (kinds[i].value == request->value) {
            profile.default_sample_type = type[i].type;
        }
    }
    mapping.id = 1;
    mapping.filename = intern_text(builder, header->command);
    mapping.has_functions = 1;
    mapping.has_filenames = 1;
    mapping.has_line_numbers = 1;
    profile.n_sample_type = VALUE_KINDS;
    profile.sample_type = types;
    profile.n_mapping = 1;
    profile.mapping = mappings;
    profile.time_nanos = (int64_t)header->start_unix_ns;
    profile.duration_nanos =
        header->ended ? (int64_t)(header->end_ns - header->start_ns) : 0;
    return builder->has_failed ? PT_ERR_NOMEM
                               : pack(builder, &profile, request->out);
}

static int
build(struct builder *builder, struct pt_export *request)
{
    struct pt_stack stack;
    uint32_t at = 0;

    intern(builder, "", 0);
    while (!builder->has_failed &&
           pt_stacks_next(&builder->stacks, &at, &stack)) {
        add_sample(builder, &stack);
    }
    if (!builder->has_failed) {
        add_locations(builder);
    }
    return builder->has_failed ? PT_ERR_NOMEM
                               : describe_and_pack(builder, request);
}

int
pt_out_pprof(struct pt_export *request)
{
    struct builder builder = {.has_failed = 0};
    int code =
        pt_stacks_init(&builder.stacks, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    pt_arena_init(&builder.arena);
    code = pt_framelist_init(&builder.frames, &builder.stacks);
    if (code == PT_OK) {
        code = pt_idmap_init(&builder.texts);
        if (code == PT_OK) {
            code = build(&builder, request);
            pt_idmap_release(&builder.texts);
        }
        pt_framelist_release(&builder.frames);
    }
    pt_rawmem_free(builder.text);
    pt_rawmem_free(builder.sample);
    pt_arena_release(&builder.arena);
    pt_stacks_release(&builder.stacks);
    return code;
}
