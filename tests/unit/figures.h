/* SPDX-License-Identifier: MIT */
/* figures.h - recordings of programs that never ran, for tests of reports.
 *
 * Written through the timeline, as the engines write them: sources, code with
 * counters, pairs of a line and a size.
 */
#ifndef PT_TESTS_UNIT_FIGURES_H
#define PT_TESTS_UNIT_FIGURES_H

#include "tests/unit/support.h"

struct figures {
    int fd;
    struct pt_timeline timeline;
};

static inline void
figures_start(struct figures *figures, uint32_t wanted, const char *program)
{
    struct pt_header values = {.wanted = wanted, .directory = "/code"};

    strcpy(values.command, program);
    figures->fd = empty_file();
    assert_int_equal(pt_timeline_create(figures->fd, &values, NULL), PT_OK);
    assert_int_equal(pt_timeline_attach(&figures->timeline, figures->fd, NULL),
                     PT_OK);
    figures->timeline.process->python_version = 0x030b07f0;
}

static inline void
figures_end(struct figures *figures)
{
    pt_timeline_release(&figures->timeline);
    close(figures->fd);
}

static inline uint32_t
add_text(struct figures *figures, const char *text)
{
    return pt_timeline_text(&figures->timeline, text, strlen(text));
}

static inline uint32_t
add_file(struct figures *figures, const char *path)
{
    uint32_t id = pt_timeline_append(&figures->timeline, PT_SEGMENT_FILE, 1);
    struct pt_source *source =
        item_of(&figures->timeline, PT_SEGMENT_FILE, id);

    source->path = add_text(figures, path);
    return id;
}

/* Code at lines first_line ..., each with its count; -1 for no code there. */
static inline uint32_t
add_code(struct figures *figures, uint32_t source, uint32_t first_line,
         const int *counts, uint32_t lines)
{
    uint32_t id = pt_timeline_append(&figures->timeline, PT_SEGMENT_CODE, 1);
    struct pt_code *code = item_of(&figures->timeline, PT_SEGMENT_CODE, id);

    code->source = source;
    code->first_line = first_line;
    code->lines = lines;
    if (lines != 0) {
        code->counter =
            pt_timeline_append(&figures->timeline, PT_SEGMENT_COUNTER, lines);
    }
    for (uint32_t i = 0; i < lines; i++) {
        uint64_t *counter =
            item_of(&figures->timeline, PT_SEGMENT_COUNTER, code->counter + i);

        *counter = counts[i] < 0 ? 0
                                 : PT_COUNTER_EXECUTABLE | (uint64_t)counts[i];
    }
    return id;
}

/* A line of a code object, called from the node `parent`; 0 for none. */
static inline uint32_t
add_node(struct figures *figures, uint32_t parent, uint32_t code,
         uint32_t line)
{
    uint32_t id = pt_timeline_append(&figures->timeline, PT_SEGMENT_NODE, 1);
    struct pt_node *node = item_of(&figures->timeline, PT_SEGMENT_NODE, id);

    node->parent = parent;
    node->code = code;
    node->line = line;
    return id;
}

/* `allocated` blocks of `size`, of which `live` are left; node 0 for memory
 * that no line asked for. */
static inline struct pt_pair *
add_pair_at(struct figures *figures, uint32_t node, uint64_t size,
            uint64_t allocated, int64_t live)
{
    uint32_t id = pt_timeline_append(&figures->timeline, PT_SEGMENT_PAIR, 1);
    struct pt_pair *pair = item_of(&figures->timeline, PT_SEGMENT_PAIR, id);

    pair->node = node;
    pair->size_bytes = size;
    atomic_store(&pair->allocated, allocated);
    atomic_store(&pair->live, live);
    return pair;
}

/* The same at a node of its own, unless code is 0. */
static inline struct pt_pair *
add_pair(struct figures *figures, uint32_t code, uint32_t line, uint64_t size,
         uint64_t allocated, int64_t live)
{
    uint32_t node = code != 0 ? add_node(figures, 0, code, line) : 0;

    return add_pair_at(figures, node, size, allocated, live);
}

#endif
