/* SPDX-License-Identifier: MIT */
/* codeinfo.h - reading code objects and strings without creating objects. */
#ifndef PT_CORE_PY_CODEINFO_H
#define PT_CORE_PY_CODEINFO_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* A walk over co_linetable (CPython, Objects/locations.md). */
struct pt_code_lines {
    const uint8_t *at;
    const uint8_t *end;
    int computed_line;
    int line;   // of the current entry, -1 if it has none
    int units;  // length of the current entry, in code units
};

/* Start a walk; `code` must stay alive. Hook-safe. Any thread. */
void pt_code_lines_start(struct pt_code_lines *walk, const PyCodeObject *code);

/* Go to the next entry; 0 at the end. Hook-safe. Any thread. */
int pt_code_lines_next(struct pt_code_lines *walk);

/* Does `code` hold instructions that run? What Cython and its kin make for
 * their compiled functions, and for lines of tracebacks (PyCode_NewEmpty()),
 * has names and lines, but nothing that is ever run. Hook-safe. Any thread. */
int pt_code_can_run(const PyCodeObject *code);

/* Copy a str as UTF-8 into `out`, cut at `room` bytes, lone surrogates from
 * undecodable bytes given back as those bytes. Returns the length. Hook-safe.
 * Any thread. */
size_t pt_code_text(PyObject *text, char *out, size_t room);

/* Write a character as UTF-8, one that stands for an undecodable byte as that
 * byte. Returns the length. Hook-safe. Any thread. */
size_t pt_code_character(Py_UCS4 c, char out[4]);

#endif
