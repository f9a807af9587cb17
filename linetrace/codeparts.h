/* SPDX-License-Identifier: MIT */
/* codeparts.h - a code object made anew with some parts changed.
 *
 * With the GIL.
 */
#ifndef PT_LINETRACE_CODEPARTS_H
#define PT_LINETRACE_CODEPARTS_H

#include "core/py/compat.h"

#include <stdbool.h>

#include "core/base/compiler.h"

/* What differs from the old one's. The references are owned. */
struct pt_codeparts {
    PyObject *code, *consts, *lines, *ranges;
    int stack_size;
};

/* Give the references back. Harmless on released ones. */
void pt_codeparts_release(struct pt_codeparts *parts);

/* `old` with these parts; the caller owns it. NULL with an exception set. */
PT_MUST_CHECK PyCodeObject *
pt_codeparts_build(const struct pt_codeparts *parts, PyCodeObject *old);

/* Give `built` what `old` knows of the kinds of its locals. False if they are
 * not the same locals any more; then it must not be run. */
PT_MUST_CHECK bool pt_codeparts_keep_kinds(PyCodeObject *built,
                                           PyCodeObject *old);

#endif
