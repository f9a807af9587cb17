/* SPDX-License-Identifier: MIT */
/* out_collapsed.c - one stack a line, for flamegraph.pl and its kin:
 * "main (prog.py:12);Shelf.fill (shelf.py:9) 4096".
 *
 * Frames of native code follow as reports have them: "hold (leaky.c:31) in
 * leaky.so".
 */
#include <inttypes.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/fullstacks.h"

/* A semicolon or the end of a line would end the frame. */
static void
add_clean(struct pt_buf *out, const struct pt_buf *text)
{
    for (size_t i = 0; i < text->used; i++) {
        char c = text->data[i];

        pt_buf_add_char(out, c == ';' ? ':' : c == '\n' ? ' ' : c);
    }
    out->failed |= text->failed;
}

static void
add_frame(struct pt_fullstacks *stacks, const struct pt_fullframe *frame,
          struct pt_buf *out)
{
    struct pt_buf text = PT_BUF_INIT;

    if (frame->caller != 0) {
        pt_nativenames_add_place(&stacks->names, &stacks->native.ledger,
                                 frame->caller, PT_ESCAPE_NOTHING, &text);
    }
    else {
        pt_fullstacks_add_name(stacks, frame, &text);
    }
    if (frame->caller == 0 && frame->python.file != 0) {
        uint32_t line;

        pt_buf_add_text(&text, " (");
        line = pt_fullstacks_add_file(stacks, frame, &text);
        pt_buf_add_format(&text, ":%u)", line);
    }
    add_clean(out, &text);
    pt_buf_release(&text);
}

static int
add_stack(struct pt_fullstacks *stacks, const struct pt_fullstack *stack,
          uint64_t value, struct pt_buf *out)
{
    uint32_t frames;
    int code = pt_fullstacks_walk(stacks, stack, &frames);

    for (uint32_t i = 0; i < frames && code == PT_OK; i++) {
        add_frame(stacks, &stacks->frame[i], out);
        pt_buf_add_char(out, i + 1 < frames ? ';' : ' ');
    }
    pt_buf_add_format(out, "%" PRIu64 "\n", value);
    return code;
}

int
pt_out_collapsed(struct pt_export *request)
{
    struct pt_fullstacks stacks;
    struct pt_fullstack full;
    uint32_t at = 0;
    int code = pt_fullstacks_init(&stacks, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    while (code == PT_OK && pt_fullstacks_next(&stacks, &at, &full)) {
        uint64_t value = full.stack.value[request->value];

        if (value != 0) {
            code = add_stack(&stacks, &full, value, request->out);
        }
    }
    pt_fullstacks_release(&stacks);
    return code;
}
