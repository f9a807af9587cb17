/* SPDX-License-Identifier: MIT */
/* buf.h - a growing run of bytes with a sticky failure.
 *
 * Always true: used <= room; data[used] is 0 whenever data is not NULL, so
 * `data` can be passed as a C string. The first allocation that fails sets
 * `failed`; later appends do nothing, so a writer checks once, at the end.
 */
#ifndef PT_CORE_BASE_BUF_H
#define PT_CORE_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

struct pt_buf {
    char *data;
    size_t used;
    size_t room;
    int failed;
};

#define PT_BUF_INIT \
  {                 \
    NULL, 0, 0, 0   \
  }

/* Append. Owner thread only; not hook-safe. */
void pt_buf_add(struct pt_buf *buf, const void *bytes, size_t count);
void pt_buf_add_text(struct pt_buf *buf, const char *text);
void pt_buf_add_char(struct pt_buf *buf, char c);
void pt_buf_add_format(struct pt_buf *buf, const char *format, ...)
    PT_PRINTF(2, 3);

/* Append a number in decimal, where there are too many for printf: as it is,
 * and with zeros in front up to so many digits (at most 20). */
void pt_buf_add_number(struct pt_buf *buf, uint64_t number);
void pt_buf_add_digits(struct pt_buf *buf, uint64_t number, uint32_t digits);

/* Make it empty and keep the room. */
void pt_buf_reset(struct pt_buf *buf);

/* The content as a C string; "" when nothing was ever added. Borrowed. */
const char *pt_buf_text(const struct pt_buf *buf);

/* PT_OK, or PT_ERR_NOMEM when some append was lost. */
PT_MUST_CHECK int pt_buf_check(const struct pt_buf *buf);

/* Give the room back. Harmless on a released buffer. */
void pt_buf_release(struct pt_buf *buf);

#endif
