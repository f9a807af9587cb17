/* SPDX-License-Identifier: MIT */
/* reader.h - the reading side of a recording.
 *
 * A reader believes nothing: every offset, size, index and text is checked
 * before use, and what does not hold is left out or refused. It works on a
 * finished recording, one of a killed process, and one still being written;
 * figures read from a running process may be a moment apart from each other.
 * Nothing here is for use by several threads at once.
 */
#ifndef PT_CORE_TIMELINE_READER_H
#define PT_CORE_TIMELINE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/timeline/recording.h"

struct pt_piece;
struct pt_reader;

/* Open the recording in `fd`, which stays the caller's and must stay open.
 * `name` is for messages. PT_ERR_FORMAT, PT_ERR_VERSION, PT_ERR_CORRUPT,
 * PT_ERR_IO or PT_ERR_NOMEM with the message in `err`. */
PT_MUST_CHECK int pt_reader_open(struct pt_reader **reader, int fd,
                                 const char *name, struct pt_err *err);

/* Close; NULL is harmless. Everything borrowed from the reader ends here. */
void pt_reader_close(struct pt_reader *reader);

/* The header. Borrowed. Its text fields end with 0 for sure. */
const struct pt_header *pt_reader_header(const struct pt_reader *reader);

/* Has the file grown since it was opened, as that of a running program may?
 * Then there are extents that this reader does not know of. */
int pt_reader_has_grown(const struct pt_reader *reader);

/* How many processes wrote into it; they are numbered from 0, number 0 being
 * the program itself. */
uint32_t pt_reader_processes(const struct pt_reader *reader);

/* The record of a process, or NULL when it is missing. Borrowed. */
const struct pt_process *pt_reader_process(const struct pt_reader *reader,
                                           uint32_t process);

/* The run that a process of a combined recording comes from; NULL in others.
 * Borrowed. */
const struct pt_run *pt_reader_run(const struct pt_reader *reader,
                                   uint32_t process);

/* How many items of a segment can be read, index 0 included. */
uint32_t pt_reader_items(const struct pt_reader *reader, uint32_t process,
                         enum pt_segment segment);

/* An item, or NULL when the index is 0 or there is no such item. Borrowed. */
const void *pt_reader_item(const struct pt_reader *reader, uint32_t process,
                           enum pt_segment segment, uint32_t index);

/* One extent as it lies in the file. */
struct pt_reader_extent {
    uint64_t offset;
    uint64_t bytes;  // with its header
    uint64_t payload_bytes;
    uint32_t process;
    uint32_t segment;
    uint32_t first_item;
};

/* How many extents hold, and the i-th of them: by process, segment and first
 * item. */
uint32_t pt_reader_extents(const struct pt_reader *reader);
struct pt_reader_extent pt_reader_extent(const struct pt_reader *reader,
                                         uint32_t i);

/* Copy an item out, as in a damaged recording it may lie anyhow: 1, or 0 when
 * there is none. */
int pt_reader_copy(const struct pt_reader *reader, uint32_t process,
                   enum pt_segment segment, uint32_t index, void *item,
                   size_t bytes);

/* A text; *bytes is its length. Not ended by 0! An empty text when `id` is
 * not one. Borrowed. */
const char *pt_reader_text(const struct pt_reader *reader, uint32_t process,
                           uint32_t id, size_t *bytes);

/* For readers of segments that are no arrays: the pieces of one, in order,
 * *count of them. Borrowed. */
const struct pt_piece *pt_reader_pieces(const struct pt_reader *reader,
                                        uint32_t process, uint32_t segment,
                                        uint32_t *count);

/* For showing the recording as of an earlier moment. Make the items of the
 * reader its own, which may then be written to, as may the record of each
 * process; PT_ERR_NOMEM, PT_ERR_IO: close it. Have it know nothing of a
 * process. */
PT_MUST_CHECK int pt_reader_own(struct pt_reader *reader);
void pt_reader_hide(struct pt_reader *reader, uint32_t process);

/* Have its header say that these of enum pt_wanted were not wanted. */
void pt_reader_forget(struct pt_reader *reader, uint32_t wanted);

/* The file it was opened on. */
int pt_reader_fd(const struct pt_reader *reader);

#endif
