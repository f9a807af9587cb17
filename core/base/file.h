/* SPDX-License-Identifier: MIT */
/* file.h - whole reads, whole writes, and space that is really there. */
#ifndef PT_CORE_BASE_FILE_H
#define PT_CORE_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"

/* Write all `count` bytes to `fd`; PT_ERR_NOSPACE or PT_ERR_IO with errno set.
 * Any thread. */
PT_MUST_CHECK int pt_file_write(int fd, const void *bytes, size_t count);

/* Append the whole file at `path` to `buf`. The message names the path and the
 * system's reason. Any thread. */
PT_MUST_CHECK int pt_file_read(const char *path, struct pt_buf *buf,
                               struct pt_err *err);

/* Make sure that `bytes` bytes at `offset` of `fd` have disk space, growing
 * the file if needed, so that a later store through a mapping cannot raise
 * SIGBUS. PT_ERR_NOSPACE (disk full, size limit) or PT_ERR_IO with errno set.
 * Hook-safe. */
PT_MUST_CHECK int pt_file_reserve(int fd, uint64_t offset, uint64_t bytes);

/* An open file of no name for data too large for memory, in $TMPDIR or else
 * /var/tmp, which is on a disk where /tmp may not be; -1 with the cause in
 * errno. Any thread. */
PT_MUST_CHECK int pt_file_temporary(void);

/* Copy `bytes` bytes at `offset` of one file to the same place in another.
 * PT_ERR_NOSPACE or PT_ERR_IO with errno set, which is 0 where the first file
 * ends too early. Any thread. */
PT_MUST_CHECK int pt_file_copy(int from, int to, uint64_t offset,
                               uint64_t bytes);

/* Write the file `path` anew, or leave none: half a file would mislead. PT_OK,
 * or PT_ERR_IO with the cause in errno. Any thread. */
PT_MUST_CHECK int pt_file_make(const char *path, const struct pt_buf *bytes);

/* The same in steps: begin it, for writing, and get its descriptor, or -1 with
 * the cause in errno; then close it, and if `code` is not PT_OK, or closing
 * fails, remove it. `code`, or PT_ERR_IO; errno is that of what failed. Any
 * thread. */
PT_MUST_CHECK int pt_file_begin(const char *path);
PT_MUST_CHECK int pt_file_end(int fd, const char *path, int code);

#endif
