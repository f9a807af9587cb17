/* SPDX-License-Identifier: MIT */
/* unwind.c - from return addresses to one node.
 *
 * libunwind remembers how it got past each return address, and so takes about
 * 30 ns for each. Whether a function keeps a frame pointer is written in the
 * same tables; a walk along frame pointers would have to look there first, and
 * not be faster.
 */
#include "native/unwind.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/idmap.h"
#include "native/modules.h"

// More callers are cut off at the outer end.
#define CALLERS_MAX 128

static int (*backtrace_of)(void **address, int count);
static struct pt_timeline *timeline;
static struct pt_array *frames;
static struct pt_idmap ids;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  // guards inserting

// The interpreter's loop: what is outside of it is told by the context.
static uintptr_t loop_start, loop_end;

// Threads in the unwinder, and whether more may enter.
static atomic_int walkers, is_closed;

static void
find_loop(void)
{
    void *loop = dlsym(RTLD_DEFAULT, "_PyEval_EvalFrameDefault");
    const ElfW(Sym) *symbol = NULL;
    Dl_info info;

    if (loop != NULL &&
        dladdr1(loop, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 &&
        symbol != NULL) {
        loop_start = (uintptr_t)info.dli_saddr;
        loop_end = loop_start + symbol->st_size;
    }
}

int
pt_unwind_start(struct pt_timeline *recording, uintptr_t *code)
{
    void *library = dlopen(PT_UNWIND_NAME, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL || pt_idmap_init(&ids) != PT_OK) {
        return PT_ERR_START;
    }
    timeline = recording;
    frames = &timeline->array[PT_SEGMENT_FRAME];
    backtrace_of =
        (int (*)(void **, int))(uintptr_t)dlsym(library, "unw_backtrace");
    find_loop();
    *code = (uintptr_t)backtrace_of;
    return backtrace_of != NULL ? PT_OK : PT_ERR_START;
}

static struct pt_native_frame *
frame_at(uint32_t id)
{
    return pt_array_at(frames, id);
}

static uint64_t
hash_of(uint32_t parent, uintptr_t address)
{
    return pt_hash_pair(address, parent);
}

static uint32_t
find(uint32_t parent, uintptr_t address)
{
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&ids, hash_of(parent, address), &walk);

    while (id != 0 && (frame_at(id)->parent != parent ||
                       frame_at(id)->address != address)) {
        id = pt_idmap_next(&walk);
    }
    return id;
}

PT_COLD static uint32_t
add_locked(uint32_t parent, uintptr_t address, uint32_t module)
{
    uint32_t id = pt_timeline_append(timeline, PT_SEGMENT_FRAME, 1);

    if (id == 0) {
        return 0;
    }
    *frame_at(id) = (struct pt_native_frame){
        .address = address, .parent = parent, .module = module};
    return pt_idmap_insert(&ids, hash_of(parent, address), id) == PT_OK ? id
                                                                        : 0;
}

PT_COLD static uint32_t
make_slow(uint32_t parent, uintptr_t address)
{
    uint32_t module = pt_modules_find(timeline, address), id;

    pthread_mutex_lock(&lock);
    id = find(parent, address);
    if (id == 0) {
        id = add_locked(parent, address, module);
    }
    pthread_mutex_unlock(&lock);
    return id;
}

/* The node of address[first] called by address[first + 1] and so on. Without
 * memory it is that of some outer caller. */
static uint32_t
intern(void *const *address, int first, int end)
{
    uint32_t node = 0;

    for (int i = end; i-- > first;) {
        uintptr_t at = (uintptr_t)address[i];
        uint32_t found = find(node, at);

        found = found != 0 ? found : make_slow(node, at);
        if (found == 0) {
            break;
        }
        node = found;
    }
    return node;
}

static int
walk(void **address)
{
    int count = 0;

    atomic_fetch_add(&walkers, 1);
    if (!atomic_load(&is_closed)) {
        count = backtrace_of(address, CALLERS_MAX);
    }
    atomic_fetch_sub(&walkers, 1);
    return count;
}

uint32_t
pt_unwind_stack(uintptr_t site)
{
    void *address[CALLERS_MAX], *alone[] = {(void *)site};
    int saved_errno = errno;
    int count = walk(address), first = 0, end;

    errno = saved_errno;
    while (first < count && (uintptr_t)address[first] != site) {
        first++;
    }
    if (first == count) {
        return intern(alone, 0, 1);
    }
    end = first + 1;
    while (end < count &&
           (uintptr_t)address[end] - loop_start >= loop_end - loop_start) {
        end++;
    }
    return intern(address, first, end);
}

void
pt_unwind_before_fork(void)
{
    atomic_store(&is_closed, 1);
    while (atomic_load(&walkers) != 0) {
        sched_yield();
    }
    pthread_mutex_lock(&lock);
}

void
pt_unwind_after_fork(void)
{
    pthread_mutex_unlock(&lock);
    atomic_store(&is_closed, 0);
}
