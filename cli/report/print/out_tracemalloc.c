/* SPDX-License-Identifier: MIT */
/* out_tracemalloc.c - rows and nodes out of pairs, and a pickle around them.
 */
#include "cli/report/print/out_tracemalloc.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/text/amount.h"
#include "core/base/utf8.h"
#include "core/timeline/dumped.h"

#define LIMIT 65535u  // frames shown: tracemalloc knows no more
#define PROGRAM 0u    // the process

// -- Pickle, protocol 4 ------------------------------------------------------

static void
add_u32(struct pt_buf *out, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        pt_buf_add_char(out, (char)(value >> 8 * i & 255));
    }
}

static void
add_int(struct pt_buf *out, uint32_t value)
{
    pt_buf_add_char(out, 'J');
    add_u32(out, value);
}

/* A str: the bytes of a path as os.fsdecode() reads them, which makes lone
 * surrogates of what is no UTF-8. */
static void
add_str(struct pt_buf *out, const char *text, size_t bytes)
{
    struct pt_buf utf8 = PT_BUF_INIT;

    for (size_t at = 0; at < bytes;) {
        size_t count = pt_utf8_bytes(text + at, bytes - at);
        unsigned char byte = (unsigned char)text[at];
        char lone[3] = {(char)0xED, (char)(0xB0 | byte >> 6),
                        (char)(0x80 | (byte & 0x3F))};

        pt_buf_add(&utf8, count != 0 ? text + at : lone,
                   count != 0 ? count : sizeof(lone));
        at += count != 0 ? count : 1;
    }
    pt_buf_add_char(out, 'X');
    add_u32(out, (uint32_t)utf8.used);
    pt_buf_add(out, pt_buf_text(&utf8), utf8.used);
    out->failed |= utf8.failed;
    pt_buf_release(&utf8);
}

static void
add_word(struct pt_buf *out, const char *text)
{
    add_str(out, text, strlen(text));
}

static void
add_bytes(struct pt_buf *out, const struct pt_buf *bytes)
{
    pt_buf_add_char(out, '\x8e');
    add_u32(out, (uint32_t)bytes->used);
    add_u32(out, (uint32_t)((uint64_t)bytes->used >> 32));
    pt_buf_add(out, pt_buf_text(bytes), bytes->used);
    out->failed |= bytes->failed;
}

// -- Content -----------------------------------------------------------------

/* A copy of a node; of zeros when there is none, or it is no place. */
static struct pt_node
node_at(const struct pt_reader *reader, uint32_t id)
{
    struct pt_node node = {0};

    if (!pt_reader_copy(reader, PROGRAM, PT_SEGMENT_NODE, id, &node,
                        sizeof(node)) ||
        node.parent >= id) {
        node.parent = PT_NODE_NONE;
    }
    return node;
}

static void
add_nodes(const struct pt_reader *reader, uint32_t nodes, struct pt_buf *out)
{
    uint32_t files = pt_reader_items(reader, PROGRAM, PT_SEGMENT_FILE);

    for (uint32_t id = 0; id < nodes; id++) {
        struct pt_node node = node_at(reader, id);
        struct pt_snapshot_node made = {0};
        struct pt_code code;

        if (pt_reader_copy(reader, PROGRAM, PT_SEGMENT_CODE, node.code, &code,
                           sizeof(code)) &&
            code.source < files) {
            made.file = code.source;
            made.line = node.line;
        }
        made.depth = node.depth;
        // The outer frames of a very deep stack are not known one by one.
        made.parent = node_at(reader, node.parent).code != 0 ? node.parent
                                                             : PT_NODE_NONE;
        pt_buf_add(out, &made, sizeof(made));
    }
}

static void
add_rows(const struct pt_reader *reader, uint32_t nodes, struct pt_buf *out)
{
    const struct pt_process *process = pt_reader_process(reader, PROGRAM);
    uint32_t pairs = pt_reader_items(reader, PROGRAM, PT_SEGMENT_PAIR);

    for (uint32_t id = 1; id < pairs; id++) {
        struct pt_snapshot_row row = {0};
        struct pt_pair pair;
        uint64_t kept;

        if (!pt_reader_copy(reader, PROGRAM, PT_SEGMENT_PAIR, id, &pair,
                            sizeof(pair))) {
            continue;
        }
        kept = pt_aggregate_kept_blocks(process, &pair);
        // Of a sample the number of blocks is an estimate.
        row.count = (uint64_t)llround((double)kept *
                                      pt_weight_of(process, &pair).blocks);
        row.size_bytes = pair.size_bytes;
        row.node = pair.node < nodes ? pair.node : PT_NODE_NONE;
        row.domain = pair.domain == PT_DOMAIN_RAW ? PT_DOMAIN_PYTHON
                                                  : pair.domain;
        row.total = node_at(reader, row.node).depth;
        row.total = row.total != 0 ? row.total : 1;
        if (row.count != 0) {
            pt_buf_add(out, &row, sizeof(row));
        }
    }
}

static void
add_files(const struct pt_reader *reader, struct pt_buf *out)
{
    uint32_t files = pt_reader_items(reader, PROGRAM, PT_SEGMENT_FILE);

    pt_buf_add_text(out, "](");
    add_word(out, PT_SNAPSHOT_UNKNOWN);
    for (uint32_t i = 1; i < files; i++) {
        struct pt_source source = {0};
        const char *path;
        size_t bytes;

        (void)pt_reader_copy(reader, PROGRAM, PT_SEGMENT_FILE, i, &source,
                             sizeof(source));
        path = pt_reader_text(reader, PROGRAM, source.path, &bytes);
        add_str(out, path, bytes);
    }
    pt_buf_add_char(out, 'e');
}

void
pt_out_tracemalloc(const struct pt_reader *reader, struct pt_buf *out)
{
    uint32_t nodes = pt_reader_items(reader, PROGRAM, PT_SEGMENT_NODE);
    struct pt_buf node = PT_BUF_INIT, row = PT_BUF_INIT;

    // Node 0 stands for no Python code.
    nodes = nodes != 0 ? nodes : 1;
    add_nodes(reader, nodes, &node);
    add_rows(reader, nodes, &row);
    pt_buf_add_text(out, "pytrace-snapshot 1\n");
    pt_buf_add(out, "\x80\x04}(", 4);
    add_word(out, "attributes");
    pt_buf_add_char(out, '}');
    add_word(out, "limit");
    add_int(out, LIMIT);
    add_word(out, "byteorder");
    add_word(out,
             __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big");
    add_word(out, "counters");
    pt_buf_add_char(out, '(');
    add_int(out, LIMIT);
    add_files(reader, out);
    add_bytes(out, &node);
    add_bytes(out, &row);
    pt_buf_add_text(out, "tu.");
    pt_buf_release(&node);
    pt_buf_release(&row);
}
