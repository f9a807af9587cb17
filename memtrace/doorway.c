/* SPDX-License-Identifier: MIT */
/* doorway.c - whose a native block is, and which Python code took it. */
#include "memtrace/doorway.h"

#include <dlfcn.h>
#include <link.h>

#include "core/base/rawmem.h"
#include "core/py/guard.h"
#include "memtrace/context.h"
#include "memtrace/recorder.h"

#define ROW_MAX 64u  // a deeper stack is walked each time

static struct pt_door *open_door;

struct pt_door *
pt_doorway_find(void)
{
    struct pt_door *door = dlsym(RTLD_DEFAULT, PT_DOOR_SYMBOL);

    return door != NULL && door->version == PT_DOOR_VERSION &&
                   door->bytes == sizeof(*door) && door->timeline != NULL
               ? door
               : NULL;
}

/* A thread without the GIL runs no Python code: mostly it is where it was. A
 * row of the same places is the same context, unless code died meanwhile. */
static PT_THREAD_LOCAL struct {
    uint64_t generation;
    uint32_t node;
    uint32_t frames;
    uintptr_t place[ROW_MAX];
} latest;

static uint32_t
capture_detached(const PyThreadState *own)
{
    const struct pt_frame *at = pt_frame_complete(pt_frame_top(own));
    int is_same = latest.generation == pt_context.generation;
    uint32_t frames = 0;

    for (; at != NULL && frames < ROW_MAX;
         at = pt_frame_complete(at->previous)) {
        is_same &= latest.place[frames] == pt_frame_place(at);
        latest.place[frames++] = pt_frame_place(at);
    }
    if (at == NULL && is_same && latest.frames == frames) {
        return latest.node;
    }
    latest.node = pt_context_careful(own, PT_WITHOUT_GIL);
    latest.generation = pt_context.generation;
    // What is deeper, or could not be filed, is looked for again.
    latest.frames = at == NULL && latest.node != PT_NODE_NONE ? frames
                                                              : UINT32_MAX;
    return latest.node;
}

/* The node of this thread, of which the GIL may be another's. */
static uint32_t
capture(void)
{
    const PyThreadState *own = PyGILState_GetThisThreadState();

    if (own == NULL) {
        return PT_NODE_NONE;
    }
    if (own == pt_thread_attached() &&
        own->interp == PyInterpreterState_Main()) {
        return pt_context_attached(own);
    }
    return capture_detached(own);
}

/* Inside the guard Python's allocators ask for memory that they count
 * themselves. */
static struct pt_door_context
tell(void)
{
    struct pt_door_context context = {PT_NODE_NONE, PT_NATIVE_PYTHON};

    if (pt_rawmem_is_asking) {
        context.kind = PT_DOOR_TOOL;
    }
    else if (!pt_guard_inside()) {
        pt_guard_enter();
        context.node = capture();
        context.kind = PT_NATIVE_LIBRARY;
        pt_guard_leave();
    }
    return context;
}

static void
tell_event(uint32_t pair, int is_birth)
{
    pt_stream_native(&open_door->timeline->stream[PT_STREAM_FREE], pair,
                     is_birth);
}

/* The span of all segments of the object that `data` is the link map of. */
static int
find_span(struct dl_phdr_info *info, size_t bytes, void *data)
{
    struct pt_door *door = data;
    uintptr_t own = (uintptr_t)tell, low = UINTPTR_MAX, high = 0;

    (void)bytes;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;

        if (header->p_type == PT_LOAD) {
            low = start < low ? start : low;
            high = start + header->p_memsz > high ? start + header->p_memsz
                                                  : high;
        }
    }
    if (own < low || own >= high) {
        return 0;
    }
    door->tool_start = low;
    door->tool_bytes = high - low;
    return 1;
}

/* Let the library see how arenas are mapped: those that are there already were
 * mapped the same way. */
static void
find_arenas(void)
{
    PyObjectArenaAllocator arenas;
    size_t bytes = (size_t)1 << 20;
    void *arena;

    PyObject_GetArenaAllocator(&arenas);
    pt_guard_enter();
    arena = arenas.alloc(arenas.ctx, bytes);
    if (arena != NULL) {
        arenas.free(arenas.ctx, arena, bytes);
    }
    pt_guard_leave();
}

void
pt_doorway_open(struct pt_door *door)
{
    dl_iterate_phdr(find_span, door);
    open_door = door;
    atomic_store_explicit(&door->context, tell, memory_order_release);
    find_arenas();
    if (door->timeline->header->wanted & PT_WANT_ALLOC_EVENTS) {
        atomic_store(&door->event, tell_event);
    }
    door->begin();
}

void
pt_doorway_close(void)
{
    if (open_door != NULL) {
        atomic_store(&open_door->event, NULL);
        atomic_store(&open_door->context, NULL);
    }
}

void
pt_doorway_file_as(uintptr_t block, enum pt_native_kind kind)
{
    if (open_door != NULL) {
        open_door->file_as(block, kind);
    }
}
