/* SPDX-License-Identifier: MIT */
/* program_source.c - see program_source.h. */
#include "python/pytrace/ext/program_source.h"

#include <limits.h>
#include <string.h>

#include "cli/report/source/sourcetext.h"
#include "core/py/codeinfo.h"
#include "core/py/guard.h"

#define COLOR "\x1b[36m"
#define PLAIN "\x1b[0m"

static void
add_place(struct pt_buf *out, const struct pt_program_source *source, int line)
{
    pt_buf_add(out, pt_buf_text(&source->before), source->before.used);
    pt_buf_add_format(out, "%d", line);
    pt_buf_add(out, pt_buf_text(&source->behind), source->behind.used);
}

/* Make the lines of a text whose lines all end with '\n'. */
static void
add_lines(struct pt_program_source *source, const char *text, size_t bytes)
{
    const char *end = text + bytes;

    for (int line = 1; text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *next = newline != NULL ? newline + 1 : end;
        uint32_t at;

        add_place(&source->text, source, line);
        pt_buf_add(&source->text, text, (size_t)(next - text));
        at = (uint32_t)source->text.used;
        pt_buf_add(&source->end, &at, sizeof(at));
        text = next;
    }
    if (source->text.failed || source->end.failed) {
        pt_buf_reset(&source->end);
    }
}

/* What the loader of a module has as its source, or NULL. New reference. */
static PyObject *
ask_loader(PyObject *globals)
{
    PyObject *loader, *name, *text = NULL;

    if (globals == NULL || !PyDict_Check(globals)) {
        return NULL;
    }
    loader = PyDict_GetItemString(globals, "__loader__");
    name = PyDict_GetItemString(globals, "__name__");
    if (loader != NULL && loader != Py_None && name != NULL) {
        Py_INCREF(loader);
        Py_INCREF(name);
        text = PyObject_CallMethod(loader, "get_source", "O", name);
        Py_DECREF(loader);
        Py_DECREF(name);
    }
    PyErr_Clear();
    return text;
}

/* Lines of a str, or of what is no str and so nothing. */
static void
add_str(struct pt_program_source *source, PyObject *text)
{
    struct pt_sourcetext decoded;
    struct pt_buf bytes = PT_BUF_INIT;
    Py_ssize_t length = 0;
    const char *utf8 = text != NULL && PyUnicode_Check(text)
                           ? PyUnicode_AsUTF8AndSize(text, &length)
                           : NULL;

    PyErr_Clear();
    if (utf8 == NULL) {
        return;
    }
    // As a file with a mark: a str has no use for a coding line.
    pt_buf_add(&bytes, "\xef\xbb\xbf", 3);
    pt_buf_add(&bytes, utf8, (size_t)length);
    if (pt_sourcetext_decode_take(&decoded, &bytes, NULL) == PT_OK) {
        add_lines(source, pt_buf_text(&decoded.text), decoded.text.used);
        pt_sourcetext_release(&decoded);
    }
}

void
pt_program_source_load(struct pt_program_source *source, PyObject *name,
                       PyObject *globals, PyObject *content, int has_colors)
{
    char path[PATH_MAX + 1];
    size_t bytes = pt_code_text(name, path, PATH_MAX);
    struct pt_sourcetext file;
    PyObject *text;
    const char *base;

    path[bytes] = '\0';
    base = strrchr(path, '/');
    pt_buf_add_text(&source->before, has_colors ? COLOR : "");
    pt_buf_add_text(&source->before, base != NULL ? base + 1 : path);
    pt_buf_add_char(&source->before, '(');
    pt_buf_add_text(&source->behind, has_colors ? ")" PLAIN : ")");
    // As trace has it in each version.
    pt_buf_add_text(&source->behind, PT_TRACE_GAP);
    if (content != NULL) {
        add_str(source, content);
    }
    else if (path[0] == '<') {
        return;
    }
    else if (pt_sourcetext_read(&file, path, NULL) == PT_OK) {
        add_lines(source, pt_buf_text(&file.text), file.text.used);
        pt_sourcetext_release(&file);
    }
    else {
        pt_guard_enter();
        text = ask_loader(globals);
        add_str(source, text);
        Py_XDECREF(text);
        pt_guard_leave();
    }
}

const char *
pt_program_source_line(struct pt_program_source *source, int line,
                       size_t *bytes)
{
    const uint32_t *end = (const uint32_t *)(const void *)source->end.data;
    size_t lines = source->end.used / sizeof(*end);
    uint32_t start;

    if (pt_likely(line > 0 && (size_t)line <= lines)) {
        start = line > 1 ? end[line - 2] : 0;
        *bytes = end[line - 1] - start;
        return source->text.data + start;
    }
    pt_buf_reset(&source->latest);
    add_place(&source->latest, source, line);
    pt_buf_add_char(&source->latest, '\n');
    *bytes = source->latest.used;
    return pt_buf_text(&source->latest);
}
