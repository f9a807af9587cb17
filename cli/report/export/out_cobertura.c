/* SPDX-License-Identifier: MIT */
/* out_cobertura.c - Cobertura's XML (coverage-04.dtd), with true hits.
 *
 * A package is a directory, a class a file, a method a function with the lines
 * that belong to it and to none within it.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/report/figures/coverage.h"
#include "cli/report/export/export.h"
#include "cli/report/text/xmltext.h"

static void
add_rates(struct pt_buf *out, uint64_t hit, uint64_t lines)
{
    pt_buf_add_format(out, " line-rate=\"%.4f\" branch-rate=\"0\"",
                      lines != 0 ? (double)hit / (double)lines : 1.0);
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
    pt_buf_add_format(out, "<line number=\"%u\" hits=\"%" PRIu64 "\"/>\n",
                      line->line, line->hits);
}

static void
add_method(const struct pt_coverage *coverage,
           const struct pt_covered *covered,
           const struct pt_function *function, struct pt_buf *out)
{
    const struct pt_functions *functions = &coverage->dossier->functions;
    struct pt_buf lines = PT_BUF_INIT;
    uint32_t found = 0, hit = 0;

    for (uint32_t i = 0; i < covered->lines; i++) {
        if (pt_functions_find(functions, covered->file,
                              covered->line[i].line) == function) {
            add_line(&lines, &covered->line[i]);
            found++;
            hit += covered->line[i].hits != 0;
        }
    }
    pt_buf_add_text(out, "<method");
    add_attribute(out, "name", function->name, function->name_bytes);
    pt_buf_add_text(out, " signature=\"\"");
    add_rates(out, hit, found);
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
    struct pt_buf module = PT_BUF_INIT;

    pt_naming_module(covered->shown, &module);
    pt_buf_add_text(out, "<class");
    add_attribute(out, "name", pt_buf_text(&module), module.used);
    add_attribute(out, "filename", covered->shown, strlen(covered->shown));
    add_rates(out, covered->hit, covered->lines);
    pt_buf_add_text(out, " complexity=\"0\">\n<methods>\n");
    while ((function = pt_coverage_function(coverage, covered, function)) !=
           NULL) {
        add_method(coverage, covered, function, out);
    }
    pt_buf_add_text(out, "</methods>\n<lines>\n");
    for (uint32_t i = 0; i < covered->lines; i++) {
        add_line(out, &covered->line[i]);
    }
    pt_buf_add_text(out, "</lines>\n</class>\n");
    out->failed |= module.failed;
    pt_buf_release(&module);
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
    uint64_t hit = 0, lines = 0;

    for (uint32_t i = first; i < coverage->files; i++) {
        if (is_of_package(head, &coverage->covered[i])) {
            hit += coverage->covered[i].hit;
            lines += coverage->covered[i].lines;
        }
    }
    pt_buf_add_text(out, "<package");
    add_attribute(out, "name", bytes != 0 ? head->shown : ".",
                  bytes != 0 ? bytes : 1);
    add_rates(out, hit, lines);
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
    int code = pt_coverage_init(&coverage, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    pt_buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<!DOCTYPE coverage SYSTEM \"http://cobertura."
                         "sourceforge.net/xml/coverage-04.dtd\">\n<coverage");
    add_rates(out, coverage.hit, coverage.lines);
    pt_buf_add_format(
        out,
        " lines-covered=\"%" PRIu64 "\" lines-valid=\"%" PRIu64
        "\" branches-covered=\"0\" branches-valid=\"0\" complexity=\"0\" "
        "version=\"pytrace %s\" timestamp=\"%" PRIu64 "\">\n<sources><source>",
        coverage.hit, coverage.lines, PT_VERSION,
        header->start_unix_ns / 1000000u);
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
