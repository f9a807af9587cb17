/* SPDX-License-Identifier: MIT */
/* trace_show.c - texts of lines, and writing them where print() would. */
#include "python/pytrace/ext/trace_show.h"

#include <stdarg.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/py/guard.h"

static void
forget(struct pt_trace_shown *file)
{
    Py_CLEAR(file->entry);
    Py_CLEAR(file->lines);
    for (Py_ssize_t i = 0; i < file->texts; i++) {
        Py_XDECREF(file->text[i]);
    }
    pt_rawmem_free(file->text);
    file->text = NULL;
    file->texts = 0;
}

void
pt_trace_show_release(struct pt_trace_show *show)
{
    for (uint32_t i = 0; i < show->files; i++) {
        forget(&show->file[i]);
    }
    pt_rawmem_free(show->file);
    show->file = NULL;
    show->files = 0;
    Py_CLEAR(show->linecache);
    Py_CLEAR(show->gap);
    Py_CLEAR(show->gap_at_end);
}

int
pt_trace_show_traverse(struct pt_trace_show *show, visitproc visit, void *arg)
{
    for (uint32_t i = 0; i < show->files; i++) {
        Py_VISIT(show->file[i].entry);
        Py_VISIT(show->file[i].lines);
    }
    Py_VISIT(show->linecache);
    Py_VISIT(show->gap);
    Py_VISIT(show->gap_at_end);
    return 0;
}

/* Write a text, of which the reference is taken, as print() would. */
static int
write_out(PyObject *text)
{
    PyObject *out = PySys_GetObject("stdout");
    int result = -1;

    if (text == NULL) {
        return -1;
    }
    if (out == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
    }
    else if (out == Py_None) {
        result = 0;
    }
    else {
        Py_INCREF(out);
        result = PyFile_WriteObject(text, out, Py_PRINT_RAW);
        Py_DECREF(out);
    }
    Py_DECREF(text);
    return result;
}

int
pt_trace_show_text(const char *format, ...)
{
    PyObject *text;
    va_list args;

    va_start(args, format);
    text = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return write_out(text);
}

/* Make room for file number `number`. */
static struct pt_trace_shown *
file_at(struct pt_trace_show *show, uint32_t number)
{
    if (pt_unlikely(number >= show->files)) {
        uint32_t files = (number + 1) * 2;
        struct pt_trace_shown *file =
            pt_rawmem_resize(show->file, files, sizeof(*file));

        if (file == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        memset(file + show->files, 0, (files - show->files) * sizeof(*file));
        show->file = file;
        show->files = files;
    }
    return &show->file[number];
}

/* What linecache holds of a file now; borrowed, NULL for nothing. */
static PyObject *
cache_entry(struct pt_trace_show *show, PyObject *name)
{
    PyObject *cache =
        PyDict_GetItemString(PyModule_GetDict(show->linecache), "cache");

    return cache != NULL && PyDict_Check(cache)
               ? PyDict_GetItemWithError(cache, name)
               : NULL;
}

/* Ask linecache for the lines of a file. Calls Python, but once a file: what
 * it gave is good until its entry is another. */
PT_COLD static int
take_lines(struct pt_trace_show *show, uint32_t number, PyObject *name)
{
    struct pt_trace_shown *file;
    PyObject *lines, **text;
    Py_ssize_t texts;

    lines = PyObject_CallMethod(show->linecache, "getlines", "O", name);
    if (lines != NULL) {
        Py_SETREF(lines, PySequence_Fast(lines, "lines of linecache"));
    }
    if (lines == NULL) {
        return -1;
    }
    texts = PySequence_Fast_GET_SIZE(lines);
    text = pt_rawmem_array((size_t)texts, sizeof(PyObject *));
    if (text == NULL) {
        Py_DECREF(lines);
        PyErr_NoMemory();
        return -1;
    }
    // Another thread may have been here meanwhile, and made more room.
    file = &show->file[number];
    forget(file);
    *file = (struct pt_trace_shown){Py_XNewRef(cache_entry(show, name)), lines,
                                    text, texts};
    return PyErr_Occurred() ? -1 : 0;
}

/* "name.py(3): source\n", without the directory. */
static PyObject *
make_text(struct pt_trace_show *show, PyObject *name, int line,
          PyObject *source)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t base = PyUnicode_FindChar(name, '/', 0, length, -1) + 1;
    PyObject *file = PyUnicode_Substring(name, base, length);
    PyObject *text = NULL;

    if (file == NULL) {
        return NULL;
    }
    if (source == NULL) {
        text = PyUnicode_FromFormat("%U(%d)%U", file, line, show->gap_at_end);
    }
    else {
        text =
            PyUnicode_FromFormat("%U(%d)%U%S", file, line, show->gap, source);
    }
    Py_DECREF(file);
    return text;
}

/* The text of a line, made when it is asked for first. New reference. */
static PyObject *
text_of(struct pt_trace_show *show, PyObject *name, uint32_t number, int line)
{
    const struct pt_trace_shown *file = &show->file[number];
    PyObject *text;

    if (line < 1 || line > file->texts ||
        line > PySequence_Fast_GET_SIZE(file->lines)) {
        return make_text(show, name, line, NULL);
    }
    text = file->text[line - 1];
    if (text == NULL) {
        pt_guard_enter();
        text = make_text(show, name, line,
                         PySequence_Fast_GET_ITEM(file->lines, line - 1));
        pt_guard_leave();
        if (text == NULL) {
            return NULL;
        }
        file->text[line - 1] = text;
    }
    return Py_NewRef(text);
}

/* "0.12 " in front of `text`, of which the reference is taken. */
static PyObject *
with_time(const struct pt_trace_show *show, PyObject *text)
{
    double now = (double)pt_clock_ns() * 1e-9;
    char *seconds = PyOS_double_to_string(now - show->start, 'f', 2, 0, NULL);
    PyObject *timed = NULL;

    if (seconds != NULL) {
        timed = PyUnicode_FromFormat("%s %U", seconds, text);
        PyMem_Free(seconds);
    }
    Py_DECREF(text);
    return timed;
}

int
pt_trace_show_line(struct pt_trace_show *show, PyObject *name, uint32_t number,
                   int line)
{
    struct pt_trace_shown *file = file_at(show, number);
    PyObject *text;

    if (file == NULL) {
        return -1;
    }
    if ((file->lines == NULL || file->entry != cache_entry(show, name)) &&
        take_lines(show, number, name) < 0) {
        return -1;
    }
    text = text_of(show, name, number, line);
    if (text != NULL && show->start != 0) {
        text = with_time(show, text);
    }
    return write_out(text);
}
