/* SPDX-License-Identifier: MIT */
/* dumpfile.c - traces out of pickled values, nodes and pairs out of traces. */
#include "cli/report/source/dumpfile.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/report/source/tracemaker.h"
#include "cli/report/source/unpickle.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/timeline/dumped.h"

#define OWN "pytrace-snapshot "
#define OWN_VERSION "1\n"
#define PROTOCOL 0x80  // first byte of a pickle of protocol 2 and later
#define FRAMES_MAX 65536u

// -- Traces ------------------------------------------------------------------

static int
is_number(const struct pt_plain *value)
{
    return value->kind == PT_PLAIN_NUMBER && value->number >= 0;
}

/* The node of a stack of (file, line), the innermost first. */
static uint32_t
take_stack(struct pt_tracemaker *maker, const struct pt_plain *stack)
{
    uint32_t node = 0;

    if (stack->kind != PT_PLAIN_ROW || stack->items > FRAMES_MAX) {
        pt_tracemaker_fail(maker, PT_ERR_FORMAT);
        return 0;
    }
    for (uint32_t i = stack->items; i-- != 0 && maker->code_failed == PT_OK;) {
        const struct pt_plain *frame = stack->item[i];
        uint32_t file;

        if (frame->kind != PT_PLAIN_ROW || frame->items != 2 ||
            frame->item[0]->kind != PT_PLAIN_TEXT ||
            !is_number(frame->item[1])) {
            pt_tracemaker_fail(maker, PT_ERR_FORMAT);
            return 0;
        }
        file = pt_tracemaker_file(maker, frame->item[0]->text,
                                  frame->item[0]->bytes);
        if (file != 0) {
            node = pt_tracemaker_node(maker, node, file,
                                      (uint32_t)frame->item[1]->number);
        }
        pt_tracemaker_fail(maker, pt_buf_check(&maker->node));
    }
    return node;
}

/* (domain, size, stack), and since CPython 3.9 how deep the stack was. */
static void
take_traces(struct pt_tracemaker *maker, const struct pt_plain *traces)
{
    if (traces == NULL || traces->kind != PT_PLAIN_ROW) {
        pt_tracemaker_fail(maker, PT_ERR_FORMAT);
        return;
    }
    for (uint32_t i = 0; i < traces->items && maker->code_failed == PT_OK;
         i++) {
        const struct pt_plain *trace = traces->item[i];

        if (trace->kind != PT_PLAIN_ROW || trace->items < 3 ||
            !is_number(trace->item[0]) || !is_number(trace->item[1])) {
            pt_tracemaker_fail(maker, PT_ERR_FORMAT);
            return;
        }
        pt_tracemaker_add(maker, take_stack(maker, trace->item[2]),
                          (uint64_t)trace->item[1]->number, 1,
                          (uint32_t)trace->item[0]->number);
    }
}

// -- Counters, of our own files ----------------------------------------------

/* Nodes stand behind their parents. */
static uint32_t *
take_nodes(struct pt_tracemaker *maker, const struct pt_plain *files,
           const struct pt_plain *nodes, struct pt_arena *arena)
{
    uint32_t count =
        (uint32_t)(nodes->bytes / sizeof(struct pt_snapshot_node));
    uint32_t *id_of = pt_arena_array(arena, (size_t)count + 1, sizeof(*id_of));

    if (id_of == NULL) {
        pt_tracemaker_fail(maker, PT_ERR_NOMEM);
        return NULL;
    }
    id_of[0] = 0;
    for (uint32_t i = 1; i < count && maker->code_failed == PT_OK; i++) {
        struct pt_snapshot_node node;
        const struct pt_plain *name;
        uint32_t file;

        memcpy(&node, nodes->text + (size_t)i * sizeof(node), sizeof(node));
        if (node.parent >= i || node.file >= files->items) {
            pt_tracemaker_fail(maker, PT_ERR_FORMAT);
            break;
        }
        name = files->item[node.file];
        file = name->kind == PT_PLAIN_TEXT
                   ? pt_tracemaker_file(maker, name->text, name->bytes)
                   : 0;
        id_of[i] = file != 0 ? pt_tracemaker_node(maker, id_of[node.parent],
                                                  file, node.line)
                             : id_of[node.parent];
        pt_tracemaker_fail(maker, pt_buf_check(&maker->node));
    }
    return id_of;
}

static void
take_counters(struct pt_tracemaker *maker, const struct pt_plain *counters,
              struct pt_arena *arena)
{
    const struct pt_plain *files, *nodes, *rows;
    uint32_t *id_of;

    if (counters->kind != PT_PLAIN_ROW || counters->items != 4 ||
        !is_number(counters->item[0]) ||
        counters->item[1]->kind != PT_PLAIN_ROW ||
        counters->item[2]->kind != PT_PLAIN_BYTES ||
        counters->item[3]->kind != PT_PLAIN_BYTES) {
        pt_tracemaker_fail(maker, PT_ERR_FORMAT);
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
            pt_tracemaker_fail(maker, PT_ERR_FORMAT);
            return;
        }
        pt_tracemaker_add(
            maker,
            pt_tracemaker_cut(maker, id_of[row.node],
                              (uint32_t)counters->item[0]->number),
            row.size_bytes, row.count, row.domain);
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
take_content(struct pt_tracemaker *maker, const char *data, size_t bytes,
             struct pt_arena *arena, struct pt_err *err)
{
    size_t own = strlen(OWN OWN_VERSION);
    int is_own = bytes >= own && memcmp(data, OWN OWN_VERSION, own) == 0;
    const struct pt_plain *traces;
    struct pt_plain *value;

    if (!is_own && bytes >= strlen(OWN) &&
        memcmp(data, OWN, strlen(OWN)) == 0) {
        pt_tracemaker_fail(maker,
                           pt_err_set(err, PT_ERR_VERSION,
                                      "it is of another version of pytrace"));
        return;
    }
    pt_tracemaker_fail(maker, pt_unpickle(data + (is_own ? own : 0),
                                          bytes - (is_own ? own : 0), arena,
                                          &value, err));
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
make(const char *path, const struct pt_buf *data, int fd, struct pt_err *err)
{
    struct pt_tracemaker maker;
    struct pt_arena arena;
    int code;

    pt_arena_init(&arena);
    pt_tracemaker_init(&maker);
    err->message[0] = '\0';
    if (maker.code_failed == PT_OK) {
        take_content(&maker, pt_buf_text(data), data->used, &arena, err);
    }
    code = maker.code_failed == PT_OK ? pt_tracemaker_write(&maker, path, fd)
                                      : maker.code_failed;
    pt_tracemaker_release(&maker);
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
