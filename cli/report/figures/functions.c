/* SPDX-License-Identifier: MIT */
/* functions.c - from code objects to functions. */
#include "cli/report/figures/functions.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/rawmem.h"

/* Code objects may share counters, but not without end: see aggregate.c. */
#define SHARED_MAX 8u

#define MODULE "<module>"

struct collector {
    struct pt_functions *functions;
    const struct pt_reader *reader;
    uint64_t counters_left;  // to look at in this process
};

static uint64_t
counter_at(struct collector *list, uint32_t process, uint64_t index)
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
calls_by_terms(struct collector *list, uint32_t process,
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
calls_by_lines(struct collector *list, uint32_t process,
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

/* Does the last part of the name say that it is no function of its own? */
static int
is_part(const char *name, size_t bytes)
{
    const char *dot = bytes != 0 ? memrchr(name, '.', bytes) : NULL;
    const char *last = dot != NULL ? dot + 1 : name;
    size_t left = bytes - (size_t)(last - name);

    return left != 0 && last[0] == '<' &&
           !(left == strlen(MODULE) && memcmp(last, MODULE, left) == 0);
}

static void
add_code(struct collector *list, const struct pt_share *share,
         const struct pt_code *code)
{
    struct pt_function *next =
        &list->functions->function[list->functions->functions++];
    uint32_t process = share->record->number;
    uint32_t lines = code->lines != 0 ? code->lines - 1 : 0;

    next->file = share->file_of[code->source];
    next->defined_line = code->defined_line;
    next->last_line = lines <= UINT32_MAX - code->first_line
                          ? code->first_line + lines
                          : code->first_line;
    next->name =
        pt_reader_text(list->reader, process, code->name, &next->name_bytes);
    next->is_part = is_part(next->name, next->name_bytes);
    next->is_counted = code->counter != 0;
    if (next->is_counted) {
        next->calls = code->terms != 0 ? calls_by_terms(list, process, code)
                                       : calls_by_lines(list, process, code);
    }
}

/* What stands for all of a file, of which no more is known, has none. */
static int
has_name(const struct pt_reader *reader, uint32_t process,
         const struct pt_code *code)
{
    size_t bytes;

    (void)pt_reader_text(reader, process, code->name, &bytes);
    return bytes != 0;
}

static void
add_process(struct collector *list, const struct pt_share *share)
{
    uint32_t process = share->record->number;
    uint32_t codes = pt_reader_items(list->reader, process, PT_SEGMENT_CODE);

    list->counters_left =
        (uint64_t)SHARED_MAX *
        pt_reader_items(list->reader, process, PT_SEGMENT_COUNTER);
    for (uint32_t i = 1; i < codes; i++) {
        const void *found =
            pt_reader_item(list->reader, process, PT_SEGMENT_CODE, i);
        struct pt_code code;

        if (found == NULL) {
            continue;
        }
        memcpy(&code, found, sizeof(code));
        if (code.source < share->sources && share->file_of[code.source] != 0 &&
            has_name(list->reader, process, &code)) {
            add_code(list, share, &code);
        }
    }
}

static int
compare_names(const struct pt_function *a, const struct pt_function *b)
{
    size_t least = a->name_bytes < b->name_bytes ? a->name_bytes
                                                 : b->name_bytes;
    int order = memcmp(a->name, b->name, least);

    return order != 0 ? order
                      : (a->name_bytes > b->name_bytes) -
                            (a->name_bytes < b->name_bytes);
}

static int
compare_functions(const void *left, const void *right)
{
    const struct pt_function *a = left, *b = right;

    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    if (a->defined_line != b->defined_line) {
        return a->defined_line < b->defined_line ? -1 : 1;
    }
    return compare_names(a, b);
}

static int
compare_within_file(const void *left, const void *right)
{
    const struct pt_function *a = *(struct pt_function *const *)left;
    const struct pt_function *b = *(struct pt_function *const *)right;
    int order = a->file != b->file ? (a->file < b->file ? -1 : 1)
                                   : compare_names(a, b);

    return order != 0 ? order : (a > b) - (a < b);
}

/* Functions of one name and file by their order. */
static int
number(struct pt_functions *functions)
{
    struct pt_function **by_name =
        pt_rawmem_array((size_t)functions->functions + 1, sizeof(*by_name));

    if (by_name == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < functions->functions; i++) {
        by_name[i] = &functions->function[i];
    }
    qsort(by_name, functions->functions, sizeof(*by_name),
          compare_within_file);
    for (uint32_t i = 1; i < functions->functions; i++) {
        if (by_name[i]->file == by_name[i - 1]->file &&
            compare_names(by_name[i], by_name[i - 1]) == 0) {
            by_name[i]->nth = by_name[i - 1]->nth + 1;
        }
    }
    pt_rawmem_free(by_name);
    return PT_OK;
}

/* Sort, and make one of those that are the same. */
static void
merge(struct pt_functions *functions)
{
    struct pt_function *function = functions->function;
    uint32_t kept = 0;

    qsort(function, functions->functions, sizeof(*function),
          compare_functions);
    for (uint32_t i = 0; i < functions->functions; i++) {
        struct pt_function *last = kept != 0 ? &function[kept - 1] : NULL;

        if (last == NULL || compare_functions(last, &function[i]) != 0) {
            function[kept++] = function[i];
            continue;
        }
        last->calls += function[i].calls;
        last->is_counted |= function[i].is_counted;
        if (last->last_line < function[i].last_line) {
            last->last_line = function[i].last_line;
        }
    }
    functions->functions = kept;
}

int
pt_functions_init(struct pt_functions *functions,
                  const struct pt_reader *reader,
                  const struct pt_aggregate *sum)
{
    struct collector list = {.functions = functions, .reader = reader};
    size_t codes = 1;

    *functions = (struct pt_functions){0};
    for (uint32_t i = 0; i < sum->shares; i++) {
        codes += pt_reader_items(reader, sum->share[i].record->number,
                                 PT_SEGMENT_CODE);
    }
    functions->function = pt_rawmem_array(codes, sizeof(struct pt_function));
    if (functions->function == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->shares; i++) {
        add_process(&list, &sum->share[i]);
    }
    merge(functions);
    if (number(functions) != PT_OK) {
        pt_functions_release(functions);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

const struct pt_function *
pt_functions_find(const struct pt_functions *functions, uint32_t file,
                  uint32_t line)
{
    uint32_t low = 0, high = functions->functions;

    // The first that begins behind the line.
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct pt_function *at = &functions->function[middle];

        if (at->file < file ||
            (at->file == file && at->defined_line <= line)) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    for (; low != 0; low--) {
        const struct pt_function *at = &functions->function[low - 1];

        if (at->file != file) {
            break;
        }
        if (at->last_line >= line && !at->is_part) {
            return at;
        }
    }
    return NULL;
}

void
pt_functions_release(struct pt_functions *functions)
{
    pt_rawmem_free(functions->function);
    *functions = (struct pt_functions){0};
}
