/* SPDX-License-Identifier: MIT */
/* fullstacks.c - stacks, then native sites below the stacks they are of. */
#include "cli/report/figures/fullstacks.h"

#include "cli/report/text/room.h"
#include "core/base/rawmem.h"

int
pt_fullstacks_init(struct pt_fullstacks *stacks, struct pt_dossier *dossier,
                   const struct pt_filter *filter)
{
    int code;

    *stacks = (struct pt_fullstacks){.room = 0};
    code = pt_nativenames_init(&stacks->names, PT_NATIVESITES_ALL);
    if (code != PT_OK) {
        return code;
    }
    code = pt_stacks_init(&stacks->python, dossier, filter);
    if (code == PT_OK && (dossier->header->wanted & PT_WANT_NATIVE) != 0) {
        code = pt_stacks_init_native(&stacks->native, dossier, filter,
                                     &stacks->names.sites);
    }
    if (code != PT_OK) {
        pt_fullstacks_release(stacks);
    }
    return code;
}

/* True if a site has anything, and its Python file is asked for. */
static int
take_site(const struct pt_fullstacks *stacks, uint32_t number,
          struct pt_fullstack *stack)
{
    const struct pt_nativesite *site = &stacks->names.sites.site[number];
    const struct pt_stacks *native = &stacks->native;

    *stack = (struct pt_fullstack){
        .stack = {.entry = site->entry,
                  .value = {[PT_VALUE_NATIVE] = site->kept.bytes,
                            [PT_VALUE_NATIVE_BLOCKS] = site->kept.blocks,
                            [PT_VALUE_NATIVE_ALLOCATED] =
                                site->allocated.bytes,
                            [PT_VALUE_NATIVE_ALLOCATED_BLOCKS] =
                                site->allocated.blocks}},
        .site = number,
    };
    return pt_dossier_takes(native->dossier, native->filter,
                            pt_stacks_innermost(native, &stack->stack).file);
}

int
pt_fullstacks_next(const struct pt_fullstacks *stacks, uint32_t *at,
                   struct pt_fullstack *stack)
{
    const struct pt_stacks *python = &stacks->python;
    uint32_t others = python->ledger.entries + python->dossier->sum.places;

    *stack = (struct pt_fullstack){.site = 0};
    if (pt_stacks_next(python, at, &stack->stack)) {
        return 1;
    }
    // Site 0 is none.
    while (++*at - others < stacks->names.sites.sites) {
        if (take_site(stacks, *at - others, stack)) {
            return 1;
        }
    }
    return 0;
}

static int
append(struct pt_fullstacks *stacks, uint32_t *frames,
       const struct pt_fullframe *frame)
{
    void *array = stacks->frame;
    int code = pt_room_reserve(&array, *frames, &stacks->room,
                               sizeof(*stacks->frame));

    stacks->frame = array;
    if (code == PT_OK) {
        stacks->frame[(*frames)++] = *frame;
    }
    return code;
}

/* The places that led to a site, from malloc()'s caller outward, turned. */
static int
append_native(struct pt_fullstacks *stacks, uint32_t site, uint32_t *frames)
{
    const struct pt_nativesites *sites = &stacks->names.sites;
    uint32_t first = *frames, last;
    int code = PT_OK;

    for (uint32_t at = sites->site[site].caller; at != 0 && code == PT_OK;
         at = sites->caller[at].outer) {
        code = append(stacks, frames, &(struct pt_fullframe){.caller = at});
    }
    last = *frames;
    while (first + 1 < last) {
        struct pt_fullframe frame = stacks->frame[first];

        stacks->frame[first++] = stacks->frame[--last];
        stacks->frame[last] = frame;
    }
    return code;
}

int
pt_fullstacks_walk(struct pt_fullstacks *stacks,
                   const struct pt_fullstack *stack, uint32_t *frames)
{
    const struct pt_stacks *python = stack->site != 0 ? &stacks->native
                                                      : &stacks->python;
    struct pt_fullframe frame = {.caller = 0};
    uint32_t at = 0;
    int code = PT_OK;

    *frames = 0;
    while (code == PT_OK &&
           pt_stacks_frame(python, &stack->stack, &at, &frame.python)) {
        code = append(stacks, frames, &frame);
    }
    if (code == PT_OK && stack->site != 0) {
        code = append_native(stacks, stack->site, frames);
    }
    return code;
}

static struct pt_symbol
symbol_of(struct pt_fullstacks *stacks, uint32_t caller)
{
    return pt_nativenames_symbol(&stacks->names, &stacks->native.ledger,
                                 caller);
}

void
pt_fullstacks_add_name(struct pt_fullstacks *stacks,
                       const struct pt_fullframe *frame, struct pt_buf *out)
{
    struct pt_symbol symbol;

    if (frame->caller == 0) {
        pt_stacks_add_name(&stacks->python, &frame->python, out);
        return;
    }
    symbol = symbol_of(stacks, frame->caller);
    if (symbol.function != NULL) {
        pt_buf_add_text(out, symbol.function);
    }
    else {
        pt_nativenames_add_place(&stacks->names, &stacks->native.ledger,
                                 frame->caller, PT_ESCAPE_NOTHING, out);
    }
}

uint32_t
pt_fullstacks_add_file(struct pt_fullstacks *stacks,
                       const struct pt_fullframe *frame, struct pt_buf *out)
{
    const struct pt_dossier *dossier = stacks->python.dossier;
    const struct pt_name *library;
    struct pt_symbol symbol;

    if (frame->caller == 0) {
        pt_buf_add_text(out, pt_dossier_path(dossier, frame->python.file));
        return frame->python.line;
    }
    symbol = symbol_of(stacks, frame->caller);
    if (symbol.file != NULL) {
        pt_buf_add_text(out, symbol.file);
        return symbol.line > 0 ? (uint32_t)symbol.line : 0;
    }
    library = &stacks->native.ledger
                   .name[stacks->names.sites.caller[frame->caller].name];
    pt_buf_add(out, library->text, library->bytes);
    return 0;
}

void
pt_fullstacks_release(struct pt_fullstacks *stacks)
{
    pt_stacks_release(&stacks->python);
    pt_stacks_release(&stacks->native);
    pt_nativenames_release(&stacks->names);
    pt_rawmem_free(stacks->frame);
    *stacks = (struct pt_fullstacks){.room = 0};
}
