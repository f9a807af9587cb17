/* SPDX-License-Identifier: MIT */
/* utf8.h - is it UTF-8? */
#ifndef PT_CORE_BASE_UTF8_H
#define PT_CORE_BASE_UTF8_H

#include <stddef.h>

/* The length of the UTF-8 character at `text`, of which `left` bytes are
 * there, or 0. Any thread. */
size_t pt_utf8_bytes(const char *text, size_t left);

#endif
