/* SPDX-License-Identifier: MIT */
/* calltable.c - from pairs of code objects to pairs of functions. */
#include "cli/report/print/calltable.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/source/funcname.h"
#include "core/base/rawmem.h"

#define NOBODY PT_CALLTABLE_NOBODY

/* All functions as they come, two for each call; `sum` has their places among
 * these until they are numbered. */
struct builder {
    const struct pt_report *report;
    const struct pt_share *share;  // that is being added
    struct pt_callee *function;
    uint32_t functions;
    struct pt_call_sum *sum;
    uint32_t sums;
    int failed;
};

static char *
text_of(struct builder *builder, struct pt_buf *buf)
{
    char *text = pt_buf_check(buf) == PT_OK
                     ? pt_rawmem_copy(pt_buf_text(buf), buf->used + 1)
                     : NULL;

    builder->failed |= text == NULL;
    pt_buf_release(buf);
    return text;
}

/* The function of a code object; NOBODY for none. */
static uint32_t
add_function(struct builder *builder, uint32_t id)
{
    const struct pt_report *report = builder->report;
    uint32_t process = builder->share->record->number;
    struct pt_buf path = PT_BUF_INIT, module = PT_BUF_INIT;
    struct pt_callee *function = &builder->function[builder->functions];
    struct pt_code code;

    if (!pt_reader_copy(report->reader, process, PT_SEGMENT_CODE, id, &code,
                        sizeof(code)) ||
        code.source >= builder->share->sources) {
        return NOBODY;
    }
    function->name = pt_reader_text(report->reader, process, code.name,
                                    &function->name_bytes);
    function->name = pt_funcname_cut(function->name, &function->name_bytes);
    function->line = code.defined_line;
    pt_naming_show(&report->naming,
                   report->sum.file[builder->share->file_of[code.source]].path,
                   &path);
    pt_naming_module(pt_buf_text(&path), &module);
    function->path = text_of(builder, &path);
    function->module = text_of(builder, &module);
    return builder->functions++;
}

static void
add_process(struct builder *builder)
{
    const struct pt_reader *reader = builder->report->reader;
    uint32_t process = builder->share->record->number;
    uint32_t calls = pt_reader_items(reader, process, PT_SEGMENT_CALL);

    for (uint32_t i = 1; i < calls && !builder->failed; i++) {
        struct pt_call_sum *sum = &builder->sum[builder->sums];
        struct pt_call call;

        *sum = (struct pt_call_sum){.callee = NOBODY};
        if (!pt_reader_copy(reader, process, PT_SEGMENT_CALL, i, &call,
                            sizeof(call)) ||
            call.counter == UINT32_MAX) {
            continue;
        }
        pt_reader_copy(reader, process, PT_SEGMENT_COUNTER, call.counter,
                       &sum->calls, sizeof(sum->calls));
        pt_reader_copy(reader, process, PT_SEGMENT_COUNTER, call.counter + 1,
                       &sum->resumed, sizeof(sum->resumed));
        // A child has its parent's pairs, but not their counts.
        if (sum->calls != 0 || sum->resumed != 0) {
            sum->callee = add_function(builder, call.callee);
        }
        if (sum->callee != NOBODY) {
            sum->caller = add_function(builder, call.caller);
            builder->sums++;
        }
    }
}

static int
compare_functions(const void *left, const void *right)
{
    const struct pt_callee *a = *(struct pt_callee *const *)left;
    const struct pt_callee *b = *(struct pt_callee *const *)right;

    return pt_funcname_compare(a->path, a->name, a->name_bytes, b->path,
                               b->name, b->name_bytes);
}

static void
free_texts(struct pt_callee *function)
{
    pt_rawmem_free(function->path);
    pt_rawmem_free(function->module);
    function->path = function->module = NULL;
}

/* Move each function once to the table; number[i] is where function i of the
 * builder is from then on. */
static int
number_functions(struct builder *builder, struct pt_calltable *table,
                 uint32_t *number)
{
    struct pt_callee **order = pt_rawmem_array((size_t)builder->functions + 1,
                                               sizeof(struct pt_callee *));

    if (order == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < builder->functions; i++) {
        order[i] = &builder->function[i];
    }
    qsort(order, builder->functions, sizeof(struct pt_callee *),
          compare_functions);
    for (uint32_t i = 0; i < builder->functions; i++) {
        table->functions += i == 0 ||
                            compare_functions(&order[i - 1], &order[i]) != 0;
        number[order[i] - builder->function] = table->functions - 1;
    }
    pt_rawmem_free(order);
    for (uint32_t i = 0; i < builder->functions; i++) {
        struct pt_callee *to = &table->function[number[i]];

        if (to->path == NULL) {
            *to = builder->function[i];
            builder->function[i].path = builder->function[i].module = NULL;
        }
    }
    return PT_OK;
}

static int
compare_calls(const void *left, const void *right)
{
    const struct pt_call_sum *a = left, *b = right;

    if (a->caller != b->caller) {
        return a->caller < b->caller ? -1 : 1;
    }
    return a->callee < b->callee ? -1 : a->callee > b->callee;
}

static void
merge_calls(struct builder *builder, struct pt_calltable *table,
            const uint32_t *number)
{
    struct pt_call_sum *sum = builder->sum;

    for (uint32_t i = 0; i < builder->sums; i++) {
        sum[i].caller = sum[i].caller != NOBODY ? number[sum[i].caller]
                                                : NOBODY;
        sum[i].callee = number[sum[i].callee];
        table->function[sum[i].callee].calls += sum[i].calls;
    }
    qsort(sum, builder->sums, sizeof(*sum), compare_calls);
    for (uint32_t i = 0; i < builder->sums; i++) {
        struct pt_call_sum *last = sum + table->calls - 1;

        if (table->calls != 0 && compare_calls(last, &sum[i]) == 0) {
            last->calls += sum[i].calls;
            last->resumed += sum[i].resumed;
        }
        else {
            sum[table->calls++] = sum[i];
        }
    }
    table->call = sum;
    builder->sum = NULL;
}

static int
build(struct builder *builder, struct pt_calltable *table, size_t calls)
{
    const struct pt_aggregate *sum = &builder->report->sum;
    uint32_t *number = pt_rawmem_array(2 * calls, sizeof(*number));
    int code = PT_ERR_NOMEM;

    builder->function = pt_rawmem_array(2 * calls, sizeof(struct pt_callee));
    builder->sum = pt_rawmem_array(calls, sizeof(*builder->sum));
    table->function = pt_rawmem_array(2 * calls, sizeof(*table->function));
    if (number != NULL && builder->function != NULL && builder->sum != NULL &&
        table->function != NULL) {
        for (uint32_t i = 0; i < sum->shares; i++) {
            builder->share = &sum->share[i];
            add_process(builder);
        }
        code = builder->failed ? PT_ERR_NOMEM
                               : number_functions(builder, table, number);
    }
    if (code == PT_OK) {
        merge_calls(builder, table, number);
    }
    for (uint32_t i = 0; i < builder->functions; i++) {
        free_texts(&builder->function[i]);
    }
    pt_rawmem_free(builder->function);
    pt_rawmem_free(builder->sum);
    pt_rawmem_free(number);
    return code;
}

int
pt_calltable_init(struct pt_calltable *table, const struct pt_report *report)
{
    struct builder builder = {.report = report};
    size_t calls = 1;
    int code;

    *table = (struct pt_calltable){0};
    for (uint32_t i = 0; i < report->sum.shares; i++) {
        calls += pt_reader_items(report->reader,
                                 report->sum.share[i].record->number,
                                 PT_SEGMENT_CALL);
    }
    code = build(&builder, table, calls);
    if (code != PT_OK) {
        pt_calltable_release(table);
    }
    return code;
}

void
pt_calltable_release(struct pt_calltable *table)
{
    for (uint32_t i = 0; i < table->functions; i++) {
        free_texts(&table->function[i]);
    }
    pt_rawmem_free(table->function);
    pt_rawmem_free(table->call);
    *table = (struct pt_calltable){0};
}
