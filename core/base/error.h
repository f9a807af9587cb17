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

#define PT_ERROR_LIST(X)                                                     \
    X(NOMEM, "out of memory")                                                \
    X(IO, "reading or writing failed")                                       \
    X(NOSPACE, "no space left")                                              \
    X(FORMAT, "not a pytrace recording")                                     \
    X(VERSION, "recording of another pytrace version")                       \
    X(CORRUPT, "recording is damaged")                                       \
    X(RANGE, "value out of range")                                           \
    X(USAGE, "wrong usage")                                                  \
    X(START, "program could not be started")

enum pt_error {
    PT_OK = 0,
#define PT_ERROR_MINUS(name, sentence) PT_ERRNO_##name,
    PT_ERRNO_BASE_ = 0,
    PT_ERROR_LIST(PT_ERROR_MINUS)
#undef PT_ERROR_MINUS
#define PT_ERROR_NAME(name, sentence) PT_ERR_##name = -PT_ERRNO_##name,
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
