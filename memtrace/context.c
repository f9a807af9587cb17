/* SPDX-License-Identifier: MIT */
/* context.c - the cached, verified walk. */
#include "memtrace/context.h"

#include <pthread.h>

#include "core/base/hash.h"
#include "core/base/rawmem.h"
#include "core/py/codewatch.h"
#include "memtrace/placecache.h"

#define MAP_SLOTS 1024u

struct entry {
    const struct pt_frame *frame;
    uintptr_t place;
};

/* The stack a thread saw last: entry[0] is the root, entry[top] the innermost.
 * node[i] is the node of entry[i] with all entries below it as its callers.
 * map[hash of a frame] is where that frame stands, if it stands anywhere. */
struct stack {
    int top;  // -1: nothing known
    uint32_t generation;
    struct entry entry[PT_DEPTH_MAX];
    uint32_t node[PT_DEPTH_MAX];
    uint16_t map[MAP_SLOTS];
    const struct pt_frame *pending[PT_DEPTH_MAX];
};

static struct pt_nodes *nodes;
static struct pt_placecache cache;
static uint32_t generation;
static pthread_key_t stack_key;  // for its destructor at the thread's end
static PT_THREAD_LOCAL struct stack *own_stack;

static void
free_stack(void *stack)
{
    own_stack = NULL;
    pt_rawmem_unmap(stack, sizeof(struct stack));
}

int
pt_context_start(struct pt_nodes *into)
{
    static int has_key;

    if (!has_key && pthread_key_create(&stack_key, free_stack) != 0) {
        return PT_ERR_NOMEM;
    }
    has_key = 1;
    nodes = into;
    generation++;
    return pt_placecache_init(&cache);
}

void
pt_context_release(void)
{
    pt_placecache_release(&cache);
    if (own_stack != NULL) {
        pthread_setspecific(stack_key, NULL);
        free_stack(own_stack);
    }
}

void
pt_context_forget(PyCodeObject *code)
{
    (void)code;
    generation++;
    pt_placecache_clear(&cache);
}

PT_COLD static struct stack *
new_stack(void)
{
    struct stack *stack = pt_rawmem_map(sizeof(*stack));

    if (stack != NULL) {
        stack->top = -1;
        stack->generation = generation;
        pthread_setspecific(stack_key, stack);
    }
    own_stack = stack;
    return stack;
}

PT_COLD static uint32_t
child_slow(uint32_t parent, uintptr_t place, const struct pt_frame *frame)
{
    uint32_t node = pt_nodes_intern(nodes, parent, frame);

    // What we could not be told the death of must not be cached by address.
    if (pt_codewatch_mark(pt_frame_code(frame)) == 0) {
        pt_placecache_put(&cache, parent, place, node);
    }
    return node;
}

/* The node of a complete frame under `parent`. */
PT_INLINE uint32_t
child(uint32_t parent, uintptr_t place, const struct pt_frame *frame)
{
    uint32_t node = pt_placecache_get(&cache, parent, place);

    return pt_likely(node != 0) ? node : child_slow(parent, place, frame);
}

PT_INLINE uint16_t *
map_slot(struct stack *stack, const struct pt_frame *frame)
{
    uint32_t hash = (uint32_t)((uintptr_t)frame >> 4) * 0x9E3779B1u;

    return &stack->map[hash >> 22];
}

/* Where `frame` stands in the stack, or -1. */
PT_INLINE int
index_of(struct stack *stack, const struct pt_frame *frame)
{
    int index = *map_slot(stack, frame);

    return index <= stack->top && stack->entry[index].frame == frame ? index
                                                                     : -1;
}

/* Are the callers of entry[index] still those below it? Budget: 11
 * instructions a frame. The loads come from the array, so they do not wait for
 * each other. */
PT_INLINE int
callers_hold(const struct stack *stack, int index)
{
    const struct entry *entry = &stack->entry[index];
    const struct pt_frame *caller = entry->frame->previous;

    for (; index > 0; index--) {
        entry--;
        if (pt_unlikely(caller != entry->frame) &&
            pt_frame_complete(caller) != entry->frame) {
            return 0;
        }
        if (pt_unlikely(pt_frame_place(entry->frame) != entry->place)) {
            return 0;
        }
        caller = entry->frame->previous;
    }
    return caller == NULL || pt_frame_complete(caller) == NULL;
}

/* Node for a stack that is too deep to be kept, from its innermost frames. */
static uint32_t
capture_deep(const struct pt_frame *frame)
{
    const struct pt_frame *inner[PT_DEEP_FRAMES];
    uint32_t node = PT_NODE_DEEP;
    int count = 0;

    while (frame != NULL && count < PT_DEEP_FRAMES) {
        inner[count++] = frame;
        frame = pt_frame_complete(frame->previous);
    }
    while (count > 0) {
        count--;
        node = child(node, pt_frame_place(inner[count]), inner[count]);
    }
    return node;
}

/* Put `count` pending frames (innermost first) on top of entry[base]; entries
 * that are the same as before keep their node. */
static uint32_t
rebuild(struct stack *stack, int base, int count)
{
    int old_top = stack->top, same = 1;
    uint32_t parent = base >= 0 ? stack->node[base] : PT_NODE_NONE;

    for (int i = 0; i < count; i++) {
        const struct pt_frame *frame = stack->pending[count - 1 - i];
        uintptr_t place = pt_frame_place(frame);
        int at = base + 1 + i;
        struct entry *entry = &stack->entry[at];

        same = same && at <= old_top && entry->frame == frame &&
               entry->place == place;
        if (!same) {
            *entry = (struct entry){frame, place};
            *map_slot(stack, frame) = (uint16_t)at;
            stack->node[at] = child(parent, place, frame);
        }
        parent = stack->node[at];
    }
    stack->top = base + count;
    return parent;
}

/* Make entry[index], whose callers hold, say where its frame is now. */
PT_INLINE void
refresh(struct stack *stack, int index)
{
    struct entry *entry = &stack->entry[index];
    uintptr_t place = pt_frame_place(entry->frame);

    if (place != entry->place) {
        entry->place = place;
        stack->node[index] =
            child(index > 0 ? stack->node[index - 1] : PT_NODE_NONE, place,
                  entry->frame);
    }
}

/* Walk outward until a kept frame with kept callers, or the root, is met. */
PT_COLD static uint32_t
capture_slow(struct stack *stack, const struct pt_frame *frame)
{
    const struct pt_frame *innermost = pt_frame_complete(frame);
    int count = 0, base = -1, may_join = 1;

    if (stack->generation != generation) {
        stack->generation = generation;
        stack->top = -1;
    }
    for (frame = innermost; frame != NULL;
         frame = pt_frame_complete(frame->previous)) {
        base = may_join ? index_of(stack, frame) : -1;
        if (base >= 0 && callers_hold(stack, base)) {
            refresh(stack, base);
            break;
        }
        // One failed try is enough: rebuild() compares the rest from the root.
        may_join = may_join && base < 0;
        base = -1;
        if (count == PT_DEPTH_MAX) {
            return capture_deep(innermost);
        }
        stack->pending[count++] = frame;
    }
    if (base + 1 + count > PT_DEPTH_MAX) {
        return capture_deep(innermost);
    }
    return rebuild(stack, base, count);
}

uint32_t
pt_context_attached(const PyThreadState *thread)
{
    const struct pt_frame *frame = pt_frame_top(thread);
    struct stack *stack = own_stack;
    int index;

    if (pt_unlikely(frame == NULL)) {
        return PT_NODE_NONE;
    }
    if (pt_unlikely(stack == NULL)) {
        stack = new_stack();
        if (stack == NULL) {
            return PT_NODE_NONE;
        }
    }
    if (pt_unlikely(stack->generation != generation)) {
        return capture_slow(stack, frame);
    }
    index = index_of(stack, frame);
    if (pt_unlikely(index < 0 || !callers_hold(stack, index))) {
        return capture_slow(stack, frame);
    }
    if (pt_unlikely(!pt_frame_is_complete(frame))) {
        return capture_slow(stack, frame);
    }
    refresh(stack, index);
    stack->top = index;
    return stack->node[index];
}

uint32_t
pt_context_detached(const PyThreadState *thread)
{
    const struct pt_frame *frame[PT_DEEP_FRAMES];
    const struct pt_frame *at;
    uint32_t node;
    int count = 0;

    at = thread != NULL ? pt_frame_complete(pt_frame_top(thread)) : NULL;
    for (; at != NULL && count < PT_DEEP_FRAMES;
         at = pt_frame_complete(at->previous)) {
        frame[count++] = at;
    }
    node = at != NULL ? PT_NODE_DEEP : PT_NODE_NONE;
    while (count > 0) {
        node = pt_nodes_intern(nodes, node, frame[--count]);
    }
    return node;
}
