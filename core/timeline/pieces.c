/* SPDX-License-Identifier: MIT */
/* pieces.c - walking the extents, mapping those that are arrays. */
#include "core/timeline/pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/rawmem.h"
#include "core/timeline/segment.h"

#define PRIVATE_BYTES_MAX (UINT64_C(64) << 20)

/* One walk, and the neighbouring arrays that will share a window. */
struct walk {
    struct pt_pieces *pieces;
    int fd;
    uint64_t file_bytes;
    uint32_t align_bytes;
    uint64_t window_start;
    uint64_t window_end;    // equal to its start: there is none
    uint32_t window_piece;  // first of its pieces
};

/* Room for one more item in a growing array. */
static int
make_room(void **items, uint32_t used, uint32_t *room, size_t item_bytes)
{
    uint32_t wanted = *room != 0 ? *room * 2 : 64;
    void *grown;

    if (used < *room) {
        return PT_OK;
    }
    grown = pt_rawmem_resize(*items, wanted, item_bytes);
    if (grown == NULL) {
        return PT_ERR_NOMEM;
    }
    *items = grown;
    *room = wanted;
    return PT_OK;
}

static int
is_known(uint32_t segment)
{
    return segment < PT_SEGMENT_COUNT ||
           (segment >= PT_SEGMENT_SEALED && segment < PT_SEGMENT_END);
}

static int
extent_holds(const struct walk *walk, const struct pt_extent *extent,
             uint64_t offset)
{
    return extent->magic == PT_EXTENT_MAGIC && extent->offset == offset &&
           extent->check == pt_extent_check(extent) &&
           is_known(extent->segment) && extent->process < PT_PROCESSES_MAX &&
           extent->first_item < PT_ITEMS_MAX && extent->bytes != 0 &&
           extent->bytes % walk->align_bytes == 0 &&
           extent->bytes <= walk->file_bytes - offset &&
           extent->payload_bytes <= extent->bytes - sizeof(*extent);
}

static int
add_piece(struct pt_pieces *pieces, const struct pt_extent *extent)
{
    uint64_t item_bytes = pt_segment_item_bytes(extent->segment);
    int code = make_room((void **)&pieces->piece, pieces->count, &pieces->room,
                         sizeof(struct pt_piece));

    if (code != PT_OK) {
        return code;
    }
    pieces->piece[pieces->count++] = (struct pt_piece){
        .process = extent->process,
        .segment = extent->segment,
        .first_item = extent->first_item,
        .extent_bytes = extent->bytes,
        .start = extent->first_item * (item_bytes != 0 ? item_bytes : 1),
        .payload_bytes = extent->payload_bytes,
        .offset = extent->offset + sizeof(*extent)};
    if (extent->process >= pieces->processes) {
        pieces->processes = extent->process + 1;
    }
    return PT_OK;
}

/* Map the arrays passed since the window began. A mapping begins at a page of
 * this machine, which may be larger than that of the writer's. */
static int
close_window(struct walk *walk)
{
    struct pt_pieces *pieces = walk->pieces;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t start = walk->window_start & ~(page - 1);
    uint64_t bytes = walk->window_end - start;
    void *map;
    int code;

    if (walk->window_start == walk->window_end) {
        return PT_OK;
    }
    code = make_room((void **)&pieces->window, pieces->windows,
                     &pieces->window_room, sizeof(struct pt_window));
    if (code != PT_OK) {
        return code;
    }
    map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, walk->fd, (off_t)start);
    if (map == MAP_FAILED) {
        return errno == ENOMEM ? PT_ERR_NOMEM : PT_ERR_IO;
    }
    pieces->window[pieces->windows++] = (struct pt_window){map, bytes, start};
    for (uint32_t i = walk->window_piece; i < pieces->count; i++) {
        struct pt_piece *piece = &pieces->piece[i];

        piece->payload = (const char *)map + (piece->offset - start);
    }
    walk->window_start = walk->window_end = 0;
    return PT_OK;
}

static int
take_extent(struct walk *walk, const struct pt_extent *extent)
{
    int is_mapped = extent->segment != PT_SEGMENT_SEALED;
    int code = PT_OK;

    if (!is_mapped || extent->offset != walk->window_end) {
        code = close_window(walk);
    }
    if (code == PT_OK && is_mapped && walk->window_start == walk->window_end) {
        walk->window_start = extent->offset;
        walk->window_piece = walk->pieces->count;
    }
    if (code == PT_OK) {
        code = add_piece(walk->pieces, extent);
    }
    if (code == PT_OK && is_mapped) {
        walk->window_end = extent->offset + extent->bytes;
    }
    return code;
}

/* Where the next extent may be when none is at `offset`. Holes of the file are
 * leapt over, as a damaged one may say that it has terabytes. */
static uint64_t
step_over(const struct walk *walk, uint64_t offset)
{
    uint64_t next = offset + walk->align_bytes;
    off_t data = lseek(walk->fd, (off_t)next, SEEK_DATA);

    if (data < 0) {
        return errno == ENXIO ? walk->file_bytes : next;
    }
    return (uint64_t)data & ~(uint64_t)(walk->align_bytes - 1);
}

static int
walk_extents(struct walk *walk)
{
    uint64_t offset = walk->align_bytes;
    struct pt_extent extent;
    int code = PT_OK;

    while (code == PT_OK && offset < walk->file_bytes &&
           walk->file_bytes - offset >= sizeof(extent)) {
        ssize_t got = pread(walk->fd, &extent, sizeof(extent), (off_t)offset);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return PT_ERR_IO;
        }
        if (got != sizeof(extent) || !extent_holds(walk, &extent, offset)) {
            offset = step_over(walk, offset);
            continue;
        }
        code = take_extent(walk, &extent);
        offset += extent.bytes;
    }
    return code == PT_OK ? close_window(walk) : code;
}

static int
compare_pieces(const void *left, const void *right)
{
    const struct pt_piece *a = left, *b = right;

    if (a->process != b->process) {
        return a->process < b->process ? -1 : 1;
    }
    if (a->segment != b->segment) {
        return a->segment < b->segment ? -1 : 1;
    }
    return a->start < b->start ? -1 : a->start > b->start;
}

int
pt_pieces_find(struct pt_pieces *pieces, int fd, uint64_t file_bytes,
               uint32_t align_bytes)
{
    struct walk walk = {.pieces = pieces,
                        .fd = fd,
                        .file_bytes = file_bytes,
                        .align_bytes = align_bytes};
    int code;

    *pieces = (struct pt_pieces){0};
    code = walk_extents(&walk);
    if (code != PT_OK) {
        pt_pieces_release(pieces);
        return code;
    }
    if (pieces->count != 0) {
        qsort(pieces->piece, pieces->count, sizeof(struct pt_piece),
              compare_pieces);
    }
    return PT_OK;
}

/* Map all windows anew, to be written to. */
static int
remap(const struct pt_pieces *pieces, int fd, int flags)
{
    for (uint32_t i = 0; i < pieces->windows; i++) {
        const struct pt_window *window = &pieces->window[i];

        if (mmap(window->map, window->bytes, PROT_READ | PROT_WRITE,
                 flags | MAP_FIXED, fd, (off_t)window->offset) == MAP_FAILED) {
            return PT_ERR_NOMEM;
        }
    }
    return PT_OK;
}

/* A copy of what is mapped, at the same offsets of a file of ours; -1 if there
 * is no room for it. The last window may end behind the file. */
static int
copy_out(const struct pt_pieces *pieces, int fd)
{
    int copy = pt_file_temporary();
    int code = copy >= 0 ? PT_OK : PT_ERR_IO;
    struct stat status;

    if (code == PT_OK && fstat(fd, &status) != 0) {
        code = PT_ERR_IO;
    }
    for (uint32_t i = 0; i < pieces->windows && code == PT_OK; i++) {
        const struct pt_window *window = &pieces->window[i];
        uint64_t end = window->offset + window->bytes;

        if (end > (uint64_t)status.st_size) {
            end = (uint64_t)status.st_size;
        }
        // A store through a mapping must not find the disk full.
        code = pt_file_reserve(copy, window->offset, window->bytes);
        if (code == PT_OK && end > window->offset) {
            code =
                pt_file_copy(fd, copy, window->offset, end - window->offset);
        }
    }
    if (code != PT_OK && copy >= 0) {
        close(copy);
    }
    return code == PT_OK ? copy : -1;
}

static uint64_t
mapped_bytes(const struct pt_pieces *pieces)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < pieces->windows; i++) {
        bytes += pieces->window[i].bytes;
    }
    return bytes;
}

int
pt_pieces_own(struct pt_pieces *pieces, int fd)
{
    int copy = mapped_bytes(pieces) > PRIVATE_BYTES_MAX ? copy_out(pieces, fd)
                                                        : -1;
    int code;

    pieces->is_private = copy < 0;
    if (pieces->is_private) {
        return remap(pieces, fd, MAP_PRIVATE);
    }
    code = remap(pieces, copy, MAP_SHARED);
    close(copy);
    return code;
}

void
pt_pieces_let_go(const struct pt_pieces *pieces)
{
    for (uint32_t i = 0; i < pieces->windows; i++) {
        madvise(pieces->window[i].map, pieces->window[i].bytes, MADV_DONTNEED);
    }
}

void
pt_pieces_release(struct pt_pieces *pieces)
{
    for (uint32_t i = 0; i < pieces->windows; i++) {
        munmap(pieces->window[i].map, pieces->window[i].bytes);
    }
    pt_rawmem_free(pieces->window);
    pt_rawmem_free(pieces->piece);
    *pieces = (struct pt_pieces){0};
}
