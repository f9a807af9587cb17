/* SPDX-License-Identifier: MIT */
/* out_funcs.c - from the counters of code objects to calls of functions. */
#include "cli/report/print/out_funcs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/figures/functions.h"
#include "cli/report/source/funcname.h"
#include "core/base/rawmem.h"

struct function {
    const char *path;  // co_filename
    const char *name;  // borrowed of the reader, not ended by 0
    size_t name_bytes;
    uint64_t calls;
};

static int
compare_functions(const void *left, const void *right)
{
    const struct function *a = left, *b = right;

    return pt_funcname_compare(a->path, a->name, a->name_bytes, b->path,
                               b->name, b->name_bytes);
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
print_functions(struct pt_report *report, struct function *list, size_t count)
{
    uint64_t calls = 0;

    if (count == 0) {
        return;
    }
    qsort(list, count, sizeof(*list), compare_functions);
    pt_buf_add_text(&report->out, "\nfunctions called:\n");
    for (size_t i = 0; i < count; i++) {
        const struct function *function = &list[i];

        calls += function->calls;
        if (i + 1 == count || compare_functions(function, function + 1) != 0) {
            print_function(report, function, calls);
            calls = 0;
        }
    }
}

void
pt_out_funcs(struct pt_report *report)
{
    const struct pt_aggregate *sum = &report->sum;
    struct pt_functions functions;
    struct function *called = NULL;
    size_t count = 0;

    if (pt_functions_init(&functions, report->reader, sum) != PT_OK) {
        report->out.failed = 1;
        return;
    }
    called = pt_rawmem_array((size_t)functions.functions + 1, sizeof(*called));
    if (called == NULL) {
        report->out.failed = 1;
    }
    for (uint32_t i = 0; called != NULL && i < functions.functions; i++) {
        const struct pt_function *function = &functions.function[i];

        if (function->calls != 0) {
            struct function *next = &called[count++];

            *next = (struct function){sum->file[function->file].path,
                                      function->name, function->name_bytes,
                                      function->calls};
            next->name = pt_funcname_cut(next->name, &next->name_bytes);
        }
    }
    print_functions(report, called, count);
    pt_rawmem_free(called);
    pt_functions_release(&functions);
}
