/* SPDX-License-Identifier: MIT */
/* json.h - texts of others as JSON strings. */
#ifndef PT_CLI_REPORT_TEXT_JSON_H
#define PT_CLI_REPORT_TEXT_JSON_H

#include "core/base/buf.h"

/* Append a text in quotes. Control characters are escaped; a byte that is not
 * UTF-8 becomes the lone surrogate that Python makes of it. */
void pt_json_add(struct pt_buf *buf, const char *text);

/* The same, or null for NULL. */
void pt_json_add_or_null(struct pt_buf *buf, const char *text);

/* The same of a text that is not ended by 0. */
void pt_json_add_bytes(struct pt_buf *buf, const char *text, size_t count);

#endif
