/* SPDX-License-Identifier: MIT */
/* layout.c - see layout.h. */
#include "linetrace/layout.h"

#include <string.h>

// No source has more.
#define LINES_MAX (1 << 24)

#define ROOM PT_SIZE(64, 1)

int
pt_layout_init(struct pt_layout *layout, struct pt_arena *arena,
               const struct pt_flow *flow)
{
    size_t insns = (size_t)flow->insns;

    *layout = (struct pt_layout){
        .arena = arena,
        .escape_stub = {PT_NONE, PT_NONE},
    };
    layout->site = pt_arena_array(arena, insns, sizeof(*layout->site));
    if (layout->site == NULL) {
        return PT_FLOW_NOMEM;
    }
    // All bytes set make every index PT_NONE.
    memset(layout->site, 0xff, insns * sizeof(*layout->site));
    return PT_FLOW_OK;
}

// The arena cannot grow a piece: the old one is waste until the next clear.
static void *
make_room(struct pt_arena *arena, const void *items, int32_t count,
          int32_t *room, size_t size_bytes)
{
    int32_t more = *room > 0 ? 2 * *room : ROOM;
    void *grown;

    if (more > PT_UNITS_MAX) {
        return NULL;
    }
    grown = pt_arena_array(arena, (size_t)more, size_bytes);
    if (grown != NULL) {
        if (count > 0) {
            memcpy(grown, items, (size_t)count * size_bytes);
        }
        *room = more;
    }
    return grown;
}

int32_t
pt_layout_add_stub(struct pt_layout *layout, struct pt_stub stub)
{
    if (layout->stubs == layout->stub_room) {
        void *grown = make_room(layout->arena, layout->stub, layout->stubs,
                                &layout->stub_room, sizeof(*layout->stub));

        if (grown == NULL) {
            return PT_FLOW_NOMEM;
        }
        layout->stub = grown;
    }
    layout->stub[layout->stubs] = stub;
    return layout->stubs++;
}

int32_t
pt_layout_add_trampoline(struct pt_layout *layout,
                         struct pt_trampoline trampoline)
{
    if (layout->trampolines == layout->trampoline_room) {
        void *grown =
            make_room(layout->arena, layout->trampoline, layout->trampolines,
                      &layout->trampoline_room, sizeof(*layout->trampoline));

        if (grown == NULL) {
            return PT_FLOW_NOMEM;
        }
        layout->trampoline = grown;
    }
    layout->trampoline[layout->trampolines] = trampoline;
    return layout->trampolines++;
}

int
pt_layout_mark_calls(struct pt_layout *layout, const struct pt_flow *flow)
{
    layout->callprobes = PT_CALLPROBES;
    for (int32_t i = 1; i < flow->insns; i++) {
        if (pt_layout_is_return(layout, flow, i) &&
            pt_op_has(flow->insn[i - 1].op, PT_OP_GLUED)) {
            return PT_FLOW_STRANGE;
        }
    }
    return PT_FLOW_OK;
}

int32_t
pt_layout_escape_stub(struct pt_layout *layout, int32_t piece)
{
    int32_t *stub = &layout->escape_stub[pt_piece_half(piece)];

    if (*stub == PT_NONE) {
        int32_t made =
            pt_layout_add_stub(layout, (struct pt_stub){.counter = PT_NONE,
                                                        .range = PT_NONE,
                                                        .escapes = true});

        if (made < 0) {
            return made;
        }
        *stub = made;
    }
    return *stub;
}

int
pt_layout_add_late(struct pt_layout *layout, int32_t line, int32_t piece,
                   int32_t weight)
{
    if (layout->lates == layout->late_room) {
        void *grown = make_room(layout->arena, layout->late, layout->lates,
                                &layout->late_room, sizeof(*layout->late));

        if (grown == NULL) {
            return PT_FLOW_NOMEM;
        }
        layout->late = grown;
    }
    layout->late[layout->lates++] =
        (struct pt_term){(uint32_t)line, (uint32_t)piece, weight};
    return PT_FLOW_OK;
}

int
pt_layout_add_term(struct pt_layout *layout, int32_t line, int32_t counter,
                   int32_t weight)
{
    if (layout->terms == layout->term_room) {
        void *grown = make_room(layout->arena, layout->term, layout->terms,
                                &layout->term_room, sizeof(*layout->term));

        if (grown == NULL) {
            return PT_FLOW_NOMEM;
        }
        layout->term = grown;
    }
    layout->term[layout->terms++] =
        (struct pt_term){(uint32_t)line, (uint32_t)counter, weight};
    return PT_FLOW_OK;
}

int
pt_layout_select_reraised(struct pt_layout *layout, const struct pt_flow *flow,
                          int32_t insn)
{
    int32_t range = flow->insn[insn].range;
    int32_t line = flow->insn[flow->range[range].handler].line;
    int32_t counter = layout->counters++;
    int32_t stub = pt_layout_add_stub(layout, (struct pt_stub){
                                                  .counter = counter,
                                                  .range = range,
                                                  .fires = true,
                                                  .varies = true,
                                              });

    layout->site[insn].stub = stub;
    return stub < 0 ? PT_FLOW_NOMEM
                    : pt_layout_add_term(layout, line, counter, -1);
}

int
pt_layout_add_bare(struct pt_layout *layout, const struct pt_flow *flow)
{
    int32_t lines, first, latest = PT_NONE;
    bool *has_term;

    layout->first_line = flow->high_line != 0 ? flow->low_line : 0;
    layout->lines = flow->high_line - layout->first_line + 1;
    lines = layout->lines;
    first = layout->first_line;
    if (lines > LINES_MAX) {
        return PT_FLOW_STRANGE;
    }
    has_term = pt_arena_array(layout->arena, (size_t)lines, sizeof(*has_term));
    if (has_term == NULL) {
        return PT_FLOW_NOMEM;
    }
    memset(has_term, 0, (size_t)lines);
    for (int32_t i = 0; i < layout->terms; i++) {
        uint32_t at = layout->term[i].line - (uint32_t)first;

        if (at < (uint32_t)lines) {
            has_term[at] = true;
        }
    }
    for (int32_t i = 0; i < flow->entries; i++) {
        int32_t line = flow->entry[i].line;

        // Most entries are of the line of the one before.
        if (line == latest) {
            continue;
        }
        latest = line;
        if (line > 0 && !has_term[line - first]) {
            has_term[line - first] = true;
            if (pt_layout_add_term(layout, line, 0, 0) < 0) {
                return PT_FLOW_NOMEM;
            }
        }
    }
    return PT_FLOW_OK;
}
