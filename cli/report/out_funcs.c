/* SPDX-License-Identifier: MIT */
/* out_funcs.c - from the counters of code objects to calls of functions. */
#include "cli/report/out_funcs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rawmem.h"

#define LOCALS "<locals>."
#define LAMBDA "<lambda>"

/* Code objects may share counters, but not without end: see aggregate.c. */
#define SHARED_MAX 8u

struct function {
    const char *path;  // co_filename
    const char *name;  // borrowed of the reader, not ended by 0
    size_t name_bytes;
    uint64_t calls;
};

struct functions {
    const struct pt_reader *reader;
    struct function *function;
    size_t functions;
    uint64_t counters_left;  // to look at in this process
};

static uint64_t
counter_at(struct functions *list, uint32_t process, uint64_t index)
{
    const void *found =
        list->counters_left != 0 && index <= UINT32_MAX
            ? pt_reader_item(list->reader, process, PT_SEGMENT_COUNTER,
                             (uint32_t)index)
            : NULL;
    uint64_t counter = 0;

    if (list->counters_left != 0) {
        list->counters_left--;
    }
    if (found != NULL) {
        memcpy(&counter, found, sizeof(counter));
    }
    return counter & PT_COUNTER_HITS;
}

/* Calls by the terms of line 0. */
static uint64_t
calls_by_terms(struct functions *list, uint32_t process,
               const struct pt_code *code)
{
    uint64_t calls = 0;

    for (uint32_t i = 0; i < code->terms; i++) {
        struct pt_term term;
        const void *found =
            code->term <= UINT32_MAX - i
                ? pt_reader_item(list->reader, process, PT_SEGMENT_TERM,
                                 code->term + i)
                : NULL;

        if (found == NULL) {
            break;
        }
        memcpy(&term, found, sizeof(term));
        if (term.line == 0) {
            calls += (uint64_t)(int64_t)term.weight *
                     counter_at(list, process,
                                (uint64_t)code->counter + term.counter);
        }
    }
    return calls <= INT64_MAX ? calls : 0;
}

/* Hits of the first line that has any. The line of the def itself has not:
 * what is there is no line event. */
static uint64_t
calls_by_lines(struct functions *list, uint32_t process,
               const struct pt_code *code)
{
    for (uint32_t i = 0; i < code->lines && list->counters_left != 0; i++) {
        uint64_t hits = counter_at(list, process, (uint64_t)code->counter + i);

        if (hits != 0) {
            return hits;
        }
    }
    return 0;
}

/* Cut a qualified name to what trace calls a function: the name, before it
 * the class. */
static void
cut_name(struct function *function)
{
    const char *at = function->name;
    const char *end = at + function->name_bytes;
    const char *locals, *dot, *class;

    while ((locals = memmem(at, (size_t)(end - at), LOCALS, strlen(LOCALS))) !=
           NULL) {
        at = locals + strlen(LOCALS);
    }
    dot = memrchr(at, '.', (size_t)(end - at));
    if (dot != NULL) {
        class = memrchr(at, '.', (size_t)(dot - at));
        // <genexpr> and the like are of no class, a lambda may be.
        at = dot[1] == '<' && memcmp(dot + 1, LAMBDA, 3) != 0 ? dot + 1
             : class != NULL                                  ? class + 1
                                                              : at;
    }
    function->name = at;
    function->name_bytes = (size_t)(end - at);
}

static void
add_process(struct functions *list, const struct pt_aggregate *sum,
            const struct pt_share *share)
{
    uint32_t process = share->record->number;
    uint32_t codes = pt_reader_items(list->reader, process, PT_SEGMENT_CODE);

    list->counters_left =
        (uint64_t)SHARED_MAX *
        pt_reader_items(list->reader, process, PT_SEGMENT_COUNTER);
    for (uint32_t i = 1; i < codes; i++) {
        struct function *next = &list->function[list->functions];
        const void *found =
            pt_reader_item(list->reader, process, PT_SEGMENT_CODE, i);
        struct pt_code code = {0};

        if (found != NULL) {
            memcpy(&code, found, sizeof(code));
        }
        if (code.counter == 0 || code.source >= share->sources) {
            continue;
        }
        next->calls = code.terms != 0 ? calls_by_terms(list, process, &code)
                                      : calls_by_lines(list, process, &code);
        if (next->calls == 0) {
            continue;
        }
        next->path = sum->file[share->file_of[code.source]].path;
        next->name = pt_reader_text(list->reader, process, code.name,
                                    &next->name_bytes);
        cut_name(next);
        list->functions++;
    }
}

static int
compare_functions(const void *left, const void *right)
{
    const struct function *a = left, *b = right;
    size_t least = a->name_bytes < b->name_bytes ? a->name_bytes
                                                 : b->name_bytes;
    int order = strcmp(a->path, b->path);

    order = order != 0 ? order : memcmp(a->name, b->name, least);
    if (order != 0) {
        return order;
    }
    return a->name_bytes < b->name_bytes ? -1 : a->name_bytes > b->name_bytes;
}

static void
print_function(struct pt_report *report, const struct function *function,
               uint64_t calls)
{
    struct pt_buf path = PT_BUF_INIT, module = PT_BUF_INIT;
    struct pt_buf *out = &report->out;

    pt_naming_show(&report->naming, function->path, &path);
    pt_naming_module(pt_buf_text(&path), &module);
    pt_buf_add_text(out, "filename: ");
    pt_escape_add(out, pt_buf_text(&path), path.used, report->escape);
    pt_buf_add_text(out, ", modulename: ");
    pt_escape_add(out, pt_buf_text(&module), module.used, report->escape);
    pt_buf_add_text(out, ", funcname: ");
    pt_escape_add(out, function->name, function->name_bytes, report->escape);
    if (report->options->with_calls) {
        pt_buf_add_format(out, ", calls: %" PRIu64, calls);
    }
    pt_buf_add_char(out, '\n');
    out->failed |= path.failed | module.failed;
    pt_buf_release(&path);
    pt_buf_release(&module);
}

/* Those of one name are one: loops make functions anew. */
static void
print_functions(struct pt_report *report, struct functions *list)
{
    uint64_t calls = 0;

    if (list->functions == 0) {
        return;
    }
    qsort(list->function, list->functions, sizeof(*list->function),
          compare_functions);
    pt_buf_add_text(&report->out, "\nfunctions called:\n");
    for (size_t i = 0; i < list->functions; i++) {
        const struct function *function = &list->function[i];

        calls += function->calls;
        if (i + 1 == list->functions ||
            compare_functions(function, function + 1) != 0) {
            print_function(report, function, calls);
            calls = 0;
        }
    }
}

void
pt_out_funcs(struct pt_report *report)
{
    const struct pt_aggregate *sum = &report->sum;
    struct functions list = {.reader = report->reader};
    size_t codes = 1;

    for (uint32_t i = 0; i < sum->shares; i++) {
        codes += pt_reader_items(report->reader, sum->share[i].record->number,
                                 PT_SEGMENT_CODE);
    }
    list.function = pt_rawmem_array(codes, sizeof(*list.function));
    if (list.function == NULL) {
        report->out.failed = 1;
        return;
    }
    for (uint32_t i = 0; i < sum->shares; i++) {
        add_process(&list, sum, &sum->share[i]);
    }
    print_functions(report, &list);
    pt_rawmem_free(list.function);
}
