/* SPDX-License-Identifier: MIT */
/* dumpfile.c - traces out of pickled values, nodes and pairs out of traces. */
#include "cli/report/source/dumpfile.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report/source/unpickle.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/idmap.h"
#include "core/timeline/dumped.h"
#include "core/timeline/merger.h"

#define OWN "pytrace-snapshot "
#define OWN_VERSION "1\n"
#define PROTOCOL 0x80  // first byte of a pickle of protocol 2 and later
#define NO_NAME 4u     // the first text is empty
#define FRAMES_MAX 65536u

/* The arrays of the recording, and maps from what their items are to their
 * numbers. */
struct maker {
    struct pt_buf text, source, code, node, pair;
    struct pt_idmap files;
    struct pt_idmap nodes;
    struct pt_process process;
    int code_failed;  // the first error
};

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

static void
fail(struct maker *maker, int code)
{
    maker->code_failed = maker->code_failed == PT_OK ? code
                                                     : maker->code_failed;
}

// -- Files and nodes ---------------------------------------------------------

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
add_text(struct maker *maker, const struct pt_buf *text)
{
    static const char padding[4];
    uint32_t id = (uint32_t)maker->text.used, length = (uint32_t)text->used;

    pt_buf_add(&maker->text, &length, sizeof(length));
    pt_buf_add(&maker->text, pt_buf_text(text), text->used);
    pt_buf_add(&maker->text, padding, -text->used & 3);
    return id;
}

static int
is_path(const struct maker *maker, uint32_t file, const struct pt_buf *path)
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
static uint32_t
file_of(struct maker *maker, const char *text, size_t bytes)
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
        fail(maker, pt_idmap_insert(&maker->files, hash, id));
    }
    fail(maker, pt_buf_check(&path));
    pt_buf_release(&path);
    return id;
}

static uint32_t
node_of(struct maker *maker, uint32_t parent, uint32_t file, uint32_t line)
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
        fail(maker, pt_idmap_insert(&maker->nodes, hash, id));
    }
    return id;
}

static void
add_blocks(struct maker *maker, uint32_t node, uint64_t size_bytes,
           uint64_t count, uint32_t domain)
{
    struct pt_pair pair = {.size_bytes = size_bytes,
                           .node = node,
                           .live = (int64_t)count,
                           .allocated = count,
                           .domain = domain};

    pt_buf_add(&maker->pair, &pair, sizeof(pair));
    maker->process.traced_bytes += size_bytes * count;
}

// -- Traces ------------------------------------------------------------------

static int
is_number(const struct pt_plain *value)
{
    return value->kind == PT_PLAIN_NUMBER && value->number >= 0;
}

/* The node of a stack of (file, line), the innermost first. */
static uint32_t
take_stack(struct maker *maker, const struct pt_plain *stack)
{
    uint32_t node = 0;

    if (stack->kind != PT_PLAIN_ROW || stack->items > FRAMES_MAX) {
        fail(maker, PT_ERR_FORMAT);
        return 0;
    }
    for (uint32_t i = stack->items; i-- != 0 && maker->code_failed == PT_OK;) {
        const struct pt_plain *frame = stack->item[i];
        uint32_t file;

        if (frame->kind != PT_PLAIN_ROW || frame->items != 2 ||
            frame->item[0]->kind != PT_PLAIN_TEXT ||
            !is_number(frame->item[1])) {
            fail(maker, PT_ERR_FORMAT);
            return 0;
        }
        file = file_of(maker, frame->item[0]->text, frame->item[0]->bytes);
        if (file != 0) {
            node =
                node_of(maker, node, file, (uint32_t)frame->item[1]->number);
        }
        fail(maker, pt_buf_check(&maker->node));
    }
    return node;
}

/* (domain, size, stack), and since CPython 3.9 how deep the stack was. */
static void
take_traces(struct maker *maker, const struct pt_plain *traces)
{
    if (traces == NULL || traces->kind != PT_PLAIN_ROW) {
        fail(maker, PT_ERR_FORMAT);
        return;
    }
    for (uint32_t i = 0; i < traces->items && maker->code_failed == PT_OK;
         i++) {
        const struct pt_plain *trace = traces->item[i];

        if (trace->kind != PT_PLAIN_ROW || trace->items < 3 ||
            !is_number(trace->item[0]) || !is_number(trace->item[1])) {
            fail(maker, PT_ERR_FORMAT);
            return;
        }
        add_blocks(maker, take_stack(maker, trace->item[2]),
                   (uint64_t)trace->item[1]->number, 1,
                   (uint32_t)trace->item[0]->number);
    }
}

// -- Counters, of our own files ----------------------------------------------

/* Nodes stand behind their parents. */
static uint32_t *
take_nodes(struct maker *maker, const struct pt_plain *files,
           const struct pt_plain *nodes, struct pt_arena *arena)
{
    uint32_t count =
        (uint32_t)(nodes->bytes / sizeof(struct pt_snapshot_node));
    uint32_t *id_of = pt_arena_array(arena, (size_t)count + 1, sizeof(*id_of));

    if (id_of == NULL) {
        fail(maker, PT_ERR_NOMEM);
        return NULL;
    }
    id_of[0] = 0;
    for (uint32_t i = 1; i < count && maker->code_failed == PT_OK; i++) {
        struct pt_snapshot_node node;
        const struct pt_plain *name;
        uint32_t file;

        memcpy(&node, nodes->text + (size_t)i * sizeof(node), sizeof(node));
        if (node.parent >= i || node.file >= files->items) {
            fail(maker, PT_ERR_FORMAT);
            break;
        }
        name = files->item[node.file];
        file = name->kind == PT_PLAIN_TEXT
                   ? file_of(maker, name->text, name->bytes)
                   : 0;
        id_of[i] = file != 0
                       ? node_of(maker, id_of[node.parent], file, node.line)
                       : id_of[node.parent];
        fail(maker, pt_buf_check(&maker->node));
    }
    return id_of;
}

static void
take_counters(struct maker *maker, const struct pt_plain *counters,
              struct pt_arena *arena)
{
    const struct pt_plain *files, *nodes, *rows;
    uint32_t *id_of;

    if (counters->kind != PT_PLAIN_ROW || counters->items != 4 ||
        counters->item[1]->kind != PT_PLAIN_ROW ||
        counters->item[2]->kind != PT_PLAIN_BYTES ||
        counters->item[3]->kind != PT_PLAIN_BYTES) {
        fail(maker, PT_ERR_FORMAT);
        return;
    }
    files = counters->item[1];
    nodes = counters->item[2];
    rows = counters->item[3];
    id_of = take_nodes(maker, files, nodes, arena);
    for (size_t at = 0; maker->code_failed == PT_OK &&
                        at + sizeof(struct pt_snapshot_row) <= rows->bytes;
         at += sizeof(struct pt_snapshot_row)) {
        struct pt_snapshot_row row;

        memcpy(&row, rows->text + at, sizeof(row));
        if (row.node != 0 &&
            row.node >= nodes->bytes / sizeof(struct pt_snapshot_node)) {
            fail(maker, PT_ERR_FORMAT);
            return;
        }
        add_blocks(maker, id_of[row.node], row.size_bytes, row.count,
                   row.domain);
    }
}

// -- The file ----------------------------------------------------------------

/* {"traces": ...} of an object, or of the tuple in front of slots. */
static const struct pt_plain *
state_of(const struct pt_plain *value)
{
    return value != NULL && value->kind == PT_PLAIN_OBJECT && value->items == 2
               ? value->item[1]
               : NULL;
}

static void
take_content(struct maker *maker, const char *data, size_t bytes,
             struct pt_arena *arena, struct pt_err *err)
{
    size_t own = strlen(OWN OWN_VERSION);
    int is_own = bytes >= own && memcmp(data, OWN OWN_VERSION, own) == 0;
    const struct pt_plain *traces;
    struct pt_plain *value;

    if (!is_own && bytes >= strlen(OWN) &&
        memcmp(data, OWN, strlen(OWN)) == 0) {
        fail(maker, pt_err_set(err, PT_ERR_VERSION,
                               "it is of another version of pytrace"));
        return;
    }
    fail(maker, pt_unpickle(data + (is_own ? own : 0),
                            bytes - (is_own ? own : 0), arena, &value, err));
    if (maker->code_failed != PT_OK) {
        return;
    }
    if (is_own && pt_plain_get(value, "counters") != NULL) {
        take_counters(maker, pt_plain_get(value, "counters"), arena);
    }
    else {
        traces = is_own ? pt_plain_get(value, "traces")
                        : pt_plain_get(state_of(pt_plain_get(state_of(value),
                                                             "traces")),
                                       "_traces");
        take_traces(maker, traces);
    }
    if (maker->code_failed == PT_ERR_FORMAT) {
        pt_err_set(err, PT_ERR_FORMAT, "it holds no snapshot");
    }
}

static int
write_arrays(struct maker *maker, struct pt_merger *merger)
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
                count_of(buf, pt_reader_item_bytes(arrays[i].segment)));
        }
    }
    merger->processes = 1;
    return code == PT_OK
               ? pt_merger_extent(merger, PT_SEGMENT_PROCESS, 0, 0,
                                  &maker->process, sizeof(maker->process))
               : code;
}

static int
write_recording(struct maker *maker, const char *path, int fd)
{
    struct pt_header header = {.magic = PT_MAGIC,
                               .version = PT_FORMAT_VERSION,
                               .byte_order = PT_BYTE_ORDER,
                               .align_bytes = PT_HEADER_BYTES,
                               .wanted = PT_WANT_MEM,
                               .ended = 1};
    struct pt_merger merger;
    struct stat status;
    int code;

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

static int
make(const char *path, const struct pt_buf *data, int fd, struct pt_err *err)
{
    struct maker maker = {.process = {.number = 0}};
    struct pt_arena arena;
    int code;

    pt_arena_init(&arena);
    begin_array(&maker.text, 2 * 4);  // and the empty one
    begin_array(&maker.source, sizeof(struct pt_source));
    begin_array(&maker.code, sizeof(struct pt_code));
    begin_array(&maker.node, sizeof(struct pt_node));
    begin_array(&maker.pair, sizeof(struct pt_pair));
    fail(&maker, pt_idmap_init(&maker.files));
    fail(&maker, pt_idmap_init(&maker.nodes));
    err->message[0] = '\0';
    if (maker.code_failed == PT_OK && pt_buf_check(&maker.node) == PT_OK) {
        take_content(&maker, pt_buf_text(data), data->used, &arena, err);
    }
    code = maker.code_failed == PT_OK ? write_recording(&maker, path, fd)
                                      : maker.code_failed;
    pt_idmap_release(&maker.files);
    pt_idmap_release(&maker.nodes);
    pt_buf_release(&maker.text);
    pt_buf_release(&maker.source);
    pt_buf_release(&maker.code);
    pt_buf_release(&maker.node);
    pt_buf_release(&maker.pair);
    pt_arena_release(&arena);
    return code;
}

int
pt_dumpfile_is(int fd)
{
    char start[sizeof(OWN) - 1];
    ssize_t got = pread(fd, start, sizeof(start), 0);

    return (got >= 2 && (unsigned char)start[0] == PROTOCOL && start[1] >= 2 &&
            start[1] <= 5) ||
           (got == sizeof(start) && memcmp(start, OWN, sizeof(start)) == 0);
}

int
pt_dumpfile_open(const char *path, int *fd, struct pt_err *err)
{
    struct pt_buf data = PT_BUF_INIT;
    struct pt_err why;
    int code = pt_file_read(path, &data, err);

    if (code == PT_OK) {
        *fd = memfd_create("dump", MFD_CLOEXEC);
        code = *fd >= 0 ? make(path, &data, *fd, &why)
                        : pt_err_set(&why, PT_ERR_IO, "%s", strerror(errno));
        if (code != PT_OK) {
            pt_err_set(err, code, "cannot read the snapshot in '%s': %s", path,
                       why.message[0] != '\0' ? why.message
                                              : pt_error_text(code));
            if (*fd >= 0) {
                close(*fd);
            }
        }
    }
    pt_buf_release(&data);
    return code;
}
