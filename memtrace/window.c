/* SPDX-License-Identifier: MIT */
/* window.c - windows that begin where a chunk of the data stack does. */
#include "memtrace/window.h"

#include "core/py/datastack.h"

/* The frame at which the window begins, if it is known that `outer` complete
 * frames are outward of it. */
static const struct pt_frame *
anchor_of(const struct pt_stack *stack)
{
    return stack->chunk != NULL ? pt_datastack_first(stack->chunk) : NULL;
}

/* As pt_window_count(), with what is known already. */
static uint32_t
count_outer(const struct pt_stack *stack, const struct pt_frame *frame)
{
    const struct pt_frame *anchor = anchor_of(stack);
    uint32_t count = 0;

    for (; frame != NULL; frame = frame->previous) {
        count += pt_frame_is_complete(frame) != 0;
        if (frame == anchor) {
            return count + stack->outer;
        }
    }
    return count;
}

uint32_t
pt_window_count(const struct pt_frame *frame)
{
    uint32_t count = 0;

    for (; frame != NULL; frame = frame->previous) {
        count += pt_frame_is_complete(frame) != 0;
    }
    return count;
}

/* Of a stack without chunks, as of generators, frames are kept in steps of
 * PT_DEPTH_KEPT, so that one that goes up and down a little keeps its window.
 */
static int
choose_step(const struct pt_frame *caller)
{
    uint32_t total = 0;

    for (; caller != NULL; caller = caller->previous) {
        total++;
    }
    return (int)(total - (total / PT_DEPTH_KEPT - 1) * PT_DEPTH_KEPT);
}

int
pt_window_choose(struct pt_stack *stack, const struct pt_frame *caller)
{
    const PyThreadState *thread = pt_thread_attached();
    const struct pt_frame *frame = caller;
    int kept = 0;

    while (kept < PT_DEPTH_MAX) {
        stack->pending[kept++] = frame;
        if (kept >= PT_DEPTH_KEPT &&
            pt_datastack_chunk(thread, frame) != NULL) {
            break;
        }
        frame = frame->previous;
    }
    if (kept == PT_DEPTH_MAX) {
        kept = choose_step(caller);
    }
    stack->outer = count_outer(stack, stack->pending[kept - 1]->previous);
    stack->chunk = NULL;
    stack->beyond = PT_WINDOW_UNKNOWN;
    return kept;
}

void
pt_window_anchor(struct pt_stack *stack)
{
    const struct pt_frame *base = stack->entry[1].frame;

    stack->chunk = pt_datastack_chunk(pt_thread_attached(), base);
    if (stack->chunk != NULL) {
        stack->beyond = base->previous;
    }
}

int
pt_window_holds(struct pt_stack *stack, const struct pt_frame *beyond)
{
    if (stack->beyond != PT_WINDOW_UNKNOWN) {
        return beyond == stack->beyond;
    }
    if (pt_window_count(beyond) != stack->outer) {
        return 0;
    }
    pt_window_anchor(stack);
    return 1;
}

void
pt_window_forget(struct pt_stack *stack)
{
    stack->chunk = NULL;
    if (stack->beyond != NULL) {
        stack->beyond = PT_WINDOW_UNKNOWN;
    }
}
