/* SPDX-License-Identifier: MIT */
/* error.h - error codes of the pure C floors, and a message for people.
 *
 * A function that can fail returns PT_OK or a negative code. Where a person
 * will read the cause it also takes a `struct pt_err *`, which may be NULL:
 * what failed first, the subject in quotes, then what to do about it.
 */
#ifndef PT_CORE_BASE_ERROR_H
#define PT_CORE_BASE_ERROR_H

#include "core/base/compiler.h"

#define PT_ERROR_LIST(X)                                \
  X(NOMEM, 1, "out of memory")                          \
  X(IO, 2, "reading or writing failed")                 \
  X(NOSPACE, 3, "no space left")                        \
  X(FORMAT, 4, "not a pytrace recording")               \
  X(VERSION, 5, "recording of another pytrace version") \
  X(CORRUPT, 6, "recording is damaged")                 \
  X(RANGE, 7, "value out of range")                     \
  X(USAGE, 8, "wrong usage")                            \
  X(START, 9, "program could not be started")

enum pt_error {
    PT_OK = 0,
#define PT_ERROR_NAME(name, number, sentence) PT_ERR_##name = -(number),
    PT_ERROR_LIST(PT_ERROR_NAME)
#undef PT_ERROR_NAME
};

struct pt_err {
    int code;
    char message[512];
};

/* The sentence of a code; never NULL. Any thread. */
const char *pt_error_text(int code);

/* Fill `err` (may be NULL) and return `code`, so that a failing function can
 * say `return pt_err_set(err, PT_ERR_IO, "...")`. Any thread. */
int pt_err_set(struct pt_err *err, int code, const char *format, ...)
    PT_PRINTF(3, 4);

#endif
