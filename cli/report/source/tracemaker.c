/* SPDX-License-Identifier: MIT */
/* tracemaker.c - files, nodes and pairs, each once, and writing them. */
#include "cli/report/source/tracemaker.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/timeline/dumped.h"
#include "core/timeline/merger.h"
#include "core/timeline/segment.h"

#define NO_NAME 4u  // the first text is empty

static void
begin_array(struct pt_buf *buf, size_t item_bytes)
{
    static const char zeros[64];

    // Index 0 is none.
    pt_buf_add(buf, zeros, item_bytes);
}

static uint32_t
count_of(const struct pt_buf *buf, size_t item_bytes)
{
    return (uint32_t)(buf->used / item_bytes);
}

void
pt_tracemaker_fail(struct pt_tracemaker *maker, int code)
{
    maker->code_failed = maker->code_failed == PT_OK ? code
                                                     : maker->code_failed;
}

/* A text of Python's as the bytes of a path: lone surrogates stand for bytes
 * that are no UTF-8. */
static void
add_path(struct pt_buf *path, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++) {
        const unsigned char *byte = (const unsigned char *)text + at;

        if (bytes - at >= 3 && byte[0] == 0xED && (byte[1] & 0xFE) == 0xB2) {
            pt_buf_add_char(path,
                            (char)((byte[1] & 3) << 6 | (byte[2] & 0x3F)));
            at += 2;
        }
        else {
            pt_buf_add_char(path, text[at]);
        }
    }
}

static uint32_t
add_text(struct pt_tracemaker *maker, const struct pt_buf *text)
{
    static const char padding[4];
    uint32_t id = (uint32_t)maker->text.used, length = (uint32_t)text->used;

    pt_buf_add(&maker->text, &length, sizeof(length));
    pt_buf_add(&maker->text, pt_buf_text(text), text->used);
    pt_buf_add(&maker->text, padding, -text->used & 3);
    return id;
}

static int
is_path(const struct pt_tracemaker *maker, uint32_t file,
        const struct pt_buf *path)
{
    const struct pt_source *source =
        (const struct pt_source *)(const void *)maker->source.data + file;
    const char *text = maker->text.data + source->path;
    uint32_t length;

    memcpy(&length, text, sizeof(length));
    return length == path->used &&
           memcmp(text + sizeof(length), pt_buf_text(path), length) == 0;
}

/* The number of a file, and of the code object that stands for all of it; 0
 * when its name says that it is not known. */
uint32_t
pt_tracemaker_file(struct pt_tracemaker *maker, const char *text, size_t bytes)
{
    struct pt_buf path = PT_BUF_INIT;
    struct pt_idmap_walk walk;
    uint64_t hash;
    uint32_t id;

    if (bytes == strlen(PT_SNAPSHOT_UNKNOWN) &&
        memcmp(text, PT_SNAPSHOT_UNKNOWN, bytes) == 0) {
        return 0;
    }
    add_path(&path, text, bytes);
    hash = pt_hash_pair(pt_hash_bytes(pt_buf_text(&path), path.used), bytes);
    id = pt_idmap_first(&maker->files, hash, &walk);
    while (id != 0 && !is_path(maker, id, &path)) {
        id = pt_idmap_next(&walk);
    }
    if (id == 0) {
        struct pt_source source = {.path = add_text(maker, &path)};
        struct pt_code code = {.name = NO_NAME};

        id = count_of(&maker->source, sizeof(source));
        code.source = id;
        pt_buf_add(&maker->source, &source, sizeof(source));
        pt_buf_add(&maker->code, &code, sizeof(code));
        pt_tracemaker_fail(maker, pt_idmap_insert(&maker->files, hash, id));
    }
    pt_tracemaker_fail(maker, pt_buf_check(&path));
    pt_buf_release(&path);
    return id;
}

uint32_t
pt_tracemaker_node(struct pt_tracemaker *maker, uint32_t parent, uint32_t file,
                   uint32_t line)
{
    const struct pt_node *nodes = (const void *)maker->node.data;
    uint64_t hash = pt_hash_pair(pt_hash_pair(parent, file), line);
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&maker->nodes, hash, &walk);

    while (id != 0 && (nodes[id].parent != parent || nodes[id].code != file ||
                       nodes[id].line != line)) {
        id = pt_idmap_next(&walk);
    }
    if (id == 0) {
        struct pt_node node = {parent, file, line, nodes[parent].depth + 1};

        id = count_of(&maker->node, sizeof(node));
        pt_buf_add(&maker->node, &node, sizeof(node));
        pt_tracemaker_fail(maker, pt_idmap_insert(&maker->nodes, hash, id));
    }
    return id;
}

void
pt_tracemaker_add(struct pt_tracemaker *maker, uint32_t node,
                  uint64_t size_bytes, uint64_t count, uint32_t domain)
{
    struct pt_pair pair = {.size_bytes = size_bytes,
                           .node = node,
                           .live = (int64_t)count,
                           .allocated = count,
                           .domain = domain};

    pt_buf_add(&maker->pair, &pair, sizeof(pair));
    maker->process.traced_bytes += size_bytes * count;
}

/* The node of no more than the `limit` innermost frames of a stack. */
uint32_t
pt_tracemaker_cut(struct pt_tracemaker *maker, uint32_t id, uint32_t limit)
{
    const struct pt_node *nodes = (const void *)maker->node.data;
    uint32_t depth = nodes[id].depth, made = 0;

    if (depth <= limit) {
        return id;
    }
    // From the outermost frame that is kept, each found anew from the inside.
    for (uint32_t kept = limit; kept-- != 0 && maker->code_failed == PT_OK;) {
        struct pt_node node = nodes[id];

        for (uint32_t i = 0; i < kept; i++) {
            node = nodes[node.parent];
        }
        made = pt_tracemaker_node(maker, made, node.code, node.line);
        pt_tracemaker_fail(maker, pt_buf_check(&maker->node));
        nodes = (const void *)maker->node.data;
    }
    return made;
}

static int
write_arrays(struct pt_tracemaker *maker, struct pt_merger *merger)
{
    const struct {
        enum pt_segment segment;
        const struct pt_buf *buf;
    } arrays[] = {
        {PT_SEGMENT_TEXT, &maker->text}, {PT_SEGMENT_FILE, &maker->source},
        {PT_SEGMENT_CODE, &maker->code}, {PT_SEGMENT_NODE, &maker->node},
        {PT_SEGMENT_PAIR, &maker->pair},
    };
    int code = maker->code_failed;

    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
        const struct pt_buf *buf = arrays[i].buf;

        code = code == PT_OK ? pt_buf_check(buf) : code;
        if (code == PT_OK) {
            code = pt_merger_extent(merger, arrays[i].segment, 0, 0, buf->data,
                                    buf->used);
            atomic_store(
                &maker->process.items[arrays[i].segment],
                count_of(buf, pt_segment_item_bytes(arrays[i].segment)));
        }
    }
    merger->processes = 1;
    return code == PT_OK
               ? pt_merger_extent(merger, PT_SEGMENT_PROCESS, 0, 0,
                                  &maker->process, sizeof(maker->process))
               : code;
}

int
pt_tracemaker_write(struct pt_tracemaker *maker, const char *path, int fd)
{
    struct pt_header header = {.version = PT_FORMAT_VERSION,
                               .byte_order = PT_BYTE_ORDER,
                               .align_bytes = PT_HEADER_BYTES,
                               .wanted = PT_WANT_MEM,
                               .ended = 1};
    struct pt_merger merger;
    struct stat status;
    int code;

    memcpy(header.magic, PT_MAGIC, sizeof(header.magic));
    if (stat(path, &status) == 0) {
        header.start_unix_ns = (uint64_t)status.st_mtim.tv_sec * 1000000000u +
                               (uint64_t)status.st_mtim.tv_nsec;
    }
    if (getcwd(header.directory, sizeof(header.directory)) == NULL) {
        header.directory[0] = '\0';
    }
    maker->process.state = PT_PROCESS_FINISHED;
    maker->process.peak_bytes = maker->process.traced_bytes;
    memcpy(maker->process.mem_tier, "exact", sizeof("exact"));
    code = pt_merger_begin(&merger, fd, &header);
    if (code == PT_OK) {
        code = write_arrays(maker, &merger);
    }
    return code == PT_OK ? pt_merger_end(&merger) : code;
}

void
pt_tracemaker_init(struct pt_tracemaker *maker)
{
    *maker = (struct pt_tracemaker){.code_failed = PT_OK};
    begin_array(&maker->text, 2 * 4);  // and the empty one
    begin_array(&maker->source, sizeof(struct pt_source));
    begin_array(&maker->code, sizeof(struct pt_code));
    begin_array(&maker->node, sizeof(struct pt_node));
    begin_array(&maker->pair, sizeof(struct pt_pair));
    pt_tracemaker_fail(maker, pt_idmap_init(&maker->files));
    pt_tracemaker_fail(maker, pt_idmap_init(&maker->nodes));
    pt_tracemaker_fail(maker, pt_buf_check(&maker->node));
}

void
pt_tracemaker_release(struct pt_tracemaker *maker)
{
    pt_idmap_release(&maker->files);
    pt_idmap_release(&maker->nodes);
    pt_buf_release(&maker->text);
    pt_buf_release(&maker->source);
    pt_buf_release(&maker->code);
    pt_buf_release(&maker->node);
    pt_buf_release(&maker->pair);
}
