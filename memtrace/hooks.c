/* SPDX-License-Identifier: MIT */
/* hooks.c - allocate, record; forget, free.
 *
 * MEM and OBJ are called with a GIL, RAW by any thread. The guard is set
 * around every inner call, since pymalloc takes its arenas and large blocks
 * through RAW. A block is forgotten before it is really freed, for another
 * thread may get its address the moment after.
 *
 * Budget: 110 instructions for an allocation and its free at a leaf site.
 */
#include "memtrace/hooks.h"

#include "core/py/guard.h"
#include "memtrace/hookset.h"
#include "memtrace/recorder.h"

static struct pt_hookset set;
static PyObjectArenaAllocator inner_arenas;
static int has_arenas;

static int
is_on(void)
{
    return atomic_load_explicit(&pt_recorder.on, memory_order_relaxed);
}

// -- MEM and OBJ -------------------------------------------------------------

/* A block that the tool asked for. */
PT_COLD static void *
pass(void *block, size_t bytes)
{
    pt_hookset_here(&set);
    if (block != NULL) {
        pt_recorder_file_unowned(block, bytes);
    }
    return block;
}

static void *
gil_malloc(void *context, size_t bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block;

    pt_guard_enter_below();
    block = allocator->malloc(allocator->ctx, bytes);
    return pt_likely(pt_guard_leave_below() == 0)
               ? pt_recorder_file(block, bytes)
               : pass(block, bytes);
}

static void *
gil_calloc(void *context, size_t count, size_t item_bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block;

    pt_guard_enter_below();
    block = allocator->calloc(allocator->ctx, count, item_bytes);
    return pt_likely(pt_guard_leave_below() == 0)
               ? pt_recorder_file(block, count * item_bytes)
               : pass(block, count * item_bytes);
}

/* Resize with `old` forgotten meanwhile. NULL: it is as it was. */
PT_INLINE void *
resize(PyMemAllocatorEx *allocator, void *old, size_t bytes)
{
    uint32_t id = old != NULL ? pt_recorder_forget(old) : 0;
    void *block;

    pt_guard_enter_below();
    block = allocator->realloc(allocator->ctx, old, bytes);
    pt_guard_leave_below();
    if (pt_likely(id != 0)) {
        if (pt_unlikely(block == NULL)) {
            pt_recorder_restore((uintptr_t)old, PT_DOMAIN_RAW, id);
        }
        else {
            pt_recorder_died(id);
        }
    }
    return block;
}

static void *
gil_realloc(void *context, void *old, size_t bytes)
{
    PyMemAllocatorEx *allocator = context;
    void *block;

    // A block is forgotten under the guard too, but not filed again.
    if (pt_unlikely(!is_on())) {
        return allocator->realloc(allocator->ctx, old, bytes);
    }
    block = resize(allocator, old, bytes);
    return pt_likely(!pt_guard_inside()) ? pt_recorder_file(block, bytes)
                                         : pass(block, bytes);
}

/* Free a block that is not small, or not recorded, or not a block. pymalloc
 * frees large ones through RAW, which shall not look for them again. */
PT_COLD static void
free_guarded(PyMemAllocatorEx *allocator, void *block)
{
    uint32_t id = block != NULL ? pt_recorder_forget(block) : 0;

    if (id != 0) {
        pt_recorder_died(id);
    }
    pt_guard_enter();
    allocator->free(allocator->ctx, block);
    pt_guard_leave();
}

static void
gil_free(void *context, void *block)
{
    PyMemAllocatorEx *allocator = context;

    if (pt_likely(is_on()) && pt_unlikely(!pt_recorder_end(block))) {
        free_guarded(allocator, block);
        return;
    }
    allocator->free(allocator->ctx, block);
}

// -- MEM and OBJ, when each block is told of ---------------------------------
//
// The hooks above count; what they count on their fast paths is told here, and
// the rest by the recorder. So they cost nothing more when nobody listens.

PT_INLINE void *
tell_birth(void *block)
{
    uint32_t id =
        block != NULL && pt_recorder_listens() ? pt_recorder_untold(block) : 0;

    if (pt_likely(id != 0)) {
        pt_recorder_tell(PT_EVENT_ALLOC, id);
    }
    return block;
}

static void *
telling_malloc(void *context, size_t bytes)
{
    return tell_birth(gil_malloc(context, bytes));
}

static void *
telling_calloc(void *context, size_t count, size_t item_bytes)
{
    return tell_birth(gil_calloc(context, count, item_bytes));
}

static void *
telling_realloc(void *context, void *old, size_t bytes)
{
    return tell_birth(gil_realloc(context, old, bytes));
}

static void
telling_free(void *context, void *block)
{
    PyMemAllocatorEx *allocator = context;
    uint32_t id = is_on() ? pt_recorder_untold(block) : 0;

    if (id == 0 || !pt_recorder_end(block)) {
        gil_free(context, block);
        return;
    }
    pt_recorder_tell(PT_EVENT_FREE, id);
    allocator->free(allocator->ctx, block);
}

// -- RAW ---------------------------------------------------------------------
//
// The guard is set around inner calls, so that the native tier (doorway.c)
// knows whose the memory is.
//
// The context is not looked at: PyMem_SetAllocator() changes function and
// context one after the other, and a thread without the GIL may call our
// function with the context of what is put back in our place.

static void *
raw_malloc(void *context, size_t bytes)
{
    PyMemAllocatorEx *allocator = &set.inner[PT_HOOK_RAW];
    void *block;

    (void)context;
    pt_guard_enter_below();
    block = allocator->malloc(allocator->ctx, bytes);
    pt_guard_leave_below();
    if (block != NULL && pt_recorder_listens()) {
        pt_guard_enter();
        pt_recorder_file_gated(block, bytes);
        pt_guard_leave();
    }
    else {
        pt_hookset_here(&set);
    }
    return block;
}

static void *
raw_calloc(void *context, size_t count, size_t item_bytes)
{
    PyMemAllocatorEx *allocator = &set.inner[PT_HOOK_RAW];
    void *block;

    (void)context;
    pt_guard_enter_below();
    block = allocator->calloc(allocator->ctx, count, item_bytes);
    pt_guard_leave_below();
    if (block != NULL && pt_recorder_listens()) {
        pt_guard_enter();
        pt_recorder_file_gated(block, count * item_bytes);
        pt_guard_leave();
    }
    return block;
}

/* raw_realloc() inside gate and guard. */
static void *
raw_resize(PyMemAllocatorEx *allocator, void *old, size_t bytes)
{
    uint32_t id = old != NULL
                      ? pt_recorder_forget_slow((uintptr_t)old, PT_DOMAIN_RAW)
                      : 0;
    void *block = allocator->realloc(allocator->ctx, old, bytes);

    if (block != NULL) {
        if (id != 0) {
            pt_recorder_died(id);
        }
        pt_recorder_file_slow((uintptr_t)block, PT_DOMAIN_RAW, bytes);
    }
    else if (id != 0) {
        pt_recorder_restore((uintptr_t)old, PT_DOMAIN_RAW, id);
    }
    return block;
}

static void *
raw_realloc(void *context, void *old, size_t bytes)
{
    PyMemAllocatorEx *allocator = &set.inner[PT_HOOK_RAW];
    void *block;

    (void)context;
    if (!pt_recorder_listens() || !pt_recorder_enter()) {
        return allocator->realloc(allocator->ctx, old, bytes);
    }
    pt_guard_enter_below();
    block = raw_resize(allocator, old, bytes);
    pt_guard_leave_below();
    pt_recorder_leave();
    return block;
}

static void
raw_free(void *context, void *block)
{
    PyMemAllocatorEx *allocator = &set.inner[PT_HOOK_RAW];

    (void)context;
    if (block != NULL && pt_recorder_listens() && pt_recorder_enter()) {
        uint32_t id = pt_recorder_forget_slow((uintptr_t)block, PT_DOMAIN_RAW);

        if (id != 0) {
            pt_recorder_died(id);
        }
        pt_recorder_leave();
    }
    allocator->free(allocator->ctx, block);
}

// -- Arenas ------------------------------------------------------------------

static void *
arena_alloc(void *context, size_t bytes)
{
    (void)context;
    return inner_arenas.alloc(inner_arenas.ctx, bytes);
}

/* No block of the arena lives, so the table needs no pages for it. It may also
 * be a chunk of the data stack. */
static void
arena_free(void *context, void *arena, size_t bytes)
{
    (void)context;
    pt_context_unmapped(arena);
    if (pt_recorder_enter()) {
        pt_blocktable_trim(&pt_recorder.blocks, (uintptr_t)arena, bytes);
        pt_recorder_leave();
    }
    inner_arenas.free(inner_arenas.ctx, arena, bytes);
}

static void
install_arenas(void)
{
    PyObjectArenaAllocator ours = {NULL, arena_alloc, arena_free};

    // Still there, below another tool's, or taken out: then pages stay.
    if (!has_arenas) {
        PyObject_GetArenaAllocator(&inner_arenas);
        PyObject_SetArenaAllocator(&ours);
        has_arenas = 1;
    }
}

static void
remove_arenas(void)
{
    PyObjectArenaAllocator now;

    PyObject_GetArenaAllocator(&now);
    if (now.free == arena_free) {
        PyObject_SetArenaAllocator(&inner_arenas);
        has_arenas = 0;
    }
}

// -- Reuse, installing, removing ---------------------------------------------

PT_NOINLINE void
pt_hooks_reuse(void *block)
{
    // Another tool may call us when there is no table any more.
    if (pt_likely(is_on())) {
        pt_recorder_pass_on(block);
    }
}

void
pt_hooks_install(void)
{
    set.raw = (PyMemAllocatorEx){
        .malloc = raw_malloc,
        .calloc = raw_calloc,
        .realloc = raw_realloc,
        .free = raw_free,
    };
    set.gil = (PyMemAllocatorEx){
        .malloc = gil_malloc,
        .calloc = gil_calloc,
        .realloc = gil_realloc,
        .free = gil_free,
    };
    if (pt_recorder.is_told) {
        set.gil = (PyMemAllocatorEx){
            .malloc = telling_malloc,
            .calloc = telling_calloc,
            .realloc = telling_realloc,
            .free = telling_free,
        };
    }
    pt_hookset_install(&set);
    install_arenas();
}

int
pt_hooks_repair(void)
{
    return pt_hookset_repair(&set);
}

void
pt_hooks_remove(void)
{
    pt_hookset_remove(&set);
    remove_arenas();
}
