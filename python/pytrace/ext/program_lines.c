/* SPDX-License-Identifier: MIT */
/* program_lines.c - see program_lines.h. */
#include "python/pytrace/ext/program_lines.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/py/codeinfo.h"
#include "core/py/frame.h"
#include "core/py/guard.h"
#include "core/timeline/recording.h"
#include "linetrace/feed.h"
#include "linetrace/filter.h"
#include "linetrace/telling.h"
#include "python/pytrace/ext/printing.h"
#include "python/pytrace/ext/program_source.h"
#include "python/pytrace/ext/threadfront.h"
#include "python/pytrace/ext/timefront.h"
#include "python/pytrace/ext/trace_names.h"

// What code of -c has as the name of its file, and other code made of strings.
#define COMMAND "<string>"

struct source_file {
    PyObject *name;
    int is_command;  // what stands behind -c
    int is_loaded;
    struct pt_program_source source;
};

/* What is known of a code object; number 0 is nothing. */
struct function {
    struct source_file *file;
    struct pt_buf head;  // " --- modulename: shop, funcname: sell\n"
};

static struct {
    struct pt_feed feed;
    struct pt_spool_look look;
    uint64_t start_ns;
    struct pt_threadfront threadfront;
    struct pt_buf front;     // of the line that is being printed
    struct pt_buf files;     // struct source_file *
    struct pt_buf function;  // struct function
    PyObject *command;       // the code object of -c, or NULL
    PyCodeObject *missed;    // the first that cannot tell, or NULL
    size_t misses;
} lines;

static struct function *
function_at(uint32_t number)
{
    return (struct function *)(void *)lines.function.data + number;
}

/* -- Code in scope ---- */

/* Is `code` this code object, or made by it? */
static int
is_part(PyObject *whole, PyCodeObject *code)
{
    PyObject *constants = ((PyCodeObject *)whole)->co_consts;

    if (whole == (PyObject *)code) {
        return 1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(constants); i++) {
        PyObject *constant = PyTuple_GET_ITEM(constants, i);

        if (PyCode_Check(constant) && is_part(constant, code)) {
            return 1;
        }
    }
    return 0;
}

/* Is it code of -c? What the program itself makes of strings has the same
 * name, but comes later; what there was before are functions. */
static int
is_command(PyCodeObject *code)
{
    PyObject *words = PySys_GetObject("orig_argv");

    if (PyUnicode_CompareWithASCIIString(code->co_filename, COMMAND) != 0 ||
        words == NULL || !PyList_Check(words) || PyList_GET_SIZE(words) < 3 ||
        PyUnicode_CompareWithASCIIString(PyList_GET_ITEM(words, 1), "-c") !=
            0) {
        return 0;
    }
    if (lines.command == NULL && (code->co_flags & CO_OPTIMIZED) == 0) {
        lines.command = Py_NewRef((PyObject *)code);
    }
    return lines.command != NULL && is_part(lines.command, code);
}

/* As for counting; what the program makes of strings has no lines to show. */
static bool
is_in_scope(PyCodeObject *code)
{
    char path[PATH_MAX + 1];
    size_t bytes = pt_code_text(code->co_filename, path, PATH_MAX);

    path[bytes] = '\0';
    return (pt_filter_decide(path, bytes) & PT_SOURCE_TRACED) != 0 &&
           (strcmp(path, COMMAND) != 0 || is_command(code));
}

/* The record of a file, new if there was none; NULL without memory. */
static struct source_file *
file_of(PyCodeObject *code)
{
    struct source_file **known = (void *)lines.files.data, *file;
    size_t count = lines.files.used / sizeof(*known);
    int command = is_command(code);

    for (size_t i = 0; i < count; i++) {
        if (known[i]->is_command == command &&
            PyUnicode_Compare(known[i]->name, code->co_filename) == 0) {
            return known[i];
        }
    }
    file = pt_rawmem_array(1, sizeof(*file));
    if (file == NULL) {
        return NULL;
    }
    pt_buf_add(&lines.files, &file, sizeof(file));
    if (lines.files.failed) {
        pt_rawmem_free(file);
        return NULL;
    }
    file->name = Py_NewRef(code->co_filename);
    file->is_command = command;
    return file;
}

static void
add_str(struct pt_buf *out, PyObject *text)
{
    char bytes[PATH_MAX];

    pt_buf_add(out, bytes, pt_code_text(text, bytes, sizeof(bytes)));
}

/* Number what is known of a code object, from 1; 0 without memory. */
static uint32_t
add_function(PyCodeObject *code)
{
    struct function function = {.file = file_of(code)};
    uint32_t number = (uint32_t)(lines.function.used / sizeof(function));
    PyObject *module;

    if (number == 0) {
        struct function nothing = {0};

        pt_buf_add(&lines.function, &nothing, sizeof(nothing));
        number = 1;
    }
    pt_guard_enter();
    module = pt_trace_modname(code->co_filename);
    pt_guard_leave();
    pt_buf_add_text(&function.head, " --- modulename: ");
    if (module != NULL) {
        add_str(&function.head, module);
        Py_DECREF(module);
    }
    PyErr_Clear();
    pt_buf_add_text(&function.head, ", funcname: ");
    add_str(&function.head, code->co_name);
    pt_buf_add_char(&function.head, '\n');
    pt_buf_add(&lines.function, &function, sizeof(function));
    if (function.file == NULL || function.head.failed ||
        lines.function.failed) {
        return 0;
    }
    return number;
}

/* -- Lines ---- */

PT_COLD static void
load(struct source_file *file, PyObject *globals)
{
    PyObject *words = PySys_GetObject("orig_argv"), *content = NULL;

    if (file->is_command && words != NULL && PyList_Check(words) &&
        PyList_GET_SIZE(words) > 2) {
        content = PyList_GET_ITEM(words, 2);
    }
    // Before anything is run: another thread may come here.
    file->is_loaded = 1;
    pt_program_source_load(&file->source, file->name, globals, content,
                           lines.look.colors != 0);
}

/* A line with a time or a thread in front of it. Until all of it is put, other
 * threads may run and come here too: they find no buffer. */
static int
print_with_front(const char *text, size_t bytes)
{
    char time[PT_TIMEFRONT_BYTES], *end = time + sizeof(time);
    struct pt_buf front = lines.front;
    int result;

    lines.front = (struct pt_buf)PT_BUF_INIT;
    pt_buf_reset(&front);
    if (lines.look.times) {
        char *start =
            pt_timefront(end, lines.start_ns, (int)lines.look.digits);

        pt_buf_add(&front, start, (size_t)(end - start));
    }
    if (lines.look.names) {
        pt_threadfront_add(&lines.threadfront, &front,
                           pt_thread_attached()->id);
    }
    pt_buf_add(&front, text, bytes);
    // Out of memory: better without its front than not at all.
    result = pt_unlikely(front.failed)
                 ? pt_printing_put(text, bytes)
                 : pt_printing_put(pt_buf_text(&front), front.used);
    if (pt_unlikely(front.failed || lines.front.data != NULL)) {
        pt_buf_release(&front);
    }
    else {
        lines.front = front;
    }
    return result;
}

static int
print_call(uint32_t number)
{
    const struct pt_buf *head = &function_at(number)->head;

    return pt_printing_put(pt_buf_text(head), head->used);
}

/* A line of the frame that runs now. Budget: 150 instructions to the spool. */
static int
print_line(uint32_t number, int line)
{
    struct source_file *file = function_at(number)->file;
    const char *text;
    size_t bytes;

    if (pt_unlikely(!file->is_loaded)) {
        load(file, pt_frame_top(pt_thread_attached())->globals);
    }
    text = pt_program_source_line(&file->source, line, &bytes);
    if (pt_unlikely(lines.look.times || lines.look.names)) {
        return print_with_front(text, bytes);
    }
    return pt_printing_put(text, bytes);
}

/* -- From a feed ---- */

static uint32_t
decide(struct pt_feed *feed, struct pt_site *site,
       const struct pt_frame *frame)
{
    (void)frame;
    if (!is_in_scope(site->code)) {
        return 0;
    }
    site->number = add_function(site->code);
    if (site->number == 0) {
        feed->dropped++;
        return 0;
    }
    return feed->wanted;
}

static int
on_event(struct pt_feed *feed, const struct pt_feed_event *event)
{
    uint32_t number = event->call->site->number;

    (void)feed;
    return event->kind == PT_FEED_LINE ? print_line(number, event->line)
                                       : print_call(number);
}

static const struct pt_feed_client client = {decide, on_event, NULL};

static int
start_feed(void)
{
    if (pt_feed_init(&lines.feed, &client,
                     PT_FEED_CALLS | PT_FEED_BIT(PT_FEED_LINE), 0, NULL) < 0) {
        return -1;
    }
    return pt_feed_start(&lines.feed);
}

/* -- From code that tells ---- */

static void
miss(PyCodeObject *code)
{
    if (lines.missed == NULL) {
        lines.missed = (PyCodeObject *)Py_NewRef((PyObject *)code);
    }
    lines.misses++;
}

static const struct pt_telling_client telling = {
    is_in_scope, add_function, miss, {print_call, print_line}};

static void
say_misses(void)
{
    if (lines.missed != NULL) {
        PySys_FormatStderr("pytrace: the lines of %zu functions could not be "
                           "shown, the first is '%U' (%U:%d); --count shows "
                           "them, too\n",
                           lines.misses, lines.missed->co_qualname,
                           lines.missed->co_filename,
                           lines.missed->co_firstlineno);
    }
}

int
pt_program_lines_start(const struct pt_spool_look *look, int is_counting)
{
    lines.look = *look;
    lines.start_ns = pt_clock_ns();
    if (!PT_HAS_MONITORING && !is_counting) {
        if (pt_telling_start(&telling) == 0) {
            return 0;
        }
        PyErr_Clear();
    }
    return start_feed();
}

void
pt_program_lines_stop(void)
{
    pt_telling_stop();
    say_misses();
    if (lines.feed.client == NULL) {
        return;
    }
    pt_feed_stop(&lines.feed);
    if (lines.feed.was_pushed_out) {
        pt_printing_say_pushed_out();
    }
}
