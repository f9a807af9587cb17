/* SPDX-License-Identifier: MIT */
/* tracer_filter.c - patterns against files, modules and functions. */
#include "python/pytrace/ext/tracer_filter.h"

#include <limits.h>
#include <string.h>

#include "core/base/pattern.h"
#include "core/py/codeinfo.h"
#include "core/timeline/recording.h"
#include "linetrace/filter.h"

#define TEXT_BYTES (PATH_MAX + 1)

int
pt_tracer_patterns_take(struct pt_buf *patterns, PyObject *texts)
{
    PyObject *list;

    if (texts == Py_None) {
        return 0;
    }
    list = PySequence_Fast(texts, "patterns are a sequence of str");
    if (list == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(list, i);
        char bytes[TEXT_BYTES];
        size_t used;

        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError, "a pattern is a str, not '%s'",
                         Py_TYPE(item)->tp_name);
            break;
        }
        used = pt_code_text(item, bytes, sizeof(bytes));
        if (used == 0 || memchr(bytes, '\0', used) != NULL) {
            PyErr_Format(PyExc_ValueError, "%R is no pattern", item);
            break;
        }
        pt_buf_add(patterns, bytes, used);
        pt_buf_add_char(patterns, '\0');
    }
    Py_DECREF(list);
    if (patterns->failed) {
        PyErr_NoMemory();
    }
    return PyErr_Occurred() ? -1 : 0;
}

void
pt_tracer_filter_release(struct pt_tracer_filter *filter)
{
    struct pt_buf *all[] = {&filter->threads, &filter->libraries,
                            &filter->tool};

    for (int i = 0; i < PT_TRACER_SUBJECTS; i++) {
        pt_buf_release(&filter->include[i]);
        pt_buf_release(&filter->omit[i]);
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        pt_buf_release(all[i]);
    }
}

static int
fit(const struct pt_buf *patterns, const char *text, size_t bytes,
    char separator)
{
    const char *pattern = pt_buf_text(patterns);

    for (; *pattern != '\0'; pattern += strlen(pattern) + 1) {
        for (size_t end = 1; end <= bytes; end++) {
            if ((end == bytes || text[end] == separator) &&
                pt_pattern_match(pattern, text, end)) {
                return 1;
            }
        }
    }
    return 0;
}

int
pt_tracer_patterns_fit(const struct pt_buf *patterns, PyObject *text,
                       char separator)
{
    char bytes[TEXT_BYTES];

    return fit(patterns, bytes, pt_code_text(text, bytes, sizeof(bytes)),
               separator);
}

/* Does one of the directories hold the path? */
static int
holds(const struct pt_buf *directories, const char *path, size_t bytes)
{
    const char *directory = pt_buf_text(directories);

    for (; *directory != '\0'; directory += strlen(directory) + 1) {
        size_t length = strlen(directory);

        if (bytes > length && memcmp(path, directory, length) == 0 &&
            path[length] == '/') {
            return 1;
        }
    }
    return 0;
}

static int
is_own(const struct pt_tracer_filter *filter, const char *path, size_t bytes)
{
    static const char frozen[] = "<frozen ";

    return !holds(&filter->libraries, path, bytes) &&
           memmem(path, bytes, "/site-packages/", 15) == NULL &&
           memmem(path, bytes, "/dist-packages/", 15) == NULL &&
           strncmp(path, frozen, sizeof(frozen) - 1) != 0;
}

static int
is_file_wanted(const struct pt_tracer_filter *filter, PyObject *name)
{
    const struct pt_tracer_filter *f = filter;
    char path[TEXT_BYTES];
    size_t bytes = pt_code_text(name, path, sizeof(path) - 1);

    path[bytes] = '\0';
    if (filter->as_counted) {
        return (pt_filter_decide(path, bytes) & PT_SOURCE_TRACED) != 0;
    }
    if (holds(&f->tool, path, bytes) ||
        fit(&f->omit[PT_TRACER_FILES], path, bytes, '/')) {
        return 0;
    }
    if (f->include[PT_TRACER_FILES].used != 0) {
        return fit(&f->include[PT_TRACER_FILES], path, bytes, '/');
    }
    return f->takes_all || f->include[PT_TRACER_MODULES].used != 0 ||
           f->include[PT_TRACER_FUNCTIONS].used != 0 || is_own(f, path, bytes);
}

/* The name that the globals of a frame have for their module, or NULL. */
static PyObject *
module_name(const struct pt_frame *frame)
{
    PyObject *globals = frame->globals;
    PyObject *name = globals != NULL && PyDict_Check(globals)
                         ? PyDict_GetItemString(globals, "__name__")
                         : NULL;

    return name != NULL && PyUnicode_Check(name) ? name : NULL;
}

static int
is_module_wanted(const struct pt_tracer_filter *filter,
                 const struct pt_frame *frame)
{
    const struct pt_buf *include = &filter->include[PT_TRACER_MODULES];
    const struct pt_buf *omit = &filter->omit[PT_TRACER_MODULES];
    PyObject *name = module_name(frame);

    if (name == NULL) {
        return include->used == 0;
    }
    return !pt_tracer_patterns_fit(omit, name, '.') &&
           (include->used == 0 || pt_tracer_patterns_fit(include, name, '.'));
}

/* By its own name or the qualified one. */
static int
fits_function(const struct pt_buf *patterns, const PyCodeObject *code)
{
    return pt_tracer_patterns_fit(patterns, code->co_name, '\0') ||
           pt_tracer_patterns_fit(patterns, code->co_qualname, '\0');
}

int
pt_tracer_filter_decide(const struct pt_tracer_filter *filter,
                        const PyCodeObject *code, const struct pt_frame *frame)
{
    const struct pt_buf *include = &filter->include[PT_TRACER_FUNCTIONS];

    return is_file_wanted(filter, code->co_filename) &&
           is_module_wanted(filter, frame) &&
           !fits_function(&filter->omit[PT_TRACER_FUNCTIONS], code) &&
           (include->used == 0 || fits_function(include, code));
}
