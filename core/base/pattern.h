/* SPDX-License-Identifier: MIT */
/* pattern.h - the shell's patterns, with the meaning of Python's fnmatch.
 *
 * "*" stands for any text, slashes and dots included; "?" for any character;
 * "[a-z]" and "[!a-z]" for one of some. A backslash is a character like any
 * other, and so is a "[" that nothing closes.
 */
#ifndef PT_CORE_BASE_PATTERN_H
#define PT_CORE_BASE_PATTERN_H

#include <stddef.h>

/* Does all of the text, which is UTF-8, fit the pattern? Time is at worst the
 * product of their lengths. Hook-safe. Any thread. */
int pt_pattern_match(const char *pattern, const char *text, size_t bytes);

#endif
