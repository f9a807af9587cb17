/* SPDX-License-Identifier: MIT */
/* context.c - the walk where it is not as it was before. */
#include "memtrace/context.h"

#include <pthread.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/rawmem.h"
#include "core/py/attached.h"
#include "core/py/codewatch.h"
#include "memtrace/blocktable.h"
#include "memtrace/codecache.h"
#include "memtrace/placecache.h"
#include "memtrace/window.h"

#define KNOWN_CODES 4096u
#define NOWHERE PT_WINDOW_UNKNOWN

struct pt_context pt_context;

static struct pt_nodes *nodes;
static struct pt_pairs *pairs;
static struct pt_placecache places;
static struct pt_codecache codes;
static unsigned char known[KNOWN_CODES / 8];  // a filter; under the GIL
static pthread_key_t stack_key;  // for its destructor at the thread's end
static PyThreadState *const unattached = NULL;
static struct pt_stack nobody = {.attached = &unattached};

PT_THREAD_LOCAL struct pt_stack *pt_context_stack = &nobody;

static void
free_stack(void *stack)
{
    pt_context_stack = &nobody;
    pt_rawmem_unmap(stack, sizeof(struct pt_stack));
}

int
pt_context_start(struct pt_nodes *into, struct pt_pairs *of)
{
    static int has_key;

    if (!has_key && pthread_key_create(&stack_key, free_stack) != 0) {
        return PT_ERR_NOMEM;
    }
    has_key = 1;
    nodes = into;
    pairs = of;
    pt_context.generation++;
    pt_codecache_clear(&codes);
    if (pt_placecache_init(&places) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (pt_sitecache_init(&pt_context.sites) != PT_OK) {
        pt_placecache_release(&places);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

void
pt_context_close(void)
{
    pt_context.main = NULL;
}

void
pt_context_open(void)
{
    pt_context.main = PyInterpreterState_Main();
}

void
pt_context_release(void)
{
    pt_placecache_release(&places);
    pt_sitecache_release(&pt_context.sites);
    if (pt_context_stack != &nobody) {
        pthread_setspecific(stack_key, NULL);
        free_stack(pt_context_stack);
    }
}

/* The bit of a code object in the filter, which says "not known" of no code
 * that has an address in a cache or a stack. */
static unsigned char
known_bit(const PyCodeObject *code, unsigned char **byte)
{
    uint64_t hash = pt_hash_pair((uintptr_t)code, 0) >> 32;

    *byte = &known[hash / 8 % sizeof(known)];
    return (unsigned char)(1u << hash % 8);
}

void
pt_context_forget(PyCodeObject *code)
{
    unsigned char *byte, bit = known_bit(code, &byte);

    if (*byte & bit) {
        memset(known, 0, sizeof(known));
        pt_context.generation++;
        pt_codecache_clear(&codes);
        pt_placecache_clear(&places);
        pt_sitecache_clear(&pt_context.sites);
    }
}

void
pt_context_unmapped(const void *memory)
{
    if (pt_context_stack->chunk == memory) {
        pt_window_forget(pt_context_stack);
    }
}

void
pt_context_rebase(void)
{
    pt_sitecache_clear(&pt_context.sites);
}

/* What we could not be told the death of must not be kept by address. */
static int
mark_known(PyCodeObject *code)
{
    unsigned char *byte, bit = known_bit(code, &byte);

    if (pt_codewatch_mark(code) != 0) {
        return 0;
    }
    *byte |= bit;
    return 1;
}

/* Do a frame's address and instruction tell whether it is complete? Not before
 * the first traceable instruction of a generator, which is passed once by the
 * call that makes the generator and once by the generator. */
static int
tells(const struct pt_frame *frame)
{
    const PyCodeObject *code = pt_frame_code(frame);

    return frame->instr >= pt_code_start(code) + code->_co_firsttraceable ||
           !(code->co_flags &
             (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR));
}

struct found {
    uint32_t node;
    int lasts;  // may be kept under the frame's address or instruction
};

/* pt_nodes_intern(), for code that may be kept by address. */
static uint32_t
intern_known(uint32_t parent, const struct pt_frame *frame)
{
    const PyCodeObject *code = pt_frame_code(frame);
    struct pt_codecache_slot *slot = pt_codecache_of(&codes, code);

    if (slot->id == 0) {
        slot->id = pt_catalog_code(nodes->catalog, code);
    }
    return pt_nodes_intern_at(nodes, parent, slot->id,
                              pt_codecache_line(&codes, code, frame->instr));
}

PT_COLD static struct found
find_slow(uint32_t parent, const struct pt_frame *frame)
{
    struct found found = {parent, 0};
    int is_complete = pt_frame_is_complete(frame);
    int is_known = mark_known(pt_frame_code(frame));

    if (is_complete) {
        found.node = is_known ? intern_known(parent, frame)
                              : pt_nodes_intern(nodes, parent, frame);
    }
    // No node of its own: there was no memory.
    if (is_known && is_complete == (found.node != parent) && tells(frame)) {
        found.lasts = 1;
        if (is_complete) {
            pt_placecache_put(&places, parent, pt_frame_place(frame),
                              found.node);
        }
    }
    return found;
}

/* The node of a frame called from `parent`: that of `parent`, if tracebacks
 * leave the frame out. */
static struct found
find(uint32_t parent, const struct pt_frame *frame)
{
    uint32_t node;

    if (pt_frame_is_entry(frame)) {
        return (struct found){parent, 1};
    }
    // Only what tells() is in there.
    node = pt_placecache_get(&places, parent, pt_frame_place(frame));
    return node != 0 ? (struct found){node, 1} : find_slow(parent, frame);
}

PT_COLD static struct pt_stack *
new_stack(void)
{
    struct pt_stack *stack = pt_rawmem_map(sizeof(*stack));

    if (stack == NULL) {
        return NULL;
    }
    stack->attached = pt_attached_place();
    if (stack->attached == NULL) {
        stack->attached = &unattached;
    }
    stack->entry[0].frame = NOWHERE;
    pthread_setspecific(stack_key, stack);
    pt_context_stack = stack;
    return stack;
}

static int
index_of(const struct pt_stack *stack, const struct pt_stack_entry *entry)
{
    return (int)(entry - stack->entry);
}

static int
valid_index(const struct pt_stack *stack)
{
    return index_of(stack, pt_context_entry(stack, stack->valid));
}

static void
set_valid(struct pt_stack *stack, int index)
{
    stack->valid = (uint32_t)index * (uint32_t)sizeof(stack->entry[0]);
}

/* Make entry[at] one for `frame`, whose callers are those below. */
static void
enter(struct pt_stack *stack, int at, const struct pt_frame *frame)
{
    struct found found = find((uint32_t)stack->entry[at - 1].node, frame);

    stack->entry[at] = (struct pt_stack_entry){
        found.lasts ? frame : NOWHERE, pt_frame_place(frame), found.node};
    *pt_context_map(stack, frame) =
        (uint32_t)at * (uint32_t)sizeof(stack->entry[0]);
}

/* Put `count` pending frames (innermost first) on top of entry[base]; entries
 * that are the same as before keep their node. */
static uint32_t
rebuild(struct pt_stack *stack, int base, int count)
{
    int top = base + count, valid = valid_index(stack), same = 1;

    for (int at = base + 1; at <= top; at++) {
        const struct pt_frame *frame = stack->pending[top - at];
        const struct pt_stack_entry *entry = &stack->entry[at];

        same = same && at <= valid && entry->frame == frame &&
               entry->place == pt_frame_place(frame);
        if (!same) {
            enter(stack, at, frame);
        }
    }
    if (!same) {
        set_valid(stack, top);
    }
    return (uint32_t)stack->entry[top].node;
}

/* Keep the innermost frames of a deep stack. */
PT_COLD static uint32_t
move_window(struct pt_stack *stack, const struct pt_frame *caller)
{
    int kept = pt_window_choose(stack, caller);
    uint32_t node;

    stack->entry[0].node = pt_nodes_marker(nodes, stack->outer);
    stack->valid = 0;
    node = rebuild(stack, 0, kept);
    pt_window_anchor(stack);
    return node;
}

/* The index of a frame whose callers are linked as the entries below it are,
 * or -1; *changed is the lowest entry up to there that is not right any more.
 */
static int
join(struct pt_stack *stack, const struct pt_frame *caller, int *changed)
{
    const struct pt_stack_entry *innermost =
        pt_context_entry(stack, *pt_context_map(stack, caller));
    const struct pt_stack_entry *entry = innermost;
    const struct pt_frame *frame = caller;

    *changed = valid_index(stack) + 1;
    for (; entry->frame == frame; entry--) {
        if (entry->place != pt_frame_place(frame) &&
            index_of(stack, entry) < *changed) {
            *changed = index_of(stack, entry);
        }
        frame = frame->previous;
    }
    if (frame == caller || entry != stack->entry ||
        !pt_window_holds(stack, frame)) {
        return -1;
    }
    return index_of(stack, innermost);
}

/* The node of `caller`: walk outward until a kept frame with kept callers is
 * met, or the root. */
static uint32_t
callers(struct pt_stack *stack, const struct pt_frame *caller)
{
    int base = -1, count = 0, may_join = 1, changed = 1;

    if (stack->generation != pt_context.generation) {
        stack->generation = pt_context.generation;
        stack->valid = 0;
        // The chunk may have gone while nobody told us.
        pt_window_forget(stack);
    }
    for (const struct pt_frame *frame = caller; frame != NULL;
         frame = frame->previous) {
        if (may_join && *pt_context_map(stack, frame) != 0) {
            base = join(stack, frame, &changed);
            if (base > 0) {
                break;
            }
            // Once is enough: rebuild() compares the rest from the root.
            may_join = pt_context_entry(stack, *pt_context_map(stack, frame))
                           ->frame != frame;
        }
        if (count == PT_DEPTH_MAX) {
            return move_window(stack, caller);
        }
        stack->pending[count++] = frame;
    }
    if (base < 0) {
        base = 0;
        changed = 1;
        if (stack->beyond != NULL) {
            stack->chunk = NULL;
            stack->beyond = NULL;
            stack->entry[0].node = PT_NODE_NONE;
            stack->valid = 0;
        }
    }
    if (base + count > PT_DEPTH_MAX) {
        return move_window(stack, caller);
    }
    for (int at = changed; at <= base; at++) {
        enter(stack, at, stack->entry[at].frame);
        set_valid(stack, base);
    }
    return rebuild(stack, base, count);
}

/* A site for a frame called from `parent`; in the cache if it may be. */
PT_COLD static const struct pt_site *
make_site(const struct pt_frame *frame, uint32_t parent, size_t bytes)
{
    static struct pt_site made;  // under the GIL
    struct found found = {PT_NODE_NONE, 0};

    if (frame != NULL) {
        found = find(parent, frame);
    }
    made = (struct pt_site){
        .parent = parent,
        .size_bytes = (uint32_t)bytes,
        .shift = pt_blocktable_shift(bytes),
    };
    made.pair =
        pt_pairs_find(pairs, found.node, bytes, PT_DOMAIN_PYTHON, &made.id);
    if (made.pair == NULL) {
        made.pair = pt_pairs_make_slow(pairs, found.node, bytes,
                                       PT_DOMAIN_PYTHON, &made.id);
    }
    if (made.pair != NULL && found.lasts && bytes <= UINT32_MAX) {
        made.key = pt_sitecache_key(&pt_context.sites, pt_frame_place(frame));
        pt_sitecache_put(&pt_context.sites, &made);
    }
    return made.pair != NULL ? &made : NULL;
}

/* The stack of the calling thread, made if it has none; NULL when there is no
 * memory. */
static struct pt_stack *
own_stack(void)
{
    return pt_likely(pt_context_stack != &nobody) ? pt_context_stack
                                                  : new_stack();
}

const struct pt_site *
pt_context_site(size_t bytes)
{
    const PyThreadState *thread = pt_thread_attached();
    const struct pt_frame *frame;
    const struct pt_stack_entry *caller;
    const struct pt_site *site;
    struct pt_stack *stack;
    uint32_t parent;

    if (thread == NULL || thread->interp != pt_context.main) {
        return NULL;
    }
    frame = pt_frame_top(thread);
    if (frame == NULL) {
        return make_site(NULL, PT_NODE_NONE, bytes);
    }
    stack = own_stack();
    if (stack == NULL) {
        return NULL;
    }
    caller = pt_context_same_callers(stack, frame->previous);
    parent = caller != NULL ? (uint32_t)caller->node
                            : callers(stack, frame->previous);
    site = pt_sitecache_get(&pt_context.sites, pt_frame_place(frame), parent,
                            bytes);
    return site != NULL ? site : make_site(frame, parent, bytes);
}

uint32_t
pt_context_attached(const PyThreadState *thread)
{
    const struct pt_frame *frame = pt_frame_top(thread);
    struct pt_stack *stack = own_stack();

    if (frame == NULL || stack == NULL) {
        return PT_NODE_NONE;
    }
    return find(callers(stack, frame->previous), frame).node;
}

/* The node of a frame under `parent`; takes no Python memory on the way. */
static uint32_t
find_careful(uint32_t parent, const struct pt_frame *frame,
             enum pt_context_gil gil)
{
    uint32_t node = 0;

    if (gil == PT_WITH_GIL) {
        node = pt_placecache_get(&places, parent, pt_frame_place(frame));
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
    node = pt_nodes_marker(nodes, pt_window_count(at));
    while (count > 0) {
        node = find_careful(node, frame[--count], gil);
    }
    return node;
}
