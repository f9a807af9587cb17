/* SPDX-License-Identifier: MIT */
/* calltree.c - see calltree.h. */
#include "linetrace/calltree.h"

#include "core/py/codeinfo.h"

#define INDENT 2
#define NAME_MOST 200

/* The value of a local by its place: cells are looked into. */
static PyObject *
value_at(const struct pt_frame *frame, const PyCodeObject *code,
         Py_ssize_t place)
{
    PyObject *value = pt_frame_value(frame, place);
    const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);

    if (value != NULL && (kinds[place] & PT_FRAME_VALUE_IS_CELL) != 0 &&
        PyCell_Check(value)) {
        value = PyCell_GET(value);
    }
    return value;
}

static void
write_argument(struct pt_buf *out, const struct pt_calltree_style *style,
               const struct pt_feed_event *event, const char *stars, int place)
{
    PyObject *name = PyTuple_GET_ITEM(event->code->co_localsplusnames, place);

    pt_buf_add_text(out, out->data[out->used - 1] != '(' ? ", " : "");
    pt_buf_add_text(out, stars);
    pt_saferepr_text(out, name, NAME_MOST);
    pt_buf_add_char(out, '=');
    pt_saferepr(out, value_at(event->call->frame, event->code, place),
                &style->limits);
}

/* In the order in which they are declared; in the frame the stars come last.
 */
static void
write_arguments(struct pt_buf *out, const struct pt_calltree_style *style,
                const struct pt_feed_event *event)
{
    const PyCodeObject *code = event->code;
    int named = code->co_argcount + code->co_kwonlyargcount;
    int has_star = (code->co_flags & CO_VARARGS) != 0;

    pt_buf_add_char(out, '(');
    for (int i = 0; i < named && !out->failed; i++) {
        if (i == code->co_argcount && has_star) {
            write_argument(out, style, event, "*", named);
        }
        write_argument(out, style, event, "", i);
    }
    if (code->co_kwonlyargcount == 0 && has_star && !out->failed) {
        write_argument(out, style, event, "*", named);
    }
    if ((code->co_flags & CO_VARKEYWORDS) != 0 && !out->failed) {
        write_argument(out, style, event, "**", named + has_star);
    }
    pt_buf_add_char(out, ')');
}

/* Part of a text as it is. */
static void
write_part(struct pt_buf *out, PyObject *text, Py_ssize_t start,
           Py_ssize_t end)
{
    for (Py_ssize_t i = start; i < end; i++) {
        char bytes[4];

        pt_buf_add(out, bytes,
                   pt_code_character(PyUnicode_READ_CHAR(text, i), bytes));
    }
}

static void
write_place(struct pt_buf *out, PyObject *path, int line)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    Py_ssize_t base = PyUnicode_FindChar(path, '/', 0, length, -1) + 1;

    write_part(out, path, base, length);
    pt_buf_add_format(out, ":%d", line);
}

static void
write_call(struct pt_buf *out, const struct pt_calltree_style *style,
           const struct pt_feed_event *event)
{
    pt_saferepr_text(out, event->code->co_qualname, NAME_MOST);
    if (event->kind == PT_FEED_RESUME) {
        pt_buf_add_text(out, " ...");
    }
    else if (style->shows_arguments) {
        write_arguments(out, style, event);
    }
    else {
        pt_buf_add_text(out, "()");
    }
    if (style->shows_places) {
        pt_buf_add_text(out, "  ");
        write_place(out, event->code->co_filename, event->line);
    }
}

static void
write_value(struct pt_buf *out, const struct pt_calltree_style *style,
            const char *sign, PyObject *value)
{
    pt_buf_add_text(out, sign);
    if (style->shows_results) {
        pt_buf_add_char(out, ' ');
        pt_saferepr(out, value, &style->limits);
    }
}

/* "12: total += 1", without the space around the source. */
static void
write_line(struct pt_buf *out, int line, PyObject *source)
{
    Py_ssize_t end, start = 0;

    pt_buf_add_format(out, "%d:", line);
    if (source == NULL || !PyUnicode_IS_READY(source)) {
        return;
    }
    end = PyUnicode_GET_LENGTH(source);
    while (start < end &&
           Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(source, start))) {
        start++;
    }
    while (end > start &&
           Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(source, end - 1))) {
        end--;
    }
    if (start < end) {
        pt_buf_add_char(out, ' ');
    }
    write_part(out, source, start, end);
}

void
pt_calltree_write(struct pt_buf *out, const struct pt_calltree_style *style,
                  const struct pt_feed_event *event, PyObject *source)
{
    ptrdiff_t depth = event->call - event->thread->call;
    int is_call = event->kind == PT_FEED_CALL || event->kind == PT_FEED_RESUME;

    if (!is_call) {
        depth++;
    }
    for (ptrdiff_t i = 0; i < depth * INDENT; i++) {
        pt_buf_add_char(out, ' ');
    }
    switch (event->kind) {
    case PT_FEED_CALL:
    case PT_FEED_RESUME:
        write_call(out, style, event);
        break;
    case PT_FEED_LINE:
        write_line(out, event->line, source);
        break;
    case PT_FEED_OPCODE:
        pt_buf_add_format(out, "%d: +%d", event->line, event->offset);
        break;
    case PT_FEED_RETURN:
        write_value(out, style, "=>", event->value);
        break;
    case PT_FEED_YIELD:
        write_value(out, style, "~>", event->value);
        break;
    case PT_FEED_EXCEPTION:
    case PT_FEED_UNWIND:
        pt_buf_add_text(out, event->kind == PT_FEED_UNWIND ? "!! " : "! ");
        pt_saferepr(out, event->value, &style->limits);
        break;
    }
    pt_buf_add_char(out, '\n');
}
