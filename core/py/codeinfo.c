/* SPDX-License-Identifier: MIT */
/* codeinfo.c - location tables and strings, read in place. */
#include "core/py/codeinfo.h"

#include <string.h>

enum location_form {
    ONE_LINE_0 = 10,  // 10, 11, 12: the line grows by 0, 1, 2
    ONE_LINE_2 = 12,
    NO_COLUMNS = 13,
    LONG = 14,
    NO_LOCATION = 15,
};

void
pt_code_lines_start(struct pt_code_lines *walk, const PyCodeObject *code)
{
    const char *bytes = PyBytes_AS_STRING(code->co_linetable);

    walk->at = (const uint8_t *)bytes;
    walk->end = walk->at + PyBytes_GET_SIZE(code->co_linetable);
    walk->computed_line = code->co_firstlineno;
    walk->line = -1;
    walk->units = 0;
}

static int
read_signed(const uint8_t *at, const uint8_t *end)
{
    unsigned value = 0;
    int shift = 0;

    for (; at < end && shift < 30; at++, shift += 6) {
        value |= (unsigned)(*at & 63) << shift;
        if ((*at & 64) == 0) {
            break;
        }
    }
    return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

int
pt_code_lines_next(struct pt_code_lines *walk)
{
    int form;

    if (walk->at >= walk->end) {
        return 0;
    }
    form = *walk->at >> 3 & 15;
    walk->units = (*walk->at & 7) + 1;
    walk->at++;
    if (form == NO_COLUMNS || form == LONG) {
        walk->computed_line += read_signed(walk->at, walk->end);
    }
    else if (form >= ONE_LINE_0 && form <= ONE_LINE_2) {
        walk->computed_line += form - ONE_LINE_0;
    }
    walk->line = form == NO_LOCATION ? -1 : walk->computed_line;
    // Only the first byte of an entry has the high bit.
    while (walk->at < walk->end && (*walk->at & 128) == 0) {
        walk->at++;
    }
    return 1;
}

// RESUME and `raise AssertionError`, all at one place. The compiler's own code
// of that length has a constant, or begins on line 0.
static int
is_of_new_empty(const PyCodeObject *code)
{
    struct pt_code_lines walk;

    if (Py_SIZE(code) != 3 || PyTuple_GET_SIZE(code->co_consts) != 0) {
        return 0;
    }
    pt_code_lines_start(&walk, code);
    return pt_code_lines_next(&walk) && walk.units == 3;
}

int
pt_code_can_run(const PyCodeObject *code)
{
    return code->_co_firsttraceable < Py_SIZE(code) && !is_of_new_empty(code);
}

size_t
pt_code_character(Py_UCS4 c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c >= 0xDC80 && c <= 0xDCFF) {
        out[0] = (char)(c - 0xDC00);
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

size_t
pt_code_text(PyObject *text, char *out, size_t room)
{
    Py_ssize_t length;
    size_t used = 0;

    if (text == NULL || !PyUnicode_Check(text) || !PyUnicode_IS_READY(text)) {
        return 0;
    }
    length = PyUnicode_GET_LENGTH(text);
    if (PyUnicode_IS_COMPACT_ASCII(text) && (size_t)length + 4 <= room) {
        memcpy(out, PyUnicode_1BYTE_DATA(text), (size_t)length);
        return (size_t)length;
    }
    for (Py_ssize_t i = 0; i < length && used + 4 <= room; i++) {
        used += pt_code_character(PyUnicode_READ_CHAR(text, i), out + used);
    }
    return used;
}
