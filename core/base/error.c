/* SPDX-License-Identifier: MIT */
/* error.c - sentences for error codes. */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>

const char *
pt_error_text(int code)
{
    switch (code) {
    case PT_OK:
        return "no error";
#define PT_ERROR_CASE(name, number, sentence) \
  case PT_ERR_##name:                         \
    return sentence;
        PT_ERROR_LIST(PT_ERROR_CASE)
#undef PT_ERROR_CASE
    default:
        return "unknown error";
    }
}

int
pt_err_set(struct pt_err *err, int code, const char *format, ...)
{
    va_list args;

    if (err != NULL) {
        err->code = code;
        va_start(args, format);
        vsnprintf(err->message, sizeof(err->message), format, args);
        va_end(args);
    }
    return code;
}
