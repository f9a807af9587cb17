/* SPDX-License-Identifier: MIT */
/* hooks.c - allocate, record; forget, free.
 *
 * MEM and OBJ are called with the GIL, RAW by any thread. The guard is set
 * around every inner call, since pymalloc takes its arenas and large blocks
 * through RAW. A block is forgotten before it is really freed, for another
 * thread may get its address the moment after.
 *
 * Budget: 110 instructions for an allocation and its free at a leaf site.
 */
#include "memtrace/hooks.h"

#include <errno.h>

#include "core/py/guard.h"
#include "memtrace/context.h"

static struct pt_shadow *shadow;
static struct pt_pairs *pairs;
static atomic_int recording;
static void *last_block;

enum domain {
    RAW,
    MEM,
    OBJ,
    DOMAINS,
};

static const PyMemAllocatorDomain python_domain[DOMAINS] = {
    PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
static PyMemAllocatorEx inner[DOMAINS];
static int is_installed[DOMAINS];

PT_COLD static void
drop_slow(void)
{
    atomic_fetch_add_explicit(&pairs->process->dropped_blocks, 1,
                              memory_order_relaxed);
}

PT_INLINE int
is_recording(void)
{
    return atomic_load_explicit(&recording, memory_order_relaxed) &&
           !pt_guard_inside();
}

/* Is this thread the one that holds the GIL? */
static int
holds_gil(void)
{
    PyThreadState *attached = pt_thread_attached();

    return attached != NULL && attached == PyGILState_GetThisThreadState();
}

/* Forget the block of pair `id`. */
PT_INLINE void
died(uint32_t id)
{
    struct pt_pair *pair = pt_pairs_at(pairs, id);

    if (pt_likely(pair->domain == PT_DOMAIN_PYTHON)) {
        pt_pairs_died(pairs, pair);
    }
    else {
        pt_pairs_died_raw(pairs, pair);
    }
}

/* File a block under the pair of the current context. */
PT_INLINE void
record(void *block, size_t bytes, uint32_t node, uint32_t domain)
{
    uint32_t id = pt_pairs_find(pairs, node, bytes, domain);
    pt_shadow_slot *slot = pt_shadow_make(shadow, (uintptr_t)block);

    if (pt_unlikely(id == 0)) {
        id = pt_pairs_make_slow(pairs, node, bytes, domain);
    }
    if (pt_unlikely(slot == NULL || id == 0)) {
        drop_slow();
        return;
    }
    if (pt_unlikely(*slot != 0)) {
        // Freed where we could not see it, as between a fork's two halves.
        died(*slot);
    }
    *slot = id;
    if (domain == PT_DOMAIN_PYTHON) {
        pt_pairs_born(pairs, pt_pairs_at(pairs, id));
        last_block = block;
    }
    else {
        pt_pairs_born_raw(pairs, pt_pairs_at(pairs, id));
    }
}

/* Forget a block; the id of its pair, 0 when it was not recorded. */
PT_INLINE uint32_t
forget(void *block)
{
    pt_shadow_slot *slot = pt_shadow_find(shadow, (uintptr_t)block);
    uint32_t id;

    if (slot == NULL || *slot == 0) {
        return 0;
    }
    id = *slot;
    *slot = 0;
    return id;
}

static void
record_raw(void *block, size_t bytes)
{
    int saved_errno = errno;
    uint32_t node =
        holds_gil() ? pt_context_attached() : pt_context_detached();

    record(block, bytes, node, PT_DOMAIN_RAW);
    errno = saved_errno;
}

// -- MEM and OBJ -------------------------------------------------------------

static void *
gil_malloc(void *context, size_t bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block;

    if (pt_unlikely(!is_recording())) {
        return allocator->malloc(allocator->ctx, bytes);
    }
    pt_guard_enter();
    block = allocator->malloc(allocator->ctx, bytes);
    if (pt_likely(block != NULL)) {
        record(block, bytes, pt_context_attached(), PT_DOMAIN_PYTHON);
    }
    pt_guard_leave();
    return block;
}

static void *
gil_calloc(void *context, size_t count, size_t item_bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block;

    if (pt_unlikely(!is_recording())) {
        return allocator->calloc(allocator->ctx, count, item_bytes);
    }
    pt_guard_enter();
    block = allocator->calloc(allocator->ctx, count, item_bytes);
    if (pt_likely(block != NULL)) {
        record(block, count * item_bytes, pt_context_attached(),
               PT_DOMAIN_PYTHON);
    }
    pt_guard_leave();
    return block;
}

/* Resize with `old` forgotten meanwhile. NULL: it is as it was. */
PT_INLINE void *
resize(PyMemAllocatorEx *allocator, void *old, size_t bytes)
{
    uint32_t id = old != NULL ? forget(old) : 0;
    void *block;

    pt_guard_enter();
    block = allocator->realloc(allocator->ctx, old, bytes);
    pt_guard_leave();
    if (pt_unlikely(id != 0)) {
        if (block == NULL) {
            *pt_shadow_find(shadow, (uintptr_t)old) = id;
        }
        else {
            died(id);
        }
    }
    return block;
}

static void *
gil_realloc(void *context, void *old, size_t bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block;

    if (pt_unlikely(!is_recording() && old == NULL)) {
        return allocator->realloc(allocator->ctx, old, bytes);
    }
    block = resize(allocator, old, bytes);
    if (pt_likely(block != NULL && is_recording())) {
        pt_guard_enter();
        record(block, bytes, pt_context_attached(), PT_DOMAIN_PYTHON);
        pt_guard_leave();
    }
    return block;
}

static void
any_free(void *context, void *block)
{
    PyMemAllocatorEx *allocator = context;
    uint32_t id;

    if (block == NULL) {
        return;
    }
    id = forget(block);
    if (id != 0) {
        died(id);
    }
    allocator->free(allocator->ctx, block);
}

// -- RAW ---------------------------------------------------------------------

static void *
raw_malloc(void *context, size_t bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block = allocator->malloc(allocator->ctx, bytes);

    if (block != NULL && is_recording()) {
        pt_guard_enter();
        record_raw(block, bytes);
        pt_guard_leave();
    }
    return block;
}

static void *
raw_calloc(void *context, size_t count, size_t item_bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block = allocator->calloc(allocator->ctx, count, item_bytes);

    if (block != NULL && is_recording()) {
        pt_guard_enter();
        record_raw(block, count * item_bytes);
        pt_guard_leave();
    }
    return block;
}

static void *
raw_realloc(void *context, void *old, size_t bytes)
{
    void *block = resize(context, old, bytes);

    if (block != NULL && is_recording()) {
        pt_guard_enter();
        record_raw(block, bytes);
        pt_guard_leave();
    }
    return block;
}

// -- Reuse, installing, removing ---------------------------------------------

PT_COLD static void
reuse_slow(pt_shadow_slot *slot)
{
    struct pt_pair *old = pt_pairs_at(pairs, *slot);
    uint64_t bytes = old->size_bytes;
    uint32_t node = pt_context_attached();
    uint32_t id = pt_pairs_find(pairs, node, bytes, old->domain);
    struct pt_pair *pair;

    if (id == 0) {
        id = pt_pairs_make_slow(pairs, node, bytes, old->domain);
    }
    if (id == 0 || old->domain != PT_DOMAIN_PYTHON) {
        return;
    }
    // The old owner's block ends and the new owner's begins: totals and peak
    // do not move.
    pair = pt_pairs_at(pairs, id);
    pt_pairs_save(pairs, old);
    pt_pairs_save(pairs, pair);
    PT_PLAIN_ADD(&old->live, -1);
    PT_PLAIN_ADD(&pair->live, 1);
    PT_PLAIN_ADD(&pair->allocated, 1);
    *slot = id;
}

void
pt_hooks_reuse(void *block)
{
    pt_shadow_slot *slot;

    if (block == last_block || !is_recording()) {
        return;
    }
    slot = pt_shadow_find(shadow, (uintptr_t)block);
    if (slot != NULL && *slot != 0) {
        pt_guard_enter();
        reuse_slow(slot);
        pt_guard_leave();
    }
}

static void
hooks_of(enum domain domain, PyMemAllocatorEx *hooks)
{
    *hooks = (PyMemAllocatorEx){
        .ctx = &inner[domain],
        .malloc = domain == RAW ? raw_malloc : gil_malloc,
        .calloc = domain == RAW ? raw_calloc : gil_calloc,
        .realloc = domain == RAW ? raw_realloc : gil_realloc,
        .free = any_free,
    };
}

/* Are our hooks the outermost of this domain? */
static int
stands(enum domain domain)
{
    PyMemAllocatorEx now, ours;

    PyMem_GetAllocator(python_domain[domain], &now);
    hooks_of(domain, &ours);
    return now.ctx == ours.ctx && now.malloc == ours.malloc &&
           now.free == ours.free;
}

void
pt_hooks_install(struct pt_shadow *into, struct pt_pairs *counted)
{
    shadow = into;
    pairs = counted;
    for (int i = 0; i < DOMAINS; i++) {
        PyMemAllocatorEx hooks;

        // Still there, below another tool's: then they only wake up again.
        if (is_installed[i]) {
            continue;
        }
        PyMem_GetAllocator(python_domain[i], &inner[i]);
        hooks_of(i, &hooks);
        PyMem_SetAllocator(python_domain[i], &hooks);
        is_installed[i] = 1;
    }
    atomic_store(&recording, 1);
}

void
pt_hooks_remove(void)
{
    atomic_store(&recording, 0);
    for (int i = 0; i < DOMAINS; i++) {
        if (stands(i)) {
            PyMem_SetAllocator(python_domain[i], &inner[i]);
            is_installed[i] = 0;
        }
    }
}
