/* SPDX-License-Identifier: MIT */
/* merger.c - headers, and the extents of one process after the other. */
#include "core/timeline/merger.h"

#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/timeline/pieces.h"
#include "core/timeline/repack.h"
#include "core/timeline/segment.h"

/* One process on its way. */
struct passage {
    struct pt_merger *merger;
    const struct pt_reader *reader;
    const char *name;  // of the recording
    const char *tree;  // or NULL
    uint32_t process;
    uint32_t number;  // in the new recording
    uint64_t shift_ns;
    struct pt_process record;
    struct pt_run run;
    struct pt_buf texts;  // new ones, behind its own
    struct pt_buf copy;   // of a payload that is changed
};

/* What to add to times of a run for its place on the clock of the whole. */
static uint64_t
shift_of(const struct pt_header *whole, const struct pt_header *header)
{
    return header->start_unix_ns - whole->start_unix_ns + whole->start_ns -
           header->start_ns;
}

void
pt_merger_plan(struct pt_header *header, const struct pt_reader *const *reader,
               uint32_t count)
{
    const struct pt_header *first = pt_reader_header(reader[0]);

    *header = *first;
    for (uint32_t i = 1; i < count; i++) {
        const struct pt_header *other = pt_reader_header(reader[i]);

        if (other->start_unix_ns < header->start_unix_ns) {
            header->start_unix_ns = other->start_unix_ns;
            header->start_ns = other->start_ns;
        }
    }
    // The starts of the others may be earlier on their own clocks.
    header->end_ns = first->end_ns + shift_of(header, first);
    for (uint32_t i = 1; i < count; i++) {
        const struct pt_header *other = pt_reader_header(reader[i]);
        uint64_t end_ns = other->end_ns + shift_of(header, other);

        header->wanted |= other->wanted;
        header->ended &= other->ended;
        header->end_ns = end_ns > header->end_ns ? end_ns : header->end_ns;
        if (header->exit_status == 0 && header->exit_signal == 0) {
            header->exit_status = other->exit_status;
            header->exit_signal = other->exit_signal;
        }
        if (other->snapshots > header->snapshots) {
            atomic_store(&header->snapshots, other->snapshots);
        }
        if (memcmp(header->engine, other->engine, sizeof(other->engine)) !=
            0) {
            memset(header->engine, 0, sizeof(header->engine));
        }
        // That there is a limit matters to readers, not which.
        header->ring_bytes |= other->ring_bytes;
        header->last_ns |= other->last_ns;
    }
    header->align_bytes = PT_HEADER_BYTES;
    header->supervisor_pid = 0;
    // Pages of events have rates of their own.
    header->tick_kind = PT_TICK_NS;
    header->tick_shift = 0;
    header->start_ticks = header->start_ns;
    atomic_store(&header->latest_ns, 0);
    atomic_store(&header->latest_ticks, 0);
}

static int
write_zeros(int fd, uint64_t count)
{
    static const char zeros[PT_HEADER_BYTES];

    return pt_file_write(fd, zeros, (size_t)count);
}

int
pt_merger_begin(struct pt_merger *merger, int fd,
                const struct pt_header *header)
{
    *merger =
        (struct pt_merger){.fd = fd, .header = *header, .at = PT_HEADER_BYTES};
    return write_zeros(fd, PT_HEADER_BYTES);
}

int
pt_merger_extent(struct pt_merger *merger, enum pt_segment segment,
                 uint32_t number, uint32_t first_item, const void *payload,
                 uint64_t payload_bytes)
{
    uint64_t used = sizeof(struct pt_extent) + payload_bytes;
    uint64_t bytes =
        (used + PT_HEADER_BYTES - 1) & ~(uint64_t)(PT_HEADER_BYTES - 1);
    struct pt_extent extent = {.magic = PT_EXTENT_MAGIC,
                               .segment = segment,
                               .process = number,
                               .first_item = first_item,
                               .offset = merger->at,
                               .bytes = bytes,
                               .payload_bytes = payload_bytes};
    int code;

    atomic_store(&extent.check, pt_extent_check(&extent));
    code = pt_file_write(merger->fd, &extent, sizeof(extent));
    if (code == PT_OK) {
        code = pt_file_write(merger->fd, payload, (size_t)payload_bytes);
    }
    if (code == PT_OK) {
        code = write_zeros(merger->fd, bytes - used);
    }
    merger->at += bytes;
    return code;
}

// -- New texts ---------------------------------------------------------------

/* Add a text: its id. */
static uint32_t
add_text(struct passage *passage, const void *bytes, size_t count)
{
    static const char padding[4];
    uint32_t id =
        passage->record.items[PT_SEGMENT_TEXT] + (uint32_t)passage->texts.used;
    uint32_t length = (uint32_t)count;

    pt_buf_add(&passage->texts, &length, sizeof(length));
    pt_buf_add(&passage->texts, bytes, count);
    pt_buf_add(&passage->texts, padding, -count & 3);
    return id;
}

/* The bytes of the command's words with what ends them. */
static size_t
command_bytes(const struct pt_header *header)
{
    const char *word = header->command;

    while (*word != '\0') {
        word += strlen(word) + 1;
    }
    return (size_t)(word - header->command);
}

/* Where the process comes from, if that is not known from an earlier time. */
static void
make_run(struct passage *passage)
{
    const struct pt_header *header = pt_reader_header(passage->reader);
    const struct pt_run *known =
        pt_reader_run(passage->reader, passage->process);
    const char *directory = passage->tree != NULL ? passage->tree
                                                  : header->directory;

    if (known != NULL) {
        passage->run = *known;
        passage->run.start_ns += passage->shift_ns;
        passage->run.end_ns += passage->shift_ns;
        return;
    }
    passage->run =
        (struct pt_run){.wanted = header->wanted,
                        .start_unix_ns = header->start_unix_ns,
                        .start_ns = header->start_ns + passage->shift_ns,
                        .end_ns = header->end_ns + passage->shift_ns,
                        .ended = header->ended,
                        .exit_status = header->exit_status,
                        .exit_signal = header->exit_signal};
    passage->run.name =
        add_text(passage, passage->name, strlen(passage->name));
    passage->run.command =
        add_text(passage, header->command, command_bytes(header));
    passage->run.directory = add_text(passage, directory, strlen(directory));
}

/* A relative path was one in its run's own directory. What is no path of a
 * file ("<string>") stays as it is. */
static void
move_source(struct passage *passage, struct pt_source *source)
{
    const char *own = pt_reader_header(passage->reader)->directory;
    const char *tree = passage->tree != NULL ? passage->tree : own;
    size_t bytes, length = strlen(own), skip = 0;
    const char *path = pt_reader_text(passage->reader, passage->process,
                                      source->path, &bytes);
    struct pt_buf moved = PT_BUF_INIT;

    if (bytes == 0 || path[0] == '<' ||
        (strcmp(own, passage->merger->header.directory) == 0 &&
         strcmp(own, tree) == 0)) {
        return;
    }
    if (path[0] == '/') {
        if (bytes <= length || memcmp(path, own, length) != 0 ||
            path[length] != '/' || tree == own) {
            return;
        }
        skip = length + 1;
    }
    pt_buf_add_text(&moved, tree);
    pt_buf_add_char(&moved, '/');
    pt_buf_add(&moved, path + skip, bytes - skip);
    source->path = add_text(passage, pt_buf_text(&moved), moved.used);
    passage->texts.failed |= moved.failed;
    pt_buf_release(&moved);
}

// -- Segments ----------------------------------------------------------------

/* Items of a payload that are not copied as they are. */
static void
change_item(struct passage *passage, uint32_t segment, void *item)
{
    uint64_t shift_ns = passage->shift_ns;

    if (segment == PT_SEGMENT_FILE) {
        move_source(passage, item);
    }
    else if (segment == PT_SEGMENT_CLOCK) {
        struct pt_clock *clock = item;

        clock->first_ns += shift_ns;
        clock->since_ns += shift_ns;
    }
    else if (segment == PT_SEGMENT_MOMENT) {
        struct pt_moment *moment = item;

        moment->at_ns += moment->at_ns != 0 ? shift_ns : 0;
    }
    else if (segment == PT_SEGMENT_SAMPLE) {
        struct pt_sample *sample = item;

        sample->time_ns += sample->time_ns != 0 ? shift_ns : 0;
    }
}

static void
change_payload(struct passage *passage, uint32_t segment, char *payload,
               uint64_t bytes)
{
    uint32_t item_bytes = segment == PT_SEGMENT_SAMPLE
                              ? (uint32_t)sizeof(struct pt_sample)
                              : pt_segment_item_bytes(segment);

    if (segment == PT_SEGMENT_STREAM) {
        pt_repack_page(payload, bytes, passage->shift_ns,
                       pt_reader_header(passage->reader));
        return;
    }
    for (uint64_t at = 0; at + item_bytes <= bytes; at += item_bytes) {
        change_item(passage, segment, payload + at);
    }
}

static int
is_changed(uint32_t segment)
{
    return segment == PT_SEGMENT_FILE || segment == PT_SEGMENT_CLOCK ||
           segment == PT_SEGMENT_MOMENT || segment == PT_SEGMENT_SAMPLE ||
           segment == PT_SEGMENT_STREAM;
}

/* Of an array only what is in use; chunks are larger. */
static uint64_t
bytes_in_use(const struct passage *passage, const struct pt_piece *piece)
{
    uint64_t used;

    if (piece->segment >= PT_SEGMENT_COUNT) {
        return piece->payload_bytes;
    }
    used = (uint64_t)passage->record.items[piece->segment] *
           pt_segment_item_bytes(piece->segment);
    used = used > piece->start ? used - piece->start : 0;
    return used < piece->payload_bytes ? used : piece->payload_bytes;
}

static int
copy_piece(struct passage *passage, const struct pt_piece *piece)
{
    uint64_t bytes = bytes_in_use(passage, piece);
    const char *payload = piece->payload;

    if (bytes == 0) {
        return PT_OK;
    }
    if (is_changed(piece->segment)) {
        pt_buf_reset(&passage->copy);
        pt_buf_add(&passage->copy, payload, bytes);
        if (pt_buf_check(&passage->copy) != PT_OK) {
            return PT_ERR_NOMEM;
        }
        change_payload(passage, piece->segment, passage->copy.data, bytes);
        payload = passage->copy.data;
    }
    return pt_merger_extent(passage->merger, piece->segment, passage->number,
                            piece->first_item, payload, bytes);
}

static int
copy_segment(struct passage *passage, uint32_t segment)
{
    uint32_t count;
    const struct pt_piece *piece =
        pt_reader_pieces(passage->reader, passage->process, segment, &count);
    int code = PT_OK;

    for (uint32_t i = 0; i < count && code == PT_OK; i++) {
        code = copy_piece(passage, &piece[i]);
    }
    return code;
}

/* The record comes last, as the new texts are counted in it. */
static int
finish_process(struct passage *passage)
{
    struct pt_merger *merger = passage->merger;
    _Atomic uint32_t *texts = &passage->record.items[PT_SEGMENT_TEXT];
    int code = pt_buf_check(&passage->texts);

    if (code == PT_OK && passage->texts.used != 0) {
        code =
            pt_merger_extent(merger, PT_SEGMENT_TEXT, passage->number, *texts,
                             passage->texts.data, passage->texts.used);
        *texts += (uint32_t)passage->texts.used;
    }
    if (code == PT_OK) {
        code = pt_merger_extent(merger, PT_SEGMENT_RUN, passage->number, 0,
                                &passage->run, sizeof(passage->run));
    }
    return code == PT_OK
               ? pt_merger_extent(merger, PT_SEGMENT_PROCESS, passage->number,
                                  0, &passage->record, sizeof(passage->record))
               : code;
}

static int
copy_process(struct passage *passage)
{
    int code = PT_OK;

    make_run(passage);
    for (uint32_t i = PT_SEGMENT_TEXT; i < PT_SEGMENT_COUNT && code == PT_OK;
         i++) {
        code = copy_segment(passage, i);
    }
    if (code == PT_OK) {
        code = copy_segment(passage, PT_SEGMENT_STREAM);
    }
    if (code == PT_OK) {
        code = copy_segment(passage, PT_SEGMENT_SAMPLE);
    }
    if (code == PT_OK) {
        code =
            pt_repack_copy(passage->merger, passage->reader, passage->process,
                           passage->number, passage->shift_ns);
    }
    if (code == PT_OK) {
        code = finish_process(passage);
    }
    pt_buf_release(&passage->texts);
    pt_buf_release(&passage->copy);
    return code;
}

/* The record as it will stand. A process that was cut short ended with its
 * run, which is not seen any more from the header of the whole. */
static void
take_record(struct passage *passage, const struct pt_process *record)
{
    const struct pt_header *header = pt_reader_header(passage->reader);
    struct pt_process *copy = &passage->record;

    *copy = *record;
    copy->number = passage->number;
    copy->parent = record->parent + passage->number - passage->process;
    copy->start_ns += passage->shift_ns;
    copy->end_ns = copy->end_ns != 0 ? copy->end_ns : header->end_ns;
    copy->end_ns += copy->end_ns != 0 ? passage->shift_ns : 0;
    copy->items[PT_SEGMENT_TEXT] = (copy->items[PT_SEGMENT_TEXT] + 3u) & ~3u;
}

int
pt_merger_add(struct pt_merger *merger, const struct pt_reader *reader,
              const char *name, const char *tree)
{
    uint32_t processes = pt_reader_processes(reader);
    int code = PT_OK;

    if (processes > PT_PROCESSES_MAX - merger->processes) {
        return PT_ERR_RANGE;
    }
    for (uint32_t i = 0; i < processes && code == PT_OK; i++) {
        const struct pt_process *record = pt_reader_process(reader, i);
        struct passage passage = {
            .merger = merger,
            .reader = reader,
            .name = name,
            .tree = tree,
            .process = i,
            .number = merger->processes + i,
            .shift_ns = shift_of(&merger->header, pt_reader_header(reader)),
        };

        if (record != NULL) {
            take_record(&passage, record);
            code = copy_process(&passage);
        }
    }
    merger->processes += processes;
    return code;
}

int
pt_merger_end(struct pt_merger *merger)
{
    atomic_store(&merger->header.file_end, merger->at);
    atomic_store(&merger->header.processes, merger->processes);
    if (lseek(merger->fd, 0, SEEK_SET) < 0) {
        return PT_ERR_IO;
    }
    return pt_file_write(merger->fd, &merger->header, sizeof(merger->header));
}
