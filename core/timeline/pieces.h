/* SPDX-License-Identifier: MIT */
/* pieces.h - where the extents of a recording are, as a reader finds them.
 *
 * Each piece is the payload of one extent whose head holds. Arrays are mapped;
 * sealed extents, which may be most of a large file, are only located, so that
 * looking through them costs no memory. Not for use by several threads at
 * once.
 */
#ifndef PT_CORE_TIMELINE_PIECES_H
#define PT_CORE_TIMELINE_PIECES_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/recording.h"

struct pt_piece {
    uint32_t process;
    uint32_t segment;
    uint32_t first_item;  // of an array; else the extent's number
    uint64_t start;       // place in the segment, in bytes
    uint64_t extent_bytes;
    uint64_t payload_bytes;
    const char *payload;  // NULL when it is not mapped
    uint64_t offset;      // of the payload in the file
};

/* A mapped stretch of the file. */
struct pt_window {
    void *map;
    uint64_t bytes;
    uint64_t offset;  // in the file
};

struct pt_pieces {
    struct pt_piece *piece;  // sorted by process, segment, start
    uint32_t count;
    uint32_t room;
    uint32_t processes;  // the highest process number, and one
    struct pt_window *window;
    uint32_t windows;
    uint32_t window_room;
    int is_private;  // what was let go of would be lost
};

/* Walk the extents of a file of `file_bytes` bytes. Where none stands (a
 * process died between taking space and describing it) the next may start at
 * any multiple of `align_bytes`. PT_ERR_NOMEM or PT_ERR_IO, and then nothing
 * is held. */
PT_MUST_CHECK int pt_pieces_find(struct pt_pieces *pieces, int fd,
                                 uint64_t file_bytes, uint32_t align_bytes);

/* Make what is mapped our own, to be written to: the file stays as it is, and
 * is not followed any more. What is much becomes a file of its own that has no
 * name, so that it need not be in memory; where there is no room for that it
 * is private. PT_ERR_NOMEM or PT_ERR_IO: some of it may be our own. */
PT_MUST_CHECK int pt_pieces_own(struct pt_pieces *pieces, int fd);

/* Let the pages of all mappings go, until somebody looks at them. Only while
 * they are not private. */
void pt_pieces_let_go(const struct pt_pieces *pieces);

/* Unmap and free. */
void pt_pieces_release(struct pt_pieces *pieces);

#endif
