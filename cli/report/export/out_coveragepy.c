/* SPDX-License-Identifier: MIT */
/* out_coveragepy.c - the data file of coverage.py, an SQLite database.
 *
 * Its schema is version 7 (coverage.py >= 5.5 reads it): files, and for each
 * the lines that ran as a string of bits, or the arcs if these were recorded.
 * It has no room for hits. Built in memory by SQLite, then copied out as a
 * whole.
 */
#include <sqlite3.h>
#include <string.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/coverage.h"
#include "cli/report/text/say.h"
#include "core/base/rawmem.h"
#include "core/base/utf8.h"

static const char schema[] =
    "CREATE TABLE coverage_schema (version integer);"
    "CREATE TABLE meta (key text, value text, unique (key));"
    "CREATE TABLE file (id integer primary key, path text, unique (path));"
    "CREATE TABLE context (id integer primary key, context text,"
    " unique (context));"
    "CREATE TABLE line_bits (file_id integer, context_id integer,"
    " numbits blob, foreign key (file_id) references file (id),"
    " foreign key (context_id) references context (id),"
    " unique (file_id, context_id));"
    "CREATE TABLE arc (file_id integer, context_id integer, fromno integer,"
    " tono integer, foreign key (file_id) references file (id),"
    " foreign key (context_id) references context (id),"
    " unique (file_id, context_id, fromno, tono));"
    "CREATE TABLE tracer (file_id integer primary key, tracer text,"
    " foreign key (file_id) references file (id));"
    "INSERT INTO coverage_schema VALUES (7);"
    "INSERT INTO meta VALUES ('version', '7.0'),"
    " ('sys_argv', '[''pytrace'']'), ('when', '');"
    "INSERT INTO context VALUES (1, '');";

/* Bit `line % 8` of byte `line / 8` for each line that ran. */
static unsigned char *
make_bits(const struct pt_covered *covered, size_t *bytes)
{
    uint32_t last = 0;
    unsigned char *bits;

    for (uint32_t i = 0; i < covered->lines; i++) {
        if (covered->line[i].hits != 0) {
            last = covered->line[i].line;
        }
    }
    *bytes = (size_t)last / 8 + 1;
    bits = pt_rawmem_array(*bytes, 1);
    for (uint32_t i = 0; bits != NULL && i < covered->lines; i++) {
        uint32_t line = covered->line[i].line;

        if (covered->line[i].hits != 0) {
            bits[line / 8] |= (unsigned char)(1u << line % 8);
        }
    }
    return bits;
}

static int
is_utf8(const struct pt_buf *text)
{
    size_t at = 0, bytes = 1;

    while (at < text->used && bytes != 0) {
        bytes = pt_utf8_bytes(text->data + at, text->used - at);
        at += bytes;
    }
    return bytes != 0;
}

static int
add_name(sqlite3 *base, const struct pt_covered *covered, int number)
{
    sqlite3_stmt *file = NULL;
    int is_done = sqlite3_prepare_v2(base, "INSERT INTO file VALUES (?, ?)",
                                     -1, &file, NULL) == SQLITE_OK &&
                  sqlite3_bind_int(file, 1, number) == SQLITE_OK &&
                  sqlite3_bind_text(file, 2, covered->located.data, -1,
                                    SQLITE_STATIC) == SQLITE_OK &&
                  sqlite3_step(file) == SQLITE_DONE;

    sqlite3_finalize(file);
    return is_done;
}

static int
add_lines(sqlite3 *base, const struct pt_covered *covered, int number)
{
    sqlite3_stmt *lines = NULL;
    size_t bytes;
    unsigned char *bits = make_bits(covered, &bytes);
    int is_done =
        bits != NULL &&
        sqlite3_prepare_v2(base, "INSERT INTO line_bits VALUES (?, 1, ?)", -1,
                           &lines, NULL) == SQLITE_OK &&
        sqlite3_bind_int(lines, 1, number) == SQLITE_OK &&
        sqlite3_bind_blob64(lines, 2, bits, bytes, SQLITE_STATIC) ==
            SQLITE_OK &&
        sqlite3_step(lines) == SQLITE_DONE;

    sqlite3_finalize(lines);
    pt_rawmem_free(bits);
    return is_done;
}

/* A line; what is outside of code is minus the line the code begins in. */
static sqlite3_int64
end_of_arc(const struct pt_arc_sum *arc, uint32_t line)
{
    return line != PT_ARC_OUTSIDE ? (sqlite3_int64)line
                                  : -(sqlite3_int64)arc->code_line;
}

static int
add_arcs(sqlite3 *base, const struct pt_arctable *table, uint32_t file,
         int number)
{
    uint32_t arcs;
    const struct pt_arc_sum *arc = pt_arctable_of_file(table, file, &arcs);
    sqlite3_stmt *insert = NULL;
    int is_done =
        sqlite3_prepare_v2(base, "INSERT INTO arc VALUES (?, 1, ?, ?)", -1,
                           &insert, NULL) == SQLITE_OK &&
        sqlite3_bind_int(insert, 1, number) == SQLITE_OK;

    for (uint32_t i = 0; i < arcs && is_done; i++) {
        if (arc[i].count != 0) {
            is_done = sqlite3_bind_int64(insert, 2,
                                         end_of_arc(&arc[i], arc[i].from)) ==
                          SQLITE_OK &&
                      sqlite3_bind_int64(insert, 3,
                                         end_of_arc(&arc[i], arc[i].to)) ==
                          SQLITE_OK &&
                      sqlite3_step(insert) == SQLITE_DONE &&
                      sqlite3_reset(insert) == SQLITE_OK;
        }
    }
    sqlite3_finalize(insert);
    return is_done;
}

/* Files with their lines or, if it has them, the arcs of `table`. */
static int
add_files(sqlite3 *base, const struct pt_coverage *coverage,
          const struct pt_arctable *table)
{
    int has_arcs = (coverage->dossier->header->wanted & PT_WANT_ARCS) != 0;
    int number = 0;
    int is_done =
        sqlite3_exec(base,
                     has_arcs ? "INSERT INTO meta VALUES ('has_arcs', '1')"
                              : "INSERT INTO meta VALUES ('has_arcs', '0')",
                     NULL, NULL, NULL) == SQLITE_OK;

    for (uint32_t i = 0; i < coverage->files && is_done; i++) {
        const struct pt_covered *covered = &coverage->covered[i];

        if (!is_utf8(&covered->located)) {
            pt_say("coverage.py has no file names that are not UTF-8; left "
                   "out: '%s'",
                   pt_buf_text(&covered->located));
            continue;
        }
        is_done = add_name(base, covered, ++number) &&
                  (has_arcs ? add_arcs(base, table, covered->file, number)
                            : add_lines(base, covered, number));
    }
    return is_done;
}

static int
copy_out(sqlite3 *base, struct pt_buf *out)
{
    sqlite3_int64 bytes = 0;
    unsigned char *copy = sqlite3_serialize(base, "main", &bytes, 0);

    if (copy == NULL) {
        return 0;
    }
    pt_buf_add(out, copy, (size_t)bytes);
    sqlite3_free(copy);
    return 1;
}

static int
make_database(struct pt_export *request, const struct pt_coverage *coverage,
              const struct pt_arctable *table)
{
    sqlite3 *base = NULL;
    int code = PT_OK;

    if (sqlite3_open(":memory:", &base) != SQLITE_OK ||
        sqlite3_exec(base, schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(base, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        !add_files(base, coverage, table) ||
        sqlite3_exec(base, "COMMIT", NULL, NULL, NULL) != SQLITE_OK ||
        !copy_out(base, request->out)) {
        code = pt_err_set(&request->err, PT_ERR_IO,
                          "cannot make the database: %s; free some memory",
                          sqlite3_errmsg(base));
    }
    sqlite3_close(base);
    return code;
}

int
pt_out_coveragepy(struct pt_export *request)
{
    struct pt_coverage coverage;
    struct pt_arctable table;
    int code = pt_arctable_init(&table, &request->dossier->sum,
                                request->dossier->reader, PT_OUTSIDE_OF_CODE);

    if (code != PT_OK) {
        return code;
    }
    code = pt_coverage_init(&coverage, request->dossier, &request->filter);
    if (code == PT_OK) {
        code = make_database(request, &coverage, &table);
        pt_coverage_release(&coverage);
    }
    pt_arctable_release(&table);
    return code;
}
