/* SPDX-License-Identifier: MIT */
/* out_tracediff.c - changes, each with its frames. */
#include "cli/report/print/out_tracediff.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/print/sourceline.h"
#include "cli/report/text/json.h"
#include "cli/report/text/size_text.h"

/* Where the frames of a change are: in the later recording, if it has them. */
static const struct pt_stacks *
stacks_of(const struct pt_tracediff *diff,
          const struct pt_trace_change *change, struct pt_stack *stack)
{
    int is_after = change->after.entry != 0;

    *stack = (struct pt_stack){.entry = is_after ? change->after.entry
                                                 : change->before.entry};
    return is_after ? &diff->after : &diff->before;
}

static void
add_frame(const struct pt_stacks *stacks, const struct pt_stack_frame *frame,
          enum pt_escape escape, struct pt_buf *out)
{
    const char *path = pt_dossier_path(stacks->dossier, frame->file);

    pt_buf_add_text(out, "  File \"");
    pt_escape_add(out, path, strlen(path), escape);
    pt_buf_add_format(out, "\", line %" PRIu32, frame->line);
    if (frame->function != NULL) {
        pt_buf_add_text(out, ", in ");
        pt_escape_add(out, frame->function->name, frame->function->name_bytes,
                      escape);
    }
    pt_buf_add_char(out, '\n');
    pt_sourceline_add(stacks->dossier, frame->file, frame->line, escape, out);
}

static int64_t
grown(uint64_t before, uint64_t after)
{
    return (int64_t)(after - before);
}

static void
add_change(const struct pt_tracediff *diff,
           const struct pt_trace_change *change, enum pt_escape escape,
           struct pt_buf *out)
{
    int64_t bytes = grown(change->before.bytes, change->after.bytes);
    int64_t blocks = grown(change->before.blocks, change->after.blocks);
    struct pt_stack_frame frame;
    struct pt_stack stack;
    const struct pt_stacks *stacks = stacks_of(diff, change, &stack);
    uint32_t at = 0;

    pt_buf_add_format(
        out, "size=%s (%c%s), count=%" PRIu64 " (%+" PRId64 ")\n",
        pt_size_text((double)change->after.bytes).text, bytes < 0 ? '-' : '+',
        pt_size_text((double)(bytes < 0 ? -bytes : bytes)).text,
        change->after.blocks, blocks);
    while (pt_stacks_frame(stacks, &stack, &at, &frame)) {
        add_frame(stacks, &frame, escape, out);
    }
}

static int
is_grown(const struct pt_trace_change *change)
{
    return change->after.bytes != change->before.bytes
               ? change->after.bytes > change->before.bytes
               : change->after.blocks > change->before.blocks;
}

static void
add_table(const struct pt_tracediff *diff, int wants_grown, uint32_t top,
          enum pt_escape escape, struct pt_buf *out)
{
    uint32_t shown = 0, all = 0;

    for (uint32_t i = 0; i < diff->changes; i++) {
        if (is_grown(&diff->change[i]) != wants_grown) {
            continue;
        }
        if (all++ == 0) {
            pt_buf_add_format(out, "\ntracebacks that hold %s memory\n",
                              wants_grown ? "more" : "less");
        }
        if (shown < top) {
            add_change(diff, &diff->change[i], escape, out);
            shown++;
        }
    }
    if (all > shown) {
        pt_buf_add_format(out, "%" PRIu32 " more\n", all - shown);
    }
}

void
pt_out_tracediff(const struct pt_tracediff *diff, uint32_t top,
                 enum pt_escape escape, struct pt_buf *out)
{
    if (diff->changes == 0) {
        pt_buf_add_text(out, "no difference\n");
    }
    add_table(diff, 1, top, escape, out);
    add_table(diff, 0, top, escape, out);
}

static void
add_frames_json(const struct pt_tracediff *diff,
                const struct pt_trace_change *change, struct pt_buf *out)
{
    struct pt_stack stack;
    const struct pt_stacks *stacks = stacks_of(diff, change, &stack);
    const char *separator = "";
    struct pt_stack_frame frame;
    uint32_t at = 0;

    while (pt_stacks_frame(stacks, &stack, &at, &frame)) {
        const struct pt_function *function = frame.function;

        pt_buf_add_format(out, "%s\n    {\"path\": ", separator);
        pt_json_add(out, pt_dossier_path(stacks->dossier, frame.file));
        pt_buf_add_format(
            out, ", \"line\": %" PRIu32 ", \"function\": ", frame.line);
        pt_json_add_bytes(out, function != NULL ? function->name : "",
                          function != NULL ? function->name_bytes : 0);
        pt_buf_add_char(out, '}');
        separator = ",";
    }
}

static void
add_side_json(const char *name, const struct pt_trace_side *side,
              struct pt_buf *out)
{
    pt_buf_add_format(out,
                      ", \"%s\": {\"live_bytes\": %" PRIu64
                      ", \"live_blocks\": %" PRIu64 "}",
                      name, side->bytes, side->blocks);
}

void
pt_out_tracediff_json(const struct pt_tracediff *diff, struct pt_buf *out)
{
    pt_buf_add_text(out, "{\"before\": ");
    pt_json_add(out, diff->before.dossier->name);
    pt_buf_add_text(out, ", \"after\": ");
    pt_json_add(out, diff->after.dossier->name);
    pt_buf_add_text(out, ", \"group\": \"tracebacks\",\n \"changes\": [");
    for (uint32_t i = 0; i < diff->changes; i++) {
        pt_buf_add_format(out, "%s\n  {\"traceback\": [", i != 0 ? "," : "");
        add_frames_json(diff, &diff->change[i], out);
        pt_buf_add_char(out, ']');
        add_side_json("before", &diff->change[i].before, out);
        add_side_json("after", &diff->change[i].after, out);
        pt_buf_add_char(out, '}');
    }
    pt_buf_add_text(out, "]}\n");
}
