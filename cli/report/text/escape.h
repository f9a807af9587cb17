/* SPDX-License-Identifier: MIT */
/* escape.h - text of others made harmless before it reaches a terminal.
 *
 * A file name or a source line may hold bytes that a terminal obeys. They are
 * shown as \x1b or \u202e there; a file or a pipe gets them as they are.
 */
#ifndef PT_CLI_REPORT_TEXT_ESCAPE_H
#define PT_CLI_REPORT_TEXT_ESCAPE_H

#include <stddef.h>

#include "core/base/buf.h"

enum pt_escape { PT_ESCAPE_NOTHING, PT_ESCAPE_CONTROLS };

/* What text that goes to `fd` needs. Any thread. */
enum pt_escape pt_escape_for(int fd);

/* Append a text. Escaped are control characters, those that turn the writing
 * direction, and bytes that are not UTF-8. Owner thread only. */
void pt_escape_add(struct pt_buf *buf, const char *text, size_t bytes,
                   enum pt_escape how);

#endif
