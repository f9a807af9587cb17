/* SPDX-License-Identifier: MIT */
/* out_collapsed.c - one stack a line, for flamegraph.pl and its kin:
 * "main (prog.py:12);Shelf.fill (shelf.py:9) 4096".
 */
#include <inttypes.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/stacks.h"

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
add_stack(const struct pt_stacks *stacks, const struct pt_stack *stack,
          struct pt_buf *out)
{
    struct pt_stack_frame frame;
    uint32_t at = 0;

    while (pt_stacks_frame(stacks, stack, &at, &frame)) {
        struct pt_buf text = PT_BUF_INIT;

        pt_stacks_add_name(stacks, &frame, &text);
        if (frame.file != 0) {
            pt_buf_add_format(&text, " (%s:%u)",
                              pt_dossier_path(stacks->dossier, frame.file),
                              frame.line);
        }
        add_clean(out, &text);
        pt_buf_release(&text);
        pt_buf_add_char(out, at != UINT32_MAX ? ';' : ' ');
    }
}

int
pt_out_collapsed(struct pt_export *request)
{
    struct pt_stacks stacks;
    struct pt_stack stack;
    uint32_t at = 0;
    int code = pt_stacks_init(&stacks, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    while (pt_stacks_next(&stacks, &at, &stack)) {
        uint64_t value = stack.value[request->value];

        if (value != 0) {
            add_stack(&stacks, &stack, request->out);
            pt_buf_add_format(request->out, "%" PRIu64 "\n", value);
        }
    }
    pt_stacks_release(&stacks);
    return PT_OK;
}
