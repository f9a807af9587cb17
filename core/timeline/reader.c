/* SPDX-License-Identifier: MIT */
/* reader.c - finding the extents of a recording and checking every access. */
#include "core/timeline/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/rawmem.h"

#define PROCESSES_MAX 100000u

struct piece {
    uint32_t process;
    uint32_t segment;
    uint64_t start;  // place in the segment, in bytes
    uint64_t payload_bytes;
    const char *payload;
};

/* One segment of one process: its pieces, in order, within reader->piece. */
struct view {
    uint32_t first;
    uint32_t count;
};

struct pt_reader {
    const char *map;
    uint64_t map_bytes;
    struct pt_header header;
    struct piece *piece;  // sorted by process, segment, start
    uint32_t pieces;
    uint32_t room;
    struct view *view;  // PT_SEGMENT_COUNT for each process
    uint32_t processes;
    char name[256];
};

static const uint32_t item_bytes_of[PT_SEGMENT_COUNT] = {
    [PT_SEGMENT_PROCESS] = sizeof(struct pt_process),
    [PT_SEGMENT_TEXT] = 1,
    [PT_SEGMENT_FILE] = sizeof(struct pt_source),
    [PT_SEGMENT_CODE] = sizeof(struct pt_code),
    [PT_SEGMENT_COUNTER] = sizeof(uint64_t),
    [PT_SEGMENT_TERM] = sizeof(struct pt_term),
    [PT_SEGMENT_NODE] = sizeof(struct pt_node),
    [PT_SEGMENT_PAIR] = sizeof(struct pt_pair),
};

static int
check_header(struct pt_reader *reader, struct pt_err *err)
{
    struct pt_header *header = &reader->header;

    if (reader->map_bytes < PT_HEADER_BYTES ||
        memcmp(reader->map, PT_MAGIC, 8) != 0) {
        return pt_err_set(err, PT_ERR_FORMAT,
                          "'%s' is not a pytrace recording; make one with "
                          "pytrace -o FILE",
                          reader->name);
    }
    memcpy(header, reader->map, sizeof(*header));
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
add_piece(struct pt_reader *reader, const struct pt_extent *extent,
          const char *payload)
{
    struct piece *piece;

    if (reader->pieces == reader->room) {
        uint32_t room = reader->room != 0 ? reader->room * 2 : 64;

        piece = pt_rawmem_resize(reader->piece, room, sizeof(*piece));
        if (piece == NULL) {
            return PT_ERR_NOMEM;
        }
        reader->piece = piece;
        reader->room = room;
    }
    reader->piece[reader->pieces++] = (struct piece){
        extent->process, extent->segment,
        (uint64_t)extent->first_item * item_bytes_of[extent->segment],
        extent->payload_bytes, payload};
    if (extent->process >= reader->processes) {
        reader->processes = extent->process + 1;
    }
    return PT_OK;
}

static int
extent_holds(const struct pt_reader *reader, const struct pt_extent *extent,
             uint64_t offset)
{
    return extent->magic == PT_EXTENT_MAGIC && extent->offset == offset &&
           extent->check == pt_extent_check(extent) &&
           extent->segment < PT_SEGMENT_COUNT &&
           extent->process < PROCESSES_MAX &&
           extent->first_item < PT_ITEMS_MAX && extent->bytes != 0 &&
           extent->bytes % reader->header.align_bytes == 0 &&
           extent->bytes <= reader->map_bytes - offset &&
           extent->payload_bytes <= extent->bytes - sizeof(*extent);
}

/* Walk the extents. Where none stands (a process died between taking space and
 * describing it) the next may start at any multiple of align_bytes. */
static int
find_extents(struct pt_reader *reader)
{
    uint64_t align = reader->header.align_bytes;
    uint64_t offset = align;

    while (offset < reader->map_bytes &&
           reader->map_bytes - offset >= sizeof(struct pt_extent)) {
        struct pt_extent extent;

        memcpy(&extent, reader->map + offset, sizeof(extent));
        if (!extent_holds(reader, &extent, offset)) {
            offset += align;
            continue;
        }
        if (add_piece(reader, &extent,
                      reader->map + offset + sizeof(extent)) != PT_OK) {
            return PT_ERR_NOMEM;
        }
        offset += extent.bytes;
    }
    return PT_OK;
}

static int
compare_pieces(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;

    if (a->process != b->process) {
        return a->process < b->process ? -1 : 1;
    }
    if (a->segment != b->segment) {
        return a->segment < b->segment ? -1 : 1;
    }
    return a->start < b->start ? -1 : a->start > b->start;
}

static int
make_views(struct pt_reader *reader)
{
    if (reader->processes == 0) {
        return PT_OK;
    }
    reader->view = pt_rawmem_array(
        (size_t)reader->processes * PT_SEGMENT_COUNT, sizeof(struct view));
    if (reader->view == NULL) {
        return PT_ERR_NOMEM;
    }
    qsort(reader->piece, reader->pieces, sizeof(struct piece), compare_pieces);
    for (uint32_t i = 0; i < reader->pieces; i++) {
        const struct piece *piece = &reader->piece[i];
        struct view *view =
            &reader->view[piece->process * PT_SEGMENT_COUNT + piece->segment];

        if (view->count == 0) {
            view->first = i;
        }
        view->count++;
    }
    return PT_OK;
}

int
pt_reader_open(struct pt_reader **result, int fd, const char *name,
               struct pt_err *err)
{
    struct pt_reader *reader = pt_rawmem_array(1, sizeof(*reader));
    struct stat status;
    void *map;
    int code;

    *result = NULL;
    if (reader == NULL) {
        return pt_err_set(err, PT_ERR_NOMEM, "out of memory reading '%s'",
                          name);
    }
    strncpy(reader->name, name, sizeof(reader->name) - 1);
    if (fstat(fd, &status) != 0) {
        code = pt_err_set(err, PT_ERR_IO, "cannot read '%s': %s", name,
                          strerror(errno));
        goto done;
    }
    reader->map_bytes = (uint64_t)status.st_size;
    map = reader->map_bytes != 0
              ? mmap(NULL, reader->map_bytes, PROT_READ, MAP_SHARED, fd, 0)
              : NULL;
    if (map == MAP_FAILED) {
        code = pt_err_set(err, PT_ERR_IO, "cannot read '%s': %s", name,
                          strerror(errno));
        goto done;
    }
    reader->map = map;
    code = check_header(reader, err);
    if (code != PT_OK) {
        goto done;
    }
    code = find_extents(reader);
    if (code == PT_OK) {
        code = make_views(reader);
    }
    if (code != PT_OK) {
        pt_err_set(err, code, "out of memory reading '%s'", name);
    }
done:
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
    if (reader->map != NULL) {
        munmap((void *)reader->map, reader->map_bytes);
    }
    pt_rawmem_free(reader->piece);
    pt_rawmem_free(reader->view);
    pt_rawmem_free(reader);
}

const struct pt_header *
pt_reader_header(const struct pt_reader *reader)
{
    return &reader->header;
}

uint32_t
pt_reader_processes(const struct pt_reader *reader)
{
    return reader->processes;
}

uint32_t
pt_reader_item_bytes(uint32_t segment)
{
    return segment < PT_SEGMENT_COUNT ? item_bytes_of[segment] : 0;
}

uint32_t
pt_reader_extents(const struct pt_reader *reader)
{
    return reader->pieces;
}

struct pt_reader_extent
pt_reader_extent(const struct pt_reader *reader, uint32_t i)
{
    const struct piece *piece = &reader->piece[i];
    struct pt_extent extent;

    memcpy(&extent, piece->payload - sizeof(extent), sizeof(extent));
    return (struct pt_reader_extent){
        .offset = (uint64_t)(piece->payload - sizeof(extent) - reader->map),
        .bytes = extent.bytes,
        .payload_bytes = piece->payload_bytes,
        .process = piece->process,
        .segment = piece->segment,
        .first_item = extent.first_item};
}

/* The last of some sorted pieces that starts at or before `place`, or NULL. */
static const struct piece *
piece_before(const struct piece *piece, uint32_t count, uint64_t place)
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

/* The bytes at `place` of a segment, and in *left how many follow there. */
static const char *
bytes_at(const struct pt_reader *reader, uint32_t process,
         enum pt_segment segment, uint64_t place, uint64_t *left)
{
    const struct view *view;
    const struct piece *piece;

    *left = 0;
    if (process >= reader->processes || segment >= PT_SEGMENT_COUNT) {
        return NULL;
    }
    view = &reader->view[process * PT_SEGMENT_COUNT + segment];
    piece = piece_before(&reader->piece[view->first], view->count, place);
    if (piece == NULL || place - piece->start >= piece->payload_bytes) {
        return NULL;
    }
    *left = piece->payload_bytes - (place - piece->start);
    return piece->payload + (place - piece->start);
}

const struct pt_process *
pt_reader_process(const struct pt_reader *reader, uint32_t process)
{
    uint64_t left;
    const char *at = bytes_at(reader, process, PT_SEGMENT_PROCESS, 0, &left);

    return left >= sizeof(struct pt_process) ? (const void *)at : NULL;
}

uint32_t
pt_reader_items(const struct pt_reader *reader, uint32_t process,
                enum pt_segment segment)
{
    const struct pt_process *record = pt_reader_process(reader, process);
    const struct view *view;
    const struct piece *last;
    uint64_t items;
    uint32_t used;

    if (record == NULL || segment <= PT_SEGMENT_PROCESS ||
        segment >= PT_SEGMENT_COUNT) {
        return 0;
    }
    view = &reader->view[process * PT_SEGMENT_COUNT + segment];
    if (view->count == 0) {
        return 0;
    }
    last = &reader->piece[view->first + view->count - 1];
    items = (last->start + last->payload_bytes) / item_bytes_of[segment];
    used = atomic_load_explicit(&record->items[segment], memory_order_acquire);
    return used < items ? used : (uint32_t)items;
}

const void *
pt_reader_item(const struct pt_reader *reader, uint32_t process,
               enum pt_segment segment, uint32_t index)
{
    uint32_t size = segment < PT_SEGMENT_COUNT ? item_bytes_of[segment] : 0;
    uint64_t left;
    const char *at;

    if (index == 0 || size == 0 || segment == PT_SEGMENT_PROCESS) {
        return NULL;
    }
    at = bytes_at(reader, process, segment, (uint64_t)index * size, &left);
    return left >= size ? at : NULL;
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
