/* SPDX-License-Identifier: MIT */
/* out_speedscope.c - stacks as speedscope.app reads them.
 *
 * Each kind of value that is there becomes a profile: kept, peak, allocated
 * bytes, then blocks. Frames are shared, one for each line or native place.
 */
#include <inttypes.h>

#include "cli/report/export/export.h"
#include "cli/report/figures/framelist.h"
#include "cli/report/figures/fullstacks.h"
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
    {PT_VALUE_NATIVE, "native memory kept", "bytes"},
    {PT_VALUE_NATIVE_ALLOCATED, "native memory allocated", "bytes"},
    {PT_VALUE_NATIVE_BLOCKS, "native blocks kept", "none"},
    {PT_VALUE_NATIVE_ALLOCATED_BLOCKS, "native blocks allocated", "none"},
};

struct speedscope {
    struct pt_fullstacks stacks;
    struct pt_framelist frames;
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
add_stack(struct speedscope *scope, const struct pt_fullstack *stack,
          struct pt_buf *samples)
{
    uint32_t frames, number = 0;
    int code = pt_fullstacks_walk(&scope->stacks, stack, &frames);

    pt_buf_add_char(samples, '[');
    for (uint32_t i = 0; i < frames && code == PT_OK; i++) {
        code = pt_framelist_number(&scope->frames, &scope->stacks.frame[i],
                                   &number);
        pt_buf_add_text(samples, i != 0 ? "," : "");
        add_number(samples, number - 1);
    }
    pt_buf_add_char(samples, ']');
    return code;
}

/* One profile, if any stack is worth something in it. */
static int
add_profile(struct speedscope *scope, size_t profile, struct pt_buf *out)
{
    struct pt_buf samples = PT_BUF_INIT, weights = PT_BUF_INIT;
    enum pt_stack_value kind = profiles[profile].value;
    uint64_t total = 0;
    struct pt_fullstack full;
    uint32_t at = 0;
    int code = PT_OK;

    while (code == PT_OK && pt_fullstacks_next(&scope->stacks, &at, &full)) {
        uint64_t value = full.stack.value[kind];
        const char *separator = total != 0 ? ",\n    " : "";

        if (value != 0) {
            pt_buf_add_text(&samples, separator);
            code = add_stack(scope, &full, &samples);
            pt_buf_add_text(&weights, separator);
            add_number(&weights, value);
            total += value;
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
add_frames(struct speedscope *scope, struct pt_buf *out)
{
    struct pt_buf name = PT_BUF_INIT, file = PT_BUF_INIT;

    for (uint32_t i = 1; i < scope->frames.frames; i++) {
        const struct pt_fullframe *frame = &scope->frames.frame[i];
        uint32_t line;

        pt_buf_reset(&name);
        pt_buf_reset(&file);
        pt_fullstacks_add_name(&scope->stacks, frame, &name);
        line = pt_fullstacks_add_file(&scope->stacks, frame, &file);
        pt_buf_add_text(out, i != 1 ? ",\n  {\"name\": " : "\n  {\"name\": ");
        pt_json_add(out, pt_buf_text(&name));
        pt_buf_add_text(out, ", \"file\": ");
        pt_json_add(out, pt_buf_text(&file));
        if (line != 0) {
            pt_buf_add_format(out, ", \"line\": %u", line);
        }
        pt_buf_add_char(out, '}');
    }
    out->failed |= name.failed | file.failed;
    pt_buf_release(&name);
    pt_buf_release(&file);
}

static int
add_all(struct speedscope *scope, struct pt_export *request)
{
    struct pt_buf *out = request->out;
    struct pt_buf text = PT_BUF_INIT;
    int code = PT_OK;

    for (size_t i = 0;
         i < sizeof(profiles) / sizeof(profiles[0]) && code == PT_OK; i++) {
        code = add_profile(scope, i, &text);
    }
    pt_buf_add_text(out, "{\"$schema\": \"https://www.speedscope.app/"
                         "file-format-schema.json\",\n \"exporter\": "
                         "\"pytrace " PT_VERSION "\", \"name\": ");
    pt_json_add(out, request->dossier->name);
    pt_buf_add_text(out, ",\n \"shared\": {\"frames\": [");
    add_frames(scope, out);
    pt_buf_add_format(out, "]},\n \"profiles\": [%s]}\n", pt_buf_text(&text));
    out->failed |= text.failed;
    pt_buf_release(&text);
    return code;
}

int
pt_out_speedscope(struct pt_export *request)
{
    struct speedscope scope;
    int code =
        pt_fullstacks_init(&scope.stacks, request->dossier, &request->filter);

    if (code != PT_OK) {
        return code;
    }
    code = pt_framelist_init(&scope.frames, &scope.stacks);
    if (code == PT_OK) {
        code = add_all(&scope, request);
        pt_framelist_release(&scope.frames);
    }
    pt_fullstacks_release(&scope.stacks);
    return code;
}
