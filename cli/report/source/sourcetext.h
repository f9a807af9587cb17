/* SPDX-License-Identifier: MIT */
/* sourcetext.h - a Python source file as text, as CPython itself reads it.
 *
 * The encoding comes from a byte order mark or the coding line, UTF-8 being
 * the default; all kinds of line ends become one. What is written back later
 * has the encoding, and the mark, that the file had.
 */
#ifndef PT_CLI_REPORT_SOURCE_SOURCETEXT_H
#define PT_CLI_REPORT_SOURCE_SOURCETEXT_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"

struct pt_sourcetext {
    struct pt_buf text;  // UTF-8; if not empty it ends with a newline
    char encoding[64];   // as iconv calls it
    int has_mark;        // starts with a byte order mark
};

#define PT_SOURCETEXT_INIT \
  {                        \
    PT_BUF_INIT, "", 0     \
  }

/* Read the file. The message says what is wrong with it, without naming it:
 * the caller knows a better name. On failure nothing is held. */
PT_MUST_CHECK int pt_sourcetext_read(struct pt_sourcetext *source,
                                     const char *path, struct pt_err *err);

/* True if the file at `path` has this size and time of its last change; both 0
 * are those of no file. Any thread. */
int pt_sourcetext_is_that(const char *path, uint64_t size_bytes,
                          int64_t modified_ns);

/* Decode bytes, which are taken. As pt_sourcetext_read. */
PT_MUST_CHECK int pt_sourcetext_decode_take(struct pt_sourcetext *source,
                                            struct pt_buf *bytes,
                                            struct pt_err *err);

/* Append `text` to `bytes` in the encoding of the source, with its mark. */
PT_MUST_CHECK int pt_sourcetext_encode(const struct pt_sourcetext *source,
                                       const struct pt_buf *text,
                                       struct pt_buf *bytes,
                                       struct pt_err *err);

/* Give the text back. Harmless on a released one. */
void pt_sourcetext_release(struct pt_sourcetext *source);

#endif
