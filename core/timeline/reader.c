/* SPDX-License-Identifier: MIT */
/* reader.c - opening a recording and checking every access. */
#include "core/timeline/reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/rawmem.h"
#include "core/timeline/pieces.h"
#include "core/timeline/residency.h"
#include "core/timeline/segment.h"

/* One segment of one process: its pieces, in order, within reader->pieces. */
struct view {
    uint32_t first;
    uint32_t count;
};

struct pt_reader {
    int fd;
    struct pt_header header;
    struct pt_pieces pieces;
    struct view *view;               // PT_SEGMENT_END for each process
    struct pt_residency *residency;  // NULL when the items are private
    char name[256];
};

static int
read_header(struct pt_reader *reader, uint64_t file_bytes, struct pt_err *err)
{
    struct pt_header *header = &reader->header;
    ssize_t got;

    do {
        got = pread(reader->fd, header, sizeof(*header), 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return pt_err_set(err, PT_ERR_IO, "cannot read '%s': %s", reader->name,
                          strerror(errno));
    }
    if (file_bytes == 0) {  // the header is the first that is written
        return pt_err_set(err, PT_ERR_FORMAT,
                          "nothing was recorded in '%s': it is empty",
                          reader->name);
    }
    if (file_bytes < PT_HEADER_BYTES || got != sizeof(*header) ||
        memcmp(header->magic, PT_MAGIC, 8) != 0) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "'%s' is not a pytrace recording; make one with "
                          "pytrace -o FILE",
                          reader->name);
    }
    return PT_OK;
}

static int
check_header(struct pt_reader *reader, struct pt_err *err)
{
    struct pt_header *header = &reader->header;

    if (header->byte_order != PT_BYTE_ORDER) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "'%s' was written on a machine of the other byte "
                          "order; read it on one like that",
                          reader->name);
    }
    if (header->version != PT_FORMAT_VERSION) {
        return pt_err_set(err, PT_ERR_VERSION,
                          "'%s' has format version %u, this pytrace reads %u; "
                          "use the pytrace that wrote it",
                          reader->name, header->version, PT_FORMAT_VERSION);
    }
    if (header->align_bytes < PT_HEADER_BYTES ||
        (header->align_bytes & (header->align_bytes - 1)) != 0 ||
        header->align_bytes > (1u << 20)) {
        return pt_err_set(err, PT_ERR_CORRUPT,
                          "'%s' is damaged: its header says extents of %u "
                          "bytes",
                          reader->name, header->align_bytes);
    }
    header->command[sizeof(header->command) - 1] = '\0';
    header->command[sizeof(header->command) - 2] = '\0';
    header->directory[sizeof(header->directory) - 1] = '\0';
    header->engine[sizeof(header->engine) - 1] = '\0';
    return PT_OK;
}

static int
make_views(struct pt_reader *reader)
{
    const struct pt_pieces *pieces = &reader->pieces;

    if (pieces->processes == 0) {
        return PT_OK;
    }
    reader->view = pt_rawmem_array((size_t)pieces->processes * PT_SEGMENT_END,
                                   sizeof(struct view));
    if (reader->view == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < pieces->count; i++) {
        const struct pt_piece *piece = &pieces->piece[i];
        struct view *view =
            &reader->view[piece->process * PT_SEGMENT_END + piece->segment];

        if (view->count == 0) {
            view->first = i;
        }
        view->count++;
    }
    return PT_OK;
}

static int
read_all(struct pt_reader *reader, struct pt_err *err)
{
    struct stat status;
    uint64_t file_bytes;
    int code;

    if (fstat(reader->fd, &status) != 0) {
        return pt_err_set(err, PT_ERR_IO, "cannot read '%s': %s", reader->name,
                          strerror(errno));
    }
    file_bytes = status.st_size > 0 ? (uint64_t)status.st_size : 0;
    code = read_header(reader, file_bytes, err);
    if (code == PT_OK) {
        code = check_header(reader, err);
    }
    if (code != PT_OK) {
        return code;
    }
    code = pt_pieces_find(&reader->pieces, reader->fd, file_bytes,
                          reader->header.align_bytes);
    if (code == PT_OK) {
        code = make_views(reader);
    }
    if (code == PT_ERR_NOMEM) {
        pt_err_set(err, code, "out of memory reading '%s'", reader->name);
    }
    else if (code != PT_OK) {
        pt_err_set(err, code, "cannot read '%s': %s", reader->name,
                   strerror(errno));
    }
    return code;
}

int
pt_reader_open(struct pt_reader **result, int fd, const char *name,
               struct pt_err *err)
{
    struct pt_reader *reader = pt_rawmem_array(1, sizeof(*reader));
    int code;

    *result = NULL;
    if (reader == NULL) {
        return pt_err_set(err, PT_ERR_NOMEM, "out of memory reading '%s'",
                          name);
    }
    strncpy(reader->name, name, sizeof(reader->name) - 1);
    reader->fd = fd;
    reader->residency = pt_rawmem_array(1, sizeof(*reader->residency));
    code = reader->residency != NULL
               ? read_all(reader, err)
               : pt_err_set(err, PT_ERR_NOMEM, "out of memory reading '%s'",
                            name);
    if (code != PT_OK) {
        pt_reader_close(reader);
        return code;
    }
    *result = reader;
    return PT_OK;
}

void
pt_reader_close(struct pt_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    pt_pieces_release(&reader->pieces);
    pt_rawmem_free(reader->view);
    pt_rawmem_free(reader->residency);
    pt_rawmem_free(reader);
}

const struct pt_header *
pt_reader_header(const struct pt_reader *reader)
{
    return &reader->header;
}

int
pt_reader_has_grown(const struct pt_reader *reader)
{
    uint64_t end = 0;
    ssize_t got;

    do {
        got = pread(reader->fd, &end, sizeof(end),
                    offsetof(struct pt_header, file_end));
    } while (got < 0 && errno == EINTR);
    return got == sizeof(end) && end != atomic_load(&reader->header.file_end);
}

uint32_t
pt_reader_processes(const struct pt_reader *reader)
{
    return reader->pieces.processes;
}

int
pt_reader_fd(const struct pt_reader *reader)
{
    return reader->fd;
}

const struct pt_piece *
pt_reader_pieces(const struct pt_reader *reader, uint32_t process,
                 uint32_t segment, uint32_t *count)
{
    const struct view *view;

    *count = 0;
    if (process >= reader->pieces.processes || segment >= PT_SEGMENT_END) {
        return NULL;
    }
    view = &reader->view[process * PT_SEGMENT_END + segment];
    *count = view->count;
    return &reader->pieces.piece[view->first];
}

int
pt_reader_own(struct pt_reader *reader)
{
    int code = pt_pieces_own(&reader->pieces, reader->fd);

    if (reader->pieces.is_private) {
        pt_rawmem_free(reader->residency);
        reader->residency = NULL;
    }
    return code;
}

void
pt_reader_hide(struct pt_reader *reader, uint32_t process)
{
    reader->view[process * PT_SEGMENT_END + PT_SEGMENT_PROCESS].count = 0;
}

void
pt_reader_forget(struct pt_reader *reader, uint32_t wanted)
{
    reader->header.wanted &= ~wanted;
}

uint32_t
pt_reader_extents(const struct pt_reader *reader)
{
    return reader->pieces.count;
}

struct pt_reader_extent
pt_reader_extent(const struct pt_reader *reader, uint32_t i)
{
    const struct pt_piece *piece = &reader->pieces.piece[i];

    return (struct pt_reader_extent){.offset = piece->offset -
                                               sizeof(struct pt_extent),
                                     .bytes = piece->extent_bytes,
                                     .payload_bytes = piece->payload_bytes,
                                     .process = piece->process,
                                     .segment = piece->segment,
                                     .first_item = piece->first_item};
}

/* The last of some sorted pieces that starts at or before `place`, or NULL. */
static const struct pt_piece *
piece_before(const struct pt_piece *piece, uint32_t count, uint64_t place)
{
    uint32_t low = 0;

    while (low < count) {
        uint32_t middle = low + (count - low) / 2;

        if (piece[middle].start > place) {
            count = middle;
        }
        else {
            low = middle + 1;
        }
    }
    return low != 0 ? &piece[low - 1] : NULL;
}

/* Keep what is mapped of a large file from filling the memory. */
static void
note_look(const struct pt_reader *reader, uint64_t offset)
{
    struct pt_residency *residency = reader->residency;

    if (residency != NULL && pt_residency_touch(residency, offset)) {
        pt_pieces_let_go(&reader->pieces);
        memset(residency, 0, sizeof(*residency));
    }
}

/* The bytes at `place` of a segment, and in *left how many follow there. */
static const char *
bytes_at(const struct pt_reader *reader, uint32_t process,
         enum pt_segment segment, uint64_t place, uint64_t *left)
{
    const struct pt_piece *piece;
    uint32_t count;

    *left = 0;
    piece = pt_reader_pieces(reader, process, segment, &count);
    piece = piece_before(piece, count, place);
    if (piece == NULL || place - piece->start >= piece->payload_bytes) {
        return NULL;
    }
    note_look(reader, piece->offset + (place - piece->start));
    *left = piece->payload_bytes - (place - piece->start);
    return piece->payload + (place - piece->start);
}

const struct pt_process *
pt_reader_process(const struct pt_reader *reader, uint32_t process)
{
    uint64_t left;
    const struct pt_process *record =
        (const void *)bytes_at(reader, process, PT_SEGMENT_PROCESS, 0, &left);

    // Those who have the record find the rest of the process by its number.
    return left >= sizeof(*record) && record->number == process ? record
                                                                : NULL;
}

const struct pt_run *
pt_reader_run(const struct pt_reader *reader, uint32_t process)
{
    uint64_t left;
    const char *at = bytes_at(reader, process, PT_SEGMENT_RUN, 0, &left);

    return left >= sizeof(struct pt_run) ? (const void *)at : NULL;
}

uint32_t
pt_reader_items(const struct pt_reader *reader, uint32_t process,
                enum pt_segment segment)
{
    const struct pt_process *record = pt_reader_process(reader, process);
    const struct pt_piece *pieces, *last;
    uint32_t count;
    uint64_t items;
    uint32_t used;

    if (record == NULL || segment <= PT_SEGMENT_PROCESS ||
        segment >= PT_SEGMENT_COUNT) {
        return 0;
    }
    pieces = pt_reader_pieces(reader, process, segment, &count);
    if (count == 0) {
        return 0;
    }
    last = &pieces[count - 1];
    items =
        (last->start + last->payload_bytes) / pt_segment_item_bytes(segment);
    used = atomic_load_explicit(&record->items[segment], memory_order_acquire);
    return used < items ? used : (uint32_t)items;
}

const void *
pt_reader_item(const struct pt_reader *reader, uint32_t process,
               enum pt_segment segment, uint32_t index)
{
    uint32_t size = pt_segment_item_bytes(segment);
    uint64_t left;
    const char *at;

    if (index == 0 || size == 0 || segment == PT_SEGMENT_PROCESS) {
        return NULL;
    }
    at = bytes_at(reader, process, segment, (uint64_t)index * size, &left);
    return left >= size ? at : NULL;
}

int
pt_reader_copy(const struct pt_reader *reader, uint32_t process,
               enum pt_segment segment, uint32_t index, void *item,
               size_t bytes)
{
    const void *found = pt_reader_item(reader, process, segment, index);

    if (found != NULL) {
        memcpy(item, found, bytes);
    }
    return found != NULL;
}

const char *
pt_reader_text(const struct pt_reader *reader, uint32_t process, uint32_t id,
               size_t *bytes)
{
    uint64_t left;
    uint32_t length;
    const char *at = bytes_at(reader, process, PT_SEGMENT_TEXT, id, &left);

    *bytes = 0;
    if (id == 0 || (id & 3u) != 0 || left < sizeof(length)) {
        return "";
    }
    memcpy(&length, at, sizeof(length));
    if (length > left - sizeof(length)) {
        return "";
    }
    *bytes = length;
    return at + sizeof(length);
}
