/* SPDX-License-Identifier: MIT */
/* out_leaks.c - one paragraph a leak. */
#include "cli/report/print/out_leaks.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report/figures/split.h"
#include "cli/report/figures/stacks.h"
#include "cli/report/print/nativegroups.h"
#include "cli/report/print/sourceline.h"
#include "cli/report/text/json.h"
#include "cli/report/text/size_text.h"

#define SNIPPET_BYTES_MAX 60u

/* The stack that ends at the line of a leak and keeps most, and how many
 * others there are. What it kept may be gone at the end of the run; then it is
 * the one that allocated most. */
struct witness {
    struct pt_stack stack;
    uint32_t others;
};

static int
ends_at(const struct pt_stacks *stacks, const struct pt_stack *stack,
        const struct pt_place *place)
{
    struct pt_stack_frame frame = pt_stacks_innermost(stacks, stack);

    return frame.file == place->file && frame.line == place->line;
}

static int
is_heavier(const struct pt_stack *stack, const struct pt_stack *than)
{
    uint64_t kept = stack->value[PT_VALUE_KEPT];
    uint64_t least = than->value[PT_VALUE_KEPT];

    return kept != least ? kept > least
                         : stack->value[PT_VALUE_ALLOCATED] >
                               than->value[PT_VALUE_ALLOCATED];
}

static struct witness
find_witness(const struct pt_stacks *stacks, const struct pt_place *place)
{
    struct witness witness = {0};
    struct pt_stack stack;
    uint32_t at = 0, found = 0;

    while (pt_stacks_next(stacks, &at, &stack)) {
        if (stack.place == NULL && ends_at(stacks, &stack, place) &&
            (found++ == 0 || is_heavier(&stack, &witness.stack))) {
            witness.stack = stack;
        }
    }
    witness.others = found != 0 ? found - 1 : 0;
    return witness;
}

/* What tells how a leak came to be: stacks of Python's memory and of that of
 * libraries, with the C functions of the latter, and what each process has. */
struct evidence {
    struct pt_split split;
    struct pt_stacks python;
    struct pt_stacks native;
    struct pt_nativenames names;
};

static int
evidence_init(struct evidence *evidence, struct pt_dossier *dossier)
{
    static const struct pt_filter all;
    int code = pt_nativenames_init(&evidence->names, PT_NATIVESITES_ALL);

    if (code != PT_OK) {
        return code;
    }
    evidence->split = (struct pt_split){0};
    // One process has it all.
    if (dossier->sum.shares > 1) {
        code = pt_split_init(&evidence->split, &dossier->sum, dossier->reader);
    }
    if (code != PT_OK) {
        pt_nativenames_release(&evidence->names);
        return code;
    }
    code = pt_stacks_init(&evidence->python, dossier, &all);
    if (code == PT_OK) {
        code = pt_stacks_init_native(&evidence->native, dossier, &all,
                                     &evidence->names.sites);
        if (code != PT_OK) {
            pt_stacks_release(&evidence->python);
        }
    }
    if (code != PT_OK) {
        pt_split_release(&evidence->split);
        pt_nativenames_release(&evidence->names);
    }
    return code;
}

static void
evidence_release(struct evidence *evidence)
{
    pt_stacks_release(&evidence->native);
    pt_stacks_release(&evidence->python);
    pt_split_release(&evidence->split);
    pt_nativenames_release(&evidence->names);
}

/* How often the process that leaks ran the line. */
static uint64_t
executions(const struct evidence *evidence, const struct pt_leak *leak)
{
    const struct pt_aggregate *sum = &evidence->python.dossier->sum;
    const struct pt_place *place = &sum->place[leak->place];

    for (uint32_t i = 0; i < evidence->split.parts; i++) {
        if (sum->share[i].record->number == leak->process) {
            return pt_split_find(&evidence->split, i, place)->hits;
        }
    }
    return place->hits;
}

static const struct pt_stacks *
stacks_of(const struct evidence *evidence, const struct pt_leak *leak)
{
    return leak->is_native ? &evidence->native : &evidence->python;
}

static void
add_path(struct pt_buf *out, const struct pt_dossier *dossier, uint32_t file,
         enum pt_escape escape)
{
    const char *path = pt_dossier_path(dossier, file);

    pt_escape_add(out, path, strlen(path), escape);
}

static void
add_traceback(const struct pt_stacks *stacks, const struct witness *witness,
              enum pt_escape escape, struct pt_buf *out)
{
    struct pt_dossier *dossier = stacks->dossier;
    struct pt_stack_frame frame;
    uint32_t at = 0;

    while (witness->stack.entry != 0 &&
           pt_stacks_frame(stacks, &witness->stack, &at, &frame)) {
        struct pt_buf text = PT_BUF_INIT;

        pt_buf_add_text(out, "  File \"");
        add_path(out, dossier, frame.file, escape);
        pt_buf_add_format(out, "\", line %u", frame.line);
        pt_stacks_add_name(stacks, &frame, &text);
        pt_buf_add_text(out, ", in ");
        pt_escape_add(out, pt_buf_text(&text), text.used, escape);
        pt_buf_add_char(out, '\n');
        out->failed |= text.failed;
        pt_buf_release(&text);
        pt_sourceline_add(dossier, frame.file, frame.line, escape, out);
    }
    if (witness->others != 0) {
        pt_buf_add_format(out, "  and %u more traceback%s there\n",
                          witness->others,
                          witness->others == 1 ? " that ends" : "s that end");
    }
}

/* What work is called, by the program. */
static void
add_label(const struct pt_buf *label, enum pt_escape escape,
          struct pt_buf *out)
{
    pt_buf_add_char(out, '\'');
    pt_escape_add(out, pt_buf_text(label), label->used, escape);
    pt_buf_add_char(out, '\'');
}

/* "server.py:23: grew by 1024 KiB in 1,000 blocks; 1048 B in 1.00 blocks for
 * each 'request'; 1.00 for each of 1,000 executions". */
static void
add_leak(const struct pt_leakhunt *hunt, const struct pt_leak *leak,
         struct evidence *evidence, enum pt_escape escape, struct pt_buf *out)
{
    const struct pt_dossier *dossier = hunt->dossier;
    const struct pt_stacks *stacks = stacks_of(evidence, leak);
    const struct pt_place *place = &dossier->sum.place[leak->place];
    struct witness witness = find_witness(stacks, place);
    uint64_t hits = executions(evidence, leak);
    uint64_t blocks = leak->growth.grown_blocks > 0
                          ? (uint64_t)leak->growth.grown_blocks
                          : 0;

    pt_buf_add_char(out, '\n');
    add_path(out, dossier, place->file, escape);
    pt_buf_add_format(
        out, ":%u: grew by %s%s in %s block%s; %s in %.2f blocks for each ",
        place->line, pt_size_text((double)leak->growth.grown_bytes).text,
        leak->is_native ? " of native memory" : "", pt_count_text(blocks).text,
        blocks == 1 ? "" : "s", pt_size_text(leak->growth.bytes_per_work).text,
        leak->growth.blocks_per_work);
    add_label(&hunt->label, escape, out);
    if (hits != 0) {
        pt_buf_add_format(out, "; %.2f for each of %s executions",
                          (double)leak->growth.held_blocks / (double)hits,
                          pt_count_text(hits).text);
    }
    if (dossier->sum.shares > 1) {
        pt_buf_add_format(out, "; in process %u", leak->process);
    }
    pt_buf_add_char(out, '\n');
    add_traceback(stacks, &witness, escape, out);
    if (leak->is_native && witness.stack.entry != 0) {
        pt_nativegroups_add(&evidence->names, &stacks->ledger,
                            witness.stack.entry, escape, out);
    }
}

static void
add_summary(const struct pt_leakhunt *hunt, enum pt_escape escape,
            struct pt_buf *out)
{
    uint32_t others = hunt->grown - hunt->leaks;

    if (hunt->leaks == 0) {
        pt_buf_add_text(out, "no leaks");
    }
    else {
        pt_buf_add_format(out, "%u leak%s", hunt->leaks,
                          hunt->leaks == 1 ? "" : "s");
    }
    pt_buf_add_format(out, " over %s of ", pt_count_text(hunt->work).text);
    add_label(&hunt->label, escape, out);
    if (others != 0) {
        pt_buf_add_format(out,
                          "; %u other line%s hold%s more than at the start, "
                          "but did not go on growing",
                          others, others == 1 ? "" : "s",
                          others == 1 ? "s" : "");
    }
    pt_buf_add_char(out, '\n');
    if (hunt->passed_work >= PT_SERIES_LEAST) {
        pt_buf_add_format(out, "not looked at: %s of ",
                          pt_count_text(hunt->passed_work).text);
        add_label(&hunt->passed, escape, out);
        pt_buf_add_text(out, "; choose with --span LABEL\n");
    }
}

int
pt_out_leaks(const struct pt_leakhunt *hunt, uint32_t top,
             enum pt_escape escape, struct pt_buf *out)
{
    struct evidence evidence;
    int code = evidence_init(&evidence, hunt->dossier);

    if (code != PT_OK) {
        return code;
    }
    add_summary(hunt, escape, out);
    for (uint32_t i = 0; i < hunt->leaks && i < top; i++) {
        add_leak(hunt, &hunt->leak[i], &evidence, escape, out);
    }
    if (hunt->leaks > top) {
        pt_buf_add_format(out, "\n%u more leaks\n", hunt->leaks - top);
    }
    evidence_release(&evidence);
    return pt_buf_check(out);
}

static const char *
shape_name(enum pt_growth_shape shape)
{
    switch (shape) {
    case PT_GROWTH_WARM_UP:
        return "warm-up";
    case PT_GROWTH_CACHE:
        return "cache";
    case PT_GROWTH_UNEVEN:
        return "uneven";
    case PT_GROWTH_LEAK:
        break;
    }
    return "leak";
}

static void
add_other(const struct pt_leakhunt *hunt, const struct pt_leak *other,
          enum pt_escape escape, struct pt_buf *out)
{
    struct pt_dossier *dossier = hunt->dossier;
    const struct pt_place *place = &dossier->sum.place[other->place];
    struct pt_buf snippet = PT_BUF_INIT;

    pt_buf_add_format(out, "%10s  %8" PRId64 "  %10s  %-7s  ",
                      pt_size_text((double)other->growth.grown_bytes).text,
                      other->growth.grown_blocks,
                      pt_count_text(other->growth.full_work).text,
                      shape_name(other->growth.shape));
    add_path(out, dossier, place->file, escape);
    pt_buf_add_format(out, ":%u", place->line);
    if (other->is_native) {
        pt_buf_add_text(out, " (native)");
    }
    if (dossier->sum.shares > 1) {
        pt_buf_add_format(out, " (process %u)", other->process);
    }
    pt_snippets_add(&dossier->snippets, place->file, place->line,
                    SNIPPET_BYTES_MAX, escape, &snippet);
    pt_buf_add_format(out, "%s%s\n", snippet.used != 0 ? "  " : "",
                      pt_buf_text(&snippet));
    out->failed |= snippet.failed;
    pt_buf_release(&snippet);
}

int
pt_out_leaks_others(const struct pt_leakhunt *hunt, uint32_t top,
                    enum pt_escape escape, struct pt_buf *out)
{
    uint32_t others = hunt->grown - hunt->leaks;

    if (others == 0) {
        return PT_OK;
    }
    pt_buf_add_format(out, "\n%10s  %8s  %10s  %-7s  line\n", "more", "blocks",
                      "full after", "is");
    for (uint32_t i = 0; i < others && i < top; i++) {
        add_other(hunt, &hunt->leak[hunt->leaks + i], escape, out);
    }
    if (others > top) {
        pt_buf_add_format(out, "%u more line%s\n", others - top,
                          others - top == 1 ? "" : "s");
    }
    return pt_buf_check(out);
}

static void
add_frames_json(const struct pt_stacks *stacks, const struct witness *witness,
                struct pt_buf *out)
{
    struct pt_stack_frame frame;
    const char *separator = "";
    uint32_t at = 0;

    while (witness->stack.entry != 0 &&
           pt_stacks_frame(stacks, &witness->stack, &at, &frame)) {
        struct pt_buf name = PT_BUF_INIT;

        pt_stacks_add_name(stacks, &frame, &name);
        pt_buf_add_format(out, "%s\n    {\"path\": ", separator);
        pt_json_add(out, pt_dossier_path(stacks->dossier, frame.file));
        pt_buf_add_format(out, ", \"line\": %u, \"function\": ", frame.line);
        pt_json_add_bytes(out, pt_buf_text(&name), name.used);
        pt_buf_add_char(out, '}');
        out->failed |= name.failed;
        pt_buf_release(&name);
        separator = ",";
    }
}

/* The begin of an object, for leaks and others: which line, and its growth. */
static void
add_growth_json(const struct pt_leakhunt *hunt, const struct pt_leak *leak,
                struct pt_buf *out)
{
    const struct pt_place *place = &hunt->dossier->sum.place[leak->place];

    pt_buf_add_text(out, "\n  {\"path\": ");
    pt_json_add(out, pt_dossier_path(hunt->dossier, place->file));
    pt_buf_add_format(
        out,
        ", \"line\": %u, \"process\": %u, \"memory\": \"%s\", "
        "\"grown_bytes\": %" PRId64 ", \"grown_blocks\": %" PRId64,
        place->line, leak->process, leak->is_native ? "native" : "python",
        leak->growth.grown_bytes, leak->growth.grown_blocks);
}

static void
add_leak_json(const struct pt_leakhunt *hunt, const struct pt_leak *leak,
              struct evidence *evidence, struct pt_buf *out)
{
    const struct pt_place *place = &hunt->dossier->sum.place[leak->place];
    const struct pt_memory *memory = leak->is_native ? &place->native
                                                     : &place->memory;
    const struct pt_stacks *stacks = stacks_of(evidence, leak);
    struct witness witness = find_witness(stacks, place);

    add_growth_json(hunt, leak, out);
    pt_buf_add_format(out,
                      ", \"bytes_per_work\": %.3f, \"blocks_per_work\": %.3f, "
                      "\"hits\": %" PRIu64 ", \"live_blocks\": %" PRIu64
                      ",\n   \"traceback\": [",
                      leak->growth.bytes_per_work,
                      leak->growth.blocks_per_work, executions(evidence, leak),
                      memory->live.blocks);
    add_frames_json(stacks, &witness, out);
    pt_buf_add_char(out, ']');
    if (leak->is_native) {
        pt_buf_add_text(out, ",\n   \"functions\": [");
        if (witness.stack.entry != 0) {
            pt_nativegroups_add_json(&evidence->names, &stacks->ledger,
                                     witness.stack.entry, out);
        }
        pt_buf_add_char(out, ']');
    }
    pt_buf_add_char(out, '}');
}

static void
add_other_json(const struct pt_leakhunt *hunt, const struct pt_leak *other,
               struct pt_buf *out)
{
    add_growth_json(hunt, other, out);
    pt_buf_add_format(out, ", \"full_after\": %" PRIu64 ", \"shape\": \"%s\"}",
                      other->growth.full_work,
                      shape_name(other->growth.shape));
}

int
pt_out_leaks_json(const struct pt_leakhunt *hunt, struct pt_buf *out)
{
    struct evidence evidence;
    int code = evidence_init(&evidence, hunt->dossier);

    if (code != PT_OK) {
        return code;
    }
    pt_buf_add_text(out, "{\"label\": ");
    pt_json_add(out, pt_buf_text(&hunt->label));
    pt_buf_add_format(out,
                      ", \"work\": %" PRIu64 ", \"grown_lines\": %u, "
                      "\"lost_events\": %" PRIu64 ",\n \"leaks\": [",
                      hunt->work, hunt->grown, hunt->lost);
    for (uint32_t i = 0; i < hunt->leaks; i++) {
        pt_buf_add_text(out, i != 0 ? "," : "");
        add_leak_json(hunt, &hunt->leak[i], &evidence, out);
    }
    pt_buf_add_text(out, "],\n \"others\": [");
    for (uint32_t i = hunt->leaks; i < hunt->grown; i++) {
        pt_buf_add_text(out, i != hunt->leaks ? "," : "");
        add_other_json(hunt, &hunt->leak[i], out);
    }
    pt_buf_add_text(out, "]}\n");
    evidence_release(&evidence);
    return pt_buf_check(out);
}
