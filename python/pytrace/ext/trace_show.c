/* SPDX-License-Identifier: MIT */
/* trace_show.c - texts of lines, and writing them where print() would. */
#include "python/pytrace/ext/trace_show.h"

#include <stdarg.h>
#include <string.h>

#include "core/base/rawmem.h"
#include "core/py/dictversion.h"
#include "core/py/guard.h"
#include "core/py/thread.h"
#include "python/pytrace/ext/timefront.h"

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
    pt_outlet_release(&show->outlet);
    Py_CLEAR(show->thread_name);
    Py_CLEAR(show->linecache);
    Py_CLEAR(show->cache_name);
    Py_CLEAR(show->cache);
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
    Py_VISIT(show->thread_name);
    Py_VISIT(show->linecache);
    Py_VISIT(show->cache_name);
    Py_VISIT(show->cache);
    Py_VISIT(show->gap);
    Py_VISIT(show->gap_at_end);
    return pt_outlet_traverse(&show->outlet, visit, arg);
}

int
pt_trace_show_text(struct pt_trace_show *show, const char *format, ...)
{
    PyObject *text;
    va_list args;

    va_start(args, format);
    text = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return pt_outlet_write(&show->outlet, text);
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

/* linecache.cache, which the program may have changed. Borrowed, or NULL. */
static PyObject *
cache_of(struct pt_trace_show *show)
{
    PyObject *dict = PyModule_GetDict(show->linecache);
    uint64_t version = pt_dict_version(dict);

    if (pt_unlikely(version == 0 || version != show->module_version)) {
        PyObject *cache = PyDict_GetItemWithError(dict, show->cache_name);

        Py_XSETREF(show->cache, cache != NULL && PyDict_Check(cache)
                                    ? Py_NewRef(cache)
                                    : NULL);
        show->module_version = version;
    }
    return show->cache;
}

/* What linecache holds of a file now; borrowed, NULL for nothing. */
static PyObject *
cache_entry(struct pt_trace_show *show, PyObject *name)
{
    PyObject *cache = cache_of(show);

    return cache != NULL ? PyDict_GetItemWithError(cache, name) : NULL;
}

/* Are the lines that we have of a file those that linecache has? */
PT_INLINE int
is_fresh(struct pt_trace_show *show, struct pt_trace_shown *file,
         PyObject *name)
{
    PyObject *cache = cache_of(show);
    uint64_t version = cache != NULL ? pt_dict_version(cache) : 0;

    if (file->lines == NULL) {
        return 0;
    }
    if (pt_likely(version != 0 && version == file->cache_version)) {
        return 1;
    }
    if (file->entry != cache_entry(show, name)) {
        return 0;
    }
    file->cache_version = version;
    return 1;
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
    *file =
        (struct pt_trace_shown){.entry = Py_XNewRef(cache_entry(show, name)),
                                .lines = lines,
                                .text = text,
                                .texts = texts};
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
    const char *on = show->look.has_colors ? "\x1b[36m" : "";
    const char *off = show->look.has_colors ? "\x1b[0m" : "";
    PyObject *text = NULL;

    if (file == NULL) {
        return NULL;
    }
    if (source == NULL) {
        text = PyUnicode_FromFormat("%s%U(%d)%s%U", on, file, line, off,
                                    show->gap_at_end);
    }
    else {
        text = PyUnicode_FromFormat("%s%U(%d)%s%U%S", on, file, line, off,
                                    show->gap, source);
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

/* Some ASCII in front of `text`, of which the reference is taken. */
static PyObject *
with_front(const char *front, Py_ssize_t bytes, PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    PyObject *whole =
        PyUnicode_New(bytes + length, PyUnicode_MAX_CHAR_VALUE(text));

    if (whole != NULL) {
        for (Py_ssize_t i = 0; i < bytes; i++) {
            PyUnicode_WRITE(PyUnicode_KIND(whole), PyUnicode_DATA(whole), i,
                            (Py_UCS4)front[i]);
        }
        if (PyUnicode_CopyCharacters(whole, bytes, text, 0, length) < 0) {
            Py_CLEAR(whole);
        }
    }
    Py_DECREF(text);
    return whole;
}

/* "0.12 " in front of `text`, of which the reference is taken. */
static PyObject *
with_time(const struct pt_trace_show *show, PyObject *text)
{
    char front[PT_TIMEFRONT_BYTES], *end = front + sizeof(front);
    char *start =
        pt_timefront(end, (uint64_t)(show->start * 1e9), show->look.digits);

    return with_front(start, end - start, text);
}

/* Make the name of this thread the one that is shown, if there are several. */
PT_COLD static int
name_thread(struct pt_trace_show *show, uint64_t id)
{
    PyObject *name;

    if (show->first_thread == 0) {
        show->first_thread = id;
    }
    if (show->first_thread != id || show->thread_name != NULL) {
        name = pt_thread_name();
        if (name == NULL) {
            return -1;
        }
        Py_XSETREF(show->thread_name, PyUnicode_FromFormat("[%U] ", name));
        Py_DECREF(name);
    }
    show->named_thread = id;
    return show->first_thread == id || show->thread_name != NULL ? 0 : -1;
}

/* The thread's name in front of `text`, of which the reference is taken. */
static PyObject *
with_thread(struct pt_trace_show *show, PyObject *text)
{
    uint64_t id = pt_thread_attached()->id;

    if (id != show->named_thread && name_thread(show, id) < 0) {
        Py_CLEAR(text);
    }
    if (text != NULL && show->thread_name != NULL) {
        Py_SETREF(text, PyUnicode_Concat(show->thread_name, text));
    }
    return text;
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
    if (pt_unlikely(!is_fresh(show, file, name)) &&
        take_lines(show, number, name) < 0) {
        return -1;
    }
    text = text_of(show, name, number, line);
    if (text != NULL && show->look.names) {
        text = with_thread(show, text);
    }
    if (text != NULL && show->start != 0) {
        text = with_time(show, text);
    }
    return pt_outlet_write(&show->outlet, text);
}
