/* SPDX-License-Identifier: MIT */
/* say.c - one line on stderr, escaped when a person looks at it. */
#include "cli/report/text/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/text/escape.h"
#include "core/base/file.h"

void
pt_say(const char *format, ...)
{
    struct pt_buf line = PT_BUF_INIT;
    char message[8192];
    va_list args;

    va_start(args, format);
    if (vsnprintf(message, sizeof(message), format, args) < 0) {
        strcpy(message, format);
    }
    va_end(args);
    pt_buf_add_text(&line, "pytrace: ");
    pt_escape_add(&line, message, strlen(message),
                  pt_escape_for(STDERR_FILENO));
    pt_buf_add_char(&line, '\n');
    if (pt_file_write(STDERR_FILENO, pt_buf_text(&line), line.used) != PT_OK) {
        // Nobody is left to be told.
    }
    pt_buf_release(&line);
}
