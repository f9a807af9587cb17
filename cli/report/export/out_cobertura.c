/* SPDX-License-Identifier: MIT */
/* out_cobertura.c - Cobertura's XML (coverage-04.dtd), with true hits.
 *
 * A package is a directory, a class a file, a method a function with the lines
 * that belong to it and to none within it.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/coverage.h"
#include "cli/report/text/xmltext.h"
#include "core/base/rawmem.h"

/* What of an element ran. */
struct rates {
    struct pt_covered_part lines;
    struct pt_covered_part ways;
};

static void
join(struct rates *to, const struct rates *from)
{
    to->lines.all += from->lines.all;
    to->lines.hit += from->lines.hit;
    to->ways.all += from->ways.all;
    to->ways.hit += from->ways.hit;
}

static struct rates
rates_of_line(const struct pt_covered_line *line)
{
    return (struct rates){{1, line->hits != 0},
                          {line->ways.ways, line->ways.taken}};
}

static struct rates
rates_of_file(const struct pt_covered *covered)
{
    return (struct rates){{covered->lines, covered->hit}, covered->ways};
}

/* Of what there is nothing of all is there. */
static double
rate(const struct pt_covered_part *part)
{
    return part->all != 0 ? (double)part->hit / (double)part->all : 1.0;
}

static void
add_rates(const struct pt_coverage *coverage, const struct rates *rates,
          struct pt_buf *out)
{
    pt_buf_add_format(out, " line-rate=\"%.4f\"", rate(&rates->lines));
    if (coverage->dossier->header->wanted & PT_WANT_ARCS) {
        pt_buf_add_format(out, " branch-rate=\"%.4f\"", rate(&rates->ways));
    }
    else {
        pt_buf_add_text(out, " branch-rate=\"0\"");
    }
}

static void
add_attribute(struct pt_buf *out, const char *name, const char *text,
              size_t bytes)
{
    pt_buf_add_format(out, " %s=\"", name);
    pt_xml_add(out, text, bytes);
    pt_buf_add_char(out, '"');
}

static void
add_line(struct pt_buf *out, const struct pt_covered_line *line)
{
    pt_buf_add_format(out, "<line number=\"%u\" hits=\"%" PRIu64 "\"",
                      line->line, line->hits);
    if (line->ways.ways != 0) {
        pt_buf_add_format(
            out, " branch=\"true\" condition-coverage=\"%u%% (%u/%u)\"",
            line->ways.taken * 100 / line->ways.ways, line->ways.taken,
            line->ways.ways);
    }
    pt_buf_add_text(out, "/>\n");
}

static void
add_method(const struct pt_coverage *coverage,
           const struct pt_covered *covered,
           const struct pt_function *function,
           const struct pt_function *const *function_of, struct pt_buf *out)
{
    struct pt_buf lines = PT_BUF_INIT;
    struct rates rates = {0};

    for (uint32_t i = 0; i < covered->lines; i++) {
        if (function_of[i] == function) {
            struct rates own = rates_of_line(&covered->line[i]);

            add_line(&lines, &covered->line[i]);
            join(&rates, &own);
        }
    }
    pt_buf_add_text(out, "<method");
    add_attribute(out, "name", function->name, function->name_bytes);
    pt_buf_add_text(out, " signature=\"\"");
    add_rates(coverage, &rates, out);
    pt_buf_add_text(out, " complexity=\"0\"><lines>\n");
    pt_buf_add_text(out, pt_buf_text(&lines));
    pt_buf_add_text(out, "</lines></method>\n");
    out->failed |= lines.failed;
    pt_buf_release(&lines);
}

static void
add_class(const struct pt_coverage *coverage, const struct pt_covered *covered,
          struct pt_buf *out)
{
    const struct pt_function *function = NULL;
    const struct pt_function **function_of =
        pt_rawmem_array((size_t)covered->lines + 1, sizeof(*function_of));
    struct pt_buf module = PT_BUF_INIT;
    struct rates rates = rates_of_file(covered);

    out->failed |= function_of == NULL;
    for (uint32_t i = 0; i < covered->lines && function_of != NULL; i++) {
        function_of[i] =
            pt_functions_find(&coverage->dossier->functions, covered->file,
                              covered->line[i].line);
    }
    pt_naming_module(covered->shown, &module);
    pt_buf_add_text(out, "<class");
    add_attribute(out, "name", pt_buf_text(&module), module.used);
    add_attribute(out, "filename", covered->shown, strlen(covered->shown));
    add_rates(coverage, &rates, out);
    pt_buf_add_text(out, " complexity=\"0\">\n<methods>\n");
    while (function_of != NULL && (function = pt_coverage_function(
                                       coverage, covered, function)) != NULL) {
        add_method(coverage, covered, function, function_of, out);
    }
    pt_buf_add_text(out, "</methods>\n<lines>\n");
    for (uint32_t i = 0; i < covered->lines; i++) {
        add_line(out, &covered->line[i]);
    }
    pt_buf_add_text(out, "</lines>\n</class>\n");
    out->failed |= module.failed;
    pt_buf_release(&module);
    pt_rawmem_free(function_of);
}

/* How many bytes of a path are its directory. */
static size_t
directory_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (size_t)(slash - path) : 0;
}

static int
is_of_package(const struct pt_covered *a, const struct pt_covered *b)
{
    size_t bytes = directory_bytes(a->shown);

    return bytes == directory_bytes(b->shown) &&
           memcmp(a->shown, b->shown, bytes) == 0;
}

/* Files come sorted by path; those of a directory may still be apart. */
static void
add_package(const struct pt_coverage *coverage, uint32_t first,
            struct pt_buf *out)
{
    const struct pt_covered *head = &coverage->covered[first];
    size_t bytes = directory_bytes(head->shown);
    struct rates rates = {0};

    for (uint32_t i = first; i < coverage->files; i++) {
        if (is_of_package(head, &coverage->covered[i])) {
            struct rates own = rates_of_file(&coverage->covered[i]);

            join(&rates, &own);
        }
    }
    pt_buf_add_text(out, "<package");
    add_attribute(out, "name", bytes != 0 ? head->shown : ".",
                  bytes != 0 ? bytes : 1);
    add_rates(coverage, &rates, out);
    pt_buf_add_text(out, " complexity=\"0\">\n<classes>\n");
    for (uint32_t i = first; i < coverage->files; i++) {
        if (is_of_package(head, &coverage->covered[i])) {
            add_class(coverage, &coverage->covered[i], out);
        }
    }
    pt_buf_add_text(out, "</classes>\n</package>\n");
}

static int
is_first_of_package(const struct pt_coverage *coverage, uint32_t number)
{
    for (uint32_t i = 0; i < number; i++) {
        if (is_of_package(&coverage->covered[i], &coverage->covered[number])) {
            return 0;
        }
    }
    return 1;
}

int
pt_out_cobertura(struct pt_export *request)
{
    const struct pt_header *header = request->dossier->header;
    struct pt_buf *out = request->out;
    struct pt_coverage coverage;
    struct rates rates;
    int code = pt_coverage_init(&coverage, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    pt_buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<!DOCTYPE coverage SYSTEM \"http://cobertura."
                         "sourceforge.net/xml/coverage-04.dtd\">\n<coverage");
    rates = (struct rates){{coverage.lines, coverage.hit}, coverage.ways};
    add_rates(&coverage, &rates, out);
    pt_buf_add_format(
        out,
        " lines-covered=\"%" PRIu64 "\" lines-valid=\"%" PRIu64
        "\" branches-covered=\"%" PRIu64 "\" branches-valid=\"%" PRIu64
        "\" complexity=\"0\" version=\"pytrace %s\" timestamp=\"%" PRIu64
        "\">\n<sources><source>",
        coverage.hit, coverage.lines, coverage.ways.hit, coverage.ways.all,
        PT_VERSION, header->start_unix_ns / 1000000u);
    pt_xml_add(out, header->directory, strlen(header->directory));
    pt_buf_add_text(out, "</source></sources>\n<packages>\n");
    for (uint32_t i = 0; i < coverage.files; i++) {
        if (is_first_of_package(&coverage, i)) {
            add_package(&coverage, i, out);
        }
    }
    pt_buf_add_text(out, "</packages>\n</coverage>\n");
    pt_coverage_release(&coverage);
    return PT_OK;
}
