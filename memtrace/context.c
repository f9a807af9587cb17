/* SPDX-License-Identifier: MIT */
/* context.c - the cached, verified walk. */
#include "memtrace/context.h"

#include <pthread.h>

#include "core/base/hash.h"
#include "core/base/rawmem.h"
#include "core/py/codewatch.h"
#include "memtrace/placecache.h"

#define MAP_SLOTS 4096u

struct entry {
    const struct pt_frame *frame;
    uintptr_t place;
};

/* The stack a thread saw last: entry[top] is the innermost frame, entry[0] the
 * root, or, of a very deep stack, the frame with `outer` frames outward of it.
 * node[i] is the node of entry[i] with all entries below it as its callers.
 * map[hash of a frame] is where that frame stands, if it stands anywhere. */
struct stack {
    int top;     // -1: nothing known
    int filled;  // entries up to here have a frame, if an old one, above top
    uint32_t generation;
    uint32_t outer;  // a multiple of PT_DEPTH_KEPT
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
        stack->top = stack->filled = -1;
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

    return &stack->map[hash >> 20];
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
    return stack->outer != 0 || caller == NULL ||
           pt_frame_complete(caller) == NULL;
}

/* Node of what is outward of entry[index]. */
PT_INLINE uint32_t
parent_of(const struct stack *stack, int index)
{
    return pt_likely(index > 0) ? stack->node[index - 1]
                                : pt_nodes_marker(nodes, stack->outer);
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
            child(parent_of(stack, index), place, entry->frame);
    }
}

/* Put `count` pending frames (innermost first) on top of entry[base]; entries
 * that are the same as before keep their node. */
static uint32_t
rebuild(struct stack *stack, int base, int count)
{
    int old_top = stack->top, same = 1;
    uint32_t parent = parent_of(stack, base + 1);

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
    if (stack->filled < stack->top) {
        stack->filled = stack->top;
    }
    return parent;
}

/* Move the window of a deep stack inward: of entry[0..base] and the pending
 * frames on top of it, `total` frames from the root, keep the innermost. */
PT_COLD static uint32_t
move_window(struct stack *stack, int base, int count, uint32_t total)
{
    uint32_t outer = (total / PT_DEPTH_KEPT - 1) * PT_DEPTH_KEPT;
    int kept = (int)(total - outer);

    // Back to pending, innermost first, behind those that are there.
    while (count < kept && base >= 0) {
        stack->pending[count++] = stack->entry[base--].frame;
    }
    stack->top = -1;
    stack->outer = outer;
    return rebuild(stack, -1, count < kept ? count : kept);
}

/* How many frames there are from `frame` on outward. */
static uint32_t
count_frames(const struct pt_frame *frame)
{
    uint32_t count = 0;

    for (; frame != NULL; frame = pt_frame_complete(frame->previous)) {
        count++;
    }
    return count;
}

/* Walk outward until a kept frame with kept callers, or the root, is met. */
static uint32_t
capture_slow(struct stack *stack, const struct pt_frame *frame)
{
    int count = 0, base = -1, may_join = 1;

    if (stack->generation != generation) {
        stack->generation = generation;
        stack->top = stack->filled = -1;
    }
    for (frame = pt_frame_complete(frame); frame != NULL;
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
            return move_window(stack, base, count,
                               (uint32_t)count + count_frames(frame));
        }
        stack->pending[count++] = frame;
    }
    if (base < 0 && stack->outer != 0) {
        stack->outer = 0;
        stack->top = -1;
    }
    if (base + 1 + count > PT_DEPTH_MAX) {
        return move_window(stack, base, count,
                           stack->outer + (uint32_t)(base + 1 + count));
    }
    return rebuild(stack, base, count);
}

/* The outermost entry from entry[index] outward whose place is another than
 * before; index + 1 if there is none, -1 if the frames are not linked as the
 * entries are. Budget: 10 instructions a frame. The loads come from the array,
 * so they do not wait for each other. */
PT_INLINE int
outermost_change(const struct stack *stack, int index)
{
    const struct entry *entry = &stack->entry[index];
    const struct pt_frame *caller = entry->frame->previous;
    int changed = pt_frame_place(entry->frame) != entry->place ? index
                                                               : index + 1;

    while (index > 0) {
        entry--;
        index--;
        if (pt_unlikely(caller != entry->frame) &&
            pt_frame_complete(caller) != entry->frame) {
            return -1;
        }
        if (pt_unlikely(pt_frame_place(entry->frame) != entry->place)) {
            changed = index;
        }
        caller = entry->frame->previous;
    }
    return stack->outer != 0 || caller == NULL ||
                   pt_frame_complete(caller) == NULL
               ? changed
               : -1;
}

/* Look entries from `changed` to `index` up again; 0 when the cache does not
 * know one of them. */
PT_INLINE int
look_up(struct stack *stack, int changed, int index)
{
    uint32_t node = parent_of(stack, changed);

    for (; changed <= index; changed++) {
        struct entry *entry = &stack->entry[changed];
        uintptr_t place = pt_frame_place(entry->frame);

        node = pt_placecache_get(&cache, node, place);
        if (pt_unlikely(node == 0)) {
            return 0;
        }
        entry->place = place;
        stack->node[changed] = node;
    }
    return 1;
}

/* An incomplete frame is never in the cache, nor one of the interpreter's own
 * in the stack; so both end in capture_slow(), which knows them. */
uint32_t
pt_context_attached(const PyThreadState *thread)
{
    const struct pt_frame *frame = pt_frame_top(thread);
    struct stack *stack = own_stack;
    int index, changed;

    if (pt_unlikely(frame == NULL)) {
        return PT_NODE_NONE;
    }
    if (pt_unlikely(stack == NULL)) {
        stack = new_stack();
        if (stack == NULL) {
            return PT_NODE_NONE;
        }
    }
    index = *map_slot(stack, frame);
    if (pt_unlikely(stack->generation != generation || index > stack->filled ||
                    stack->entry[index].frame != frame)) {
        return capture_slow(stack, frame);
    }
    changed = outermost_change(stack, index);
    if (pt_unlikely(changed < 0)) {
        return capture_slow(stack, frame);
    }
    // Nodes above top are of callers that have gone.
    changed = changed <= stack->top ? changed : stack->top + 1;
    if (changed <= index && pt_unlikely(!look_up(stack, changed, index))) {
        stack->top = changed - 1 < stack->top ? changed - 1 : stack->top;
        return capture_slow(stack, frame);
    }
    stack->top = index;
    return stack->node[index];
}

/* The node of a frame under `parent`; takes no Python memory on the way. */
static uint32_t
child_careful(uint32_t parent, const struct pt_frame *frame,
              enum pt_context_gil gil)
{
    uint32_t node = 0;

    if (gil == PT_WITH_GIL) {
        node = pt_placecache_get(&cache, parent, pt_frame_place(frame));
    }
    return node != 0 ? node : pt_nodes_intern(nodes, parent, frame);
}

uint32_t
pt_context_careful(const PyThreadState *thread, enum pt_context_gil gil)
{
    const struct pt_frame *frame[PT_DEPTH_KEPT];
    const struct pt_frame *at;
    uint32_t node;
    int count = 0;

    at = thread != NULL ? pt_frame_complete(pt_frame_top(thread)) : NULL;
    for (; at != NULL && count < PT_DEPTH_KEPT;
         at = pt_frame_complete(at->previous)) {
        frame[count++] = at;
    }
    node = pt_nodes_marker(nodes, count_frames(at));
    while (count > 0) {
        node = child_careful(node, frame[--count], gil);
    }
    return node;
}
