/* SPDX-License-Identifier: MIT */
/* out_pprof.c - stacks as `go tool pprof` reads them: protobuf, gzipped.
 *
 * The message is built in an arena and packed by protobuf-c. Locations are
 * numbered by a framelist. Those of native code have their library for a
 * mapping and their place in it for an address.
 */
#include <pprof.pb-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/framelist.h"
#include "cli/report/figures/fullstacks.h"
#include "cli/report/text/room.h"
#include "core/base/arena.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

#define VALUE_KINDS 12
#define NATIVE_KINDS 4  // the last of them, if native memory was recorded
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
    {PT_VALUE_NATIVE_ALLOCATED_BLOCKS, "native_alloc_objects", "count"},
    {PT_VALUE_NATIVE_ALLOCATED, "native_alloc_space", "bytes"},
    {PT_VALUE_NATIVE_BLOCKS, "native_inuse_objects", "count"},
    {PT_VALUE_NATIVE, "native_inuse_space", "bytes"},
};

struct builder {
    struct pt_fullstacks stacks;
    struct pt_framelist frames;
    struct pt_arena arena;
    size_t value_kinds;
    struct pt_idmap texts;  // of `text`
    char **text;
    uint32_t text_count;
    uint32_t text_room;
    Pprof__Sample **sample;
    uint32_t samples;
    uint32_t sample_room;
    Pprof__Function **function;
    uint32_t functions;
    uint32_t function_room;
    struct pt_idmap function_map;
    Pprof__Location **location;
    Pprof__Mapping **mapping;
    uint32_t mappings;
    uint64_t *mapping_of;  // of each library, by its name in the ledger
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
add_sample(struct builder *builder, const struct pt_fullstack *stack)
{
    Pprof__Sample *sample = take(builder, 1, sizeof(*sample));
    void *array = builder->sample;
    uint32_t depth = 0;

    if (sample == NULL ||
        pt_fullstacks_walk(&builder->stacks, stack, &depth) != PT_OK ||
        pt_room_reserve(&array, builder->samples, &builder->sample_room,
                        sizeof(*builder->sample)) != PT_OK) {
        builder->has_failed = 1;
        return;
    }
    builder->sample = array;
    builder->sample[builder->samples++] = sample;
    pprof__sample__init(sample);
    sample->location_id = take(builder, depth, sizeof(uint64_t));
    sample->value = take(builder, builder->value_kinds, sizeof(int64_t));
    if (sample->location_id == NULL || sample->value == NULL) {
        return;
    }
    sample->n_location_id = depth;
    sample->n_value = builder->value_kinds;
    for (size_t i = 0; i < builder->value_kinds; i++) {
        sample->value[i] = (int64_t)stack->stack.value[kinds[i].value];
    }
    // The innermost comes first.
    for (uint32_t i = 0; i < depth; i++) {
        uint32_t number = 0;

        if (pt_framelist_number(&builder->frames, &builder->stacks.frame[i],
                                &number) != PT_OK) {
            builder->has_failed = 1;
        }
        sample->location_id[depth - 1 - i] = number;
    }
}

/* The number of a function, given when it is first asked for: what has the
 * same name for the system in the same file is the same. */
static uint64_t
number_function(struct builder *builder, const Pprof__Function *wanted)
{
    uint64_t hash = pt_hash_pair((uint64_t)wanted->system_name,
                                 (uint64_t)wanted->filename);
    struct pt_idmap_walk walk;
    void *array = builder->function;
    Pprof__Function *function;

    for (uint32_t id = pt_idmap_first(&builder->function_map, hash, &walk);
         id != 0; id = pt_idmap_next(&walk)) {
        function = builder->function[id - 1];
        if (function->system_name == wanted->system_name &&
            function->filename == wanted->filename) {
            return id;
        }
    }
    function = take(builder, 1, sizeof(*function));
    if (function == NULL ||
        pt_room_reserve(&array, builder->functions, &builder->function_room,
                        sizeof(*builder->function)) != PT_OK) {
        builder->has_failed = 1;
        return 0;
    }
    builder->function = array;
    builder->function[builder->functions++] = function;
    *function = *wanted;
    function->id = builder->functions;
    if (pt_idmap_insert(&builder->function_map, hash, builder->functions) !=
        PT_OK) {
        builder->has_failed = 1;
    }
    return function->id;
}

/* What tells a function from all others of its file. */
static void
add_system_name(struct builder *builder, const struct pt_fullframe *frame,
                const char *file, struct pt_buf *name)
{
    const struct pt_function *function = frame->python.function;
    struct pt_fullstacks *stacks = &builder->stacks;

    if (frame->caller != 0) {
        struct pt_symbol symbol = pt_nativenames_symbol(
            &stacks->names, &stacks->native.ledger, frame->caller);

        if (symbol.linkage != NULL) {
            pt_buf_reset(name);
            pt_buf_add_text(name, symbol.linkage);
        }
        return;
    }
    // One that differs tells pprof that there is nothing to demangle: it
    // would take "<module>" and "<locals>" for arguments of templates.
    pt_buf_add_format(name, " %s:%u", file,
                      function != NULL ? function->defined_line : 0);
}

static void
describe_line(struct builder *builder, const struct pt_fullframe *frame,
              Pprof__Line *line)
{
    const struct pt_function *known = frame->python.function;
    struct pt_buf name = PT_BUF_INIT, file = PT_BUF_INIT;
    Pprof__Function function = PPROF__FUNCTION__INIT;

    pt_fullstacks_add_name(&builder->stacks, frame, &name);
    line->line = pt_fullstacks_add_file(&builder->stacks, frame, &file);
    function.name = intern_text(builder, pt_buf_text(&name));
    add_system_name(builder, frame, pt_buf_text(&file), &name);
    function.system_name = intern_text(builder, pt_buf_text(&name));
    function.filename = intern_text(builder, pt_buf_text(&file));
    function.start_line = known != NULL ? known->defined_line : 0;
    line->function_id = number_function(builder, &function);
    builder->has_failed |= name.failed | file.failed;
    pt_buf_release(&name);
    pt_buf_release(&file);
}

static uint64_t
add_mapping(struct builder *builder, int64_t filename)
{
    Pprof__Mapping *mapping = take(builder, 1, sizeof(*mapping));

    if (mapping == NULL) {
        return 0;
    }
    pprof__mapping__init(mapping);
    mapping->id = builder->mappings + 1;
    mapping->filename = filename;
    mapping->has_functions = 1;
    mapping->has_filenames = 1;
    mapping->has_line_numbers = 1;
    builder->mapping[builder->mappings++] = mapping;
    return mapping->id;
}

/* Python's code is in the program, which is the first mapping. */
static void
describe_location(struct builder *builder, const struct pt_fullframe *frame,
                  Pprof__Location *location)
{
    const struct pt_fullstacks *stacks = &builder->stacks;
    const struct pt_nativecaller *caller =
        &stacks->names.sites.caller[frame->caller];
    const struct pt_name *library;

    location->mapping_id = 1;
    if (frame->caller == 0) {
        return;
    }
    location->address = caller->offset;
    if (caller->name != 0 && builder->mapping_of[caller->name] == 0) {
        library = &stacks->native.ledger.name[caller->name];
        builder->mapping_of[caller->name] = add_mapping(
            builder, intern(builder, library->text, library->bytes));
    }
    location->mapping_id = builder->mapping_of[caller->name];
}

static void
add_locations(struct builder *builder)
{
    uint32_t count = builder->frames.frames;

    builder->location = take(builder, count, sizeof(*builder->location));
    for (uint32_t i = 1; i < count && !builder->has_failed; i++) {
        const struct pt_fullframe *frame = &builder->frames.frame[i];
        Pprof__Location *location = take(builder, 1, sizeof(*location));
        Pprof__Line *line = take(builder, 1, sizeof(*line));
        Pprof__Line **lines = take(builder, 1, sizeof(*lines));

        if (builder->has_failed) {
            break;
        }
        pprof__location__init(location);
        pprof__line__init(line);
        describe_line(builder, frame, line);
        describe_location(builder, frame, location);
        lines[0] = line;
        location->id = i;
        location->n_line = 1;
        location->line = lines;
        builder->location[i - 1] = location;
    }
}

/* The program, and room for each library. */
static void
add_program(struct builder *builder, const char *command)
{
    uint32_t names = builder->stacks.native.ledger.names;

    builder->mapping = take(builder, names + 1, sizeof(*builder->mapping));
    builder->mapping_of =
        take(builder, names + 1, sizeof(*builder->mapping_of));
    if (!builder->has_failed) {
        memset(builder->mapping_of, 0,
               (names + 1) * sizeof(*builder->mapping_of));
        add_mapping(builder, intern_text(builder, command));
    }
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
    profile->n_mapping = builder->mappings;
    profile->mapping = builder->mapping;
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

    for (size_t i = 0; i < builder->value_kinds; i++) {
        pprof__value_type__init(&type[i]);
        type[i].type = intern_text(builder, kinds[i].type);
        type[i].unit = intern_text(builder, kinds[i].unit);
        types[i] = &type[i];
        if (kinds[i].value == request->value) {
            profile.default_sample_type = type[i].type;
        }
    }
    profile.n_sample_type = builder->value_kinds;
    profile.sample_type = types;
    profile.time_nanos = (int64_t)header->start_unix_ns;
    profile.duration_nanos =
        header->ended ? (int64_t)(header->end_ns - header->start_ns) : 0;
    return builder->has_failed ? PT_ERR_NOMEM
                               : pack(builder, &profile, request->out);
}

static int
build(struct builder *builder, struct pt_export *request)
{
    const struct pt_header *header = request->dossier->header;
    struct pt_fullstack stack;
    uint32_t at = 0;

    builder->value_kinds = VALUE_KINDS;
    if ((header->wanted & PT_WANT_NATIVE) == 0) {
        builder->value_kinds -= NATIVE_KINDS;
    }
    intern(builder, "", 0);
    add_program(builder, header->command);
    while (!builder->has_failed &&
           pt_fullstacks_next(&builder->stacks, &at, &stack)) {
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
    int code = pt_fullstacks_init(&builder.stacks, request->dossier,
                                  &request->filter);

    if (code != PT_OK) {
        return code;
    }
    pt_arena_init(&builder.arena);
    code = pt_framelist_init(&builder.frames, &builder.stacks);
    if (code == PT_OK) {
        code = pt_idmap_init(&builder.texts);
    }
    if (code == PT_OK) {
        code = pt_idmap_init(&builder.function_map);
    }
    if (code == PT_OK) {
        code = build(&builder, request);
    }
    pt_idmap_release(&builder.function_map);
    pt_idmap_release(&builder.texts);
    pt_framelist_release(&builder.frames);
    pt_rawmem_free(builder.text);
    pt_rawmem_free(builder.sample);
    pt_rawmem_free(builder.function);
    pt_arena_release(&builder.arena);
    pt_fullstacks_release(&builder.stacks);
    return code;
}
