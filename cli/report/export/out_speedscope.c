/* SPDX-License-Identifier: MIT */
/* out_speedscope.c - stacks as speedscope.app reads them.
 *
 * Each kind of value that is there becomes a profile: kept, peak, allocated
 * bytes, then blocks. Frames are shared, one for each line.
 */
#include <inttypes.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/framelist.h"
#include "cli/report/figures/stacks.h"
#include "cli/report/text/json.h"

static const struct {
    enum pt_stack_value value;
    const char *name;
    const char *unit;
} profiles[] = {
    {PT_VALUE_KEPT, "memory kept", "bytes"},
    {PT_VALUE_PEAK, "memory at the peak", "bytes"},
    {PT_VALUE_ALLOCATED, "memory allocated", "bytes"},
    {PT_VALUE_KEPT_BLOCKS, "blocks kept", "none"},
    {PT_VALUE_ALLOCATED_BLOCKS, "blocks allocated", "none"},
    {PT_VALUE_HITS, "line hits", "none"},
    {PT_VALUE_TIME, "time of lines", "nanoseconds"},
};

/* There are as many as there are frames in all stacks, and printf() takes most
 * of its time to read its format. */
static void
add_number(struct pt_buf *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    pt_buf_add(out, digits + at, sizeof(digits) - at);
}

static int
add_stack(struct pt_framelist *list, const struct pt_stack *stack,
          struct pt_buf *samples)
{
    struct pt_stack_frame frame;
    const char *separator = "";
    uint32_t at = 0, number;

    pt_buf_add_char(samples, '[');
    while (pt_stacks_frame(list->stacks, stack, &at, &frame)) {
        int code = pt_framelist_number(list, &frame, &number);

        if (code != PT_OK) {
            return code;
        }
        pt_buf_add_text(samples, separator);
        add_number(samples, number - 1);
        separator = ",";
    }
    pt_buf_add_char(samples, ']');
    return PT_OK;
}

/* One profile, if any stack is worth something in it. */
static int
add_profile(struct pt_framelist *list, size_t profile, struct pt_buf *out)
{
    struct pt_buf samples = PT_BUF_INIT, weights = PT_BUF_INIT;
    enum pt_stack_value kind = profiles[profile].value;
    uint64_t total = 0;
    struct pt_stack stack;
    uint32_t at = 0;
    int code = PT_OK;

    while (code == PT_OK && pt_stacks_next(list->stacks, &at, &stack)) {
        const char *separator = total != 0 ? ",\n    " : "";

        if (stack.value[kind] != 0) {
            pt_buf_add_text(&samples, separator);
            code = add_stack(list, &stack, &samples);
            pt_buf_add_text(&weights, separator);
            add_number(&weights, stack.value[kind]);
            total += stack.value[kind];
        }
    }
    if (total != 0) {
        pt_buf_add_format(
            out,
            "%s\n  {\"type\": \"sampled\", \"name\": \"%s\", \"unit\": "
            "\"%s\", \"startValue\": 0, \"endValue\": %" PRIu64
            ",\n   \"samples\": [%s],\n   \"weights\": [%s]}",
            out->used != 0 ? "," : "", profiles[profile].name,
            profiles[profile].unit, total, pt_buf_text(&samples),
            pt_buf_text(&weights));
    }
    out->failed |= samples.failed | weights.failed;
    pt_buf_release(&samples);
    pt_buf_release(&weights);
    return code;
}

static void
add_frames(const struct pt_framelist *list, struct pt_buf *out)
{
    struct pt_dossier *dossier = list->stacks->dossier;

    for (uint32_t i = 1; i < list->frames; i++) {
        const struct pt_stack_frame *frame = &list->frame[i];
        struct pt_buf name = PT_BUF_INIT;

        pt_stacks_add_name(list->stacks, frame, &name);
        pt_buf_add_text(out, i != 1 ? ",\n  {\"name\": " : "\n  {\"name\": ");
        pt_json_add(out, pt_buf_text(&name));
        pt_buf_add_text(out, ", \"file\": ");
        pt_json_add(out, pt_dossier_path(dossier, frame->file));
        if (frame->line != 0) {
            pt_buf_add_format(out, ", \"line\": %u", frame->line);
        }
        pt_buf_add_char(out, '}');
        out->failed |= name.failed;
        pt_buf_release(&name);
    }
}

static int
add_all(struct pt_framelist *list, struct pt_export *request)
{
    struct pt_buf *out = request->out;
    struct pt_buf text = PT_BUF_INIT;
    int code = PT_OK;

    for (size_t i = 0;
         i < sizeof(profiles) / sizeof(profiles[0]) && code == PT_OK; i++) {
        code = add_profile(list, i, &text);
    }
    pt_buf_add_text(out, "{\"$schema\": \"https://www.speedscope.app/"
                         "file-format-schema.json\",\n \"exporter\": "
                         "\"pytrace " PT_VERSION "\", \"name\": ");
    pt_json_add(out, request->dossier->name);
    pt_buf_add_text(out, ",\n \"shared\": {\"frames\": [");
    add_frames(list, out);
    pt_buf_add_format(out, "]},\n \"profiles\": [%s]}\n", pt_buf_text(&text));
    out->failed |= text.failed;
    pt_buf_release(&text);
    return code;
}

int
pt_out_speedscope(struct pt_export *request)
{
    struct pt_stacks stacks;
    struct pt_framelist list;
    int code = pt_stacks_init(&stacks, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    code = pt_framelist_init(&list, &stacks);
    if (code == PT_OK) {
        code = add_all(&list, request);
        pt_framelist_release(&list);
    }
    pt_stacks_release(&stacks);
    return code;
}
