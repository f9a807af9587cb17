/* SPDX-License-Identifier: MIT */
/* entry.c - when the library is loaded, and what it shows the extension.
 *
 * It is preloaded into whatever the supervisor starts, and inherited by what
 * that starts until the boot module has taken it out of the environment. It
 * records in a Python interpreter only; anywhere else, as in a shell script
 * that picks an interpreter, it passes all calls on.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/rawmem.h"
#include "core/timeline/handover.h"
#include "native/heapprofile.h"
#include "native/inner.h"
#include "native/mapcalls.h"
#include "native/moments.h"
#include "native/regions.h"
#include "native/tracker.h"
#include "native/unwind.h"

static struct pt_timeline timeline;

/* Python has begun, and with it an account of its own memory. */
static void
begin(void)
{
    (void)pt_moments_write(PT_MOMENT_EXACT);
}

static uint64_t
finish(void)
{
    uint64_t tool_bytes = pt_moments_write(PT_MOMENT_EXACT | PT_MOMENT_END);

    pt_tracker_finish();
    pt_heapprofile_write();
    return tool_bytes;
}

static void
go_on_in_child(void)
{
    pt_regions_after_fork_child();
    pt_moments_after_fork_child();
    pt_tracker_after_fork_child();
}

PT_EXPORT extern struct pt_door pt_native_door;

struct pt_door pt_native_door = {
    .version = PT_DOOR_VERSION,
    .bytes = sizeof(pt_native_door),
    .file_as = pt_tracker_file_as,
    .begin = begin,
    .finish = finish,
    .before_fork = pt_tracker_before_fork,
    .after_fork_parent = pt_tracker_after_fork_parent,
    .after_fork_child = go_on_in_child,
};

/* What jemalloc gave out so far; every thread but this one is yet to come. */
static int64_t
allocated_bytes(void)
{
    uint64_t born = 0, died = 0;
    size_t bytes = sizeof(born);

    if (mallctl("thread.allocated", &born, &bytes, NULL, 0) != 0 ||
        mallctl("thread.deallocated", &died, &bytes, NULL, 0) != 0) {
        return 0;
    }
    return (int64_t)(born - died);
}

/* Around fork the allocator has all its locks, as these are the last handlers
 * before its own and the first behind them. */
static PT_THREAD_LOCAL int at_fork;

static void
enter_fork(void)
{
    at_fork = pt_native_at;
    pt_native_at = PT_AT_ALLOCATOR;
}

static void
leave_fork(void)
{
    pt_native_at = at_fork;
}

/* Until the child has a timeline of its own it must not write to its
 * parent's; pt_tracker_after_fork_child() goes on. */
static void
stop_in_child(void)
{
    atomic_store(&pt_tracker.on, 0);
    leave_fork();
}

static void
start(const char *number)
{
    uintptr_t unwinder;
    struct pt_err err;

    if (dlsym(RTLD_DEFAULT, "Py_IsInitialized") == NULL ||
        pt_timeline_attach(&timeline, atoi(number), &err) != PT_OK) {
        return;
    }
    pt_heapprofile_start();
    pt_mapcalls_start();
    pt_rawmem_publish(&timeline.process->native_mapped_bytes);
    pt_native_door.timeline = &timeline;
    pthread_atfork(enter_fork, leave_fork, stop_in_child);
    if (timeline.header->wanted & PT_WANT_NATIVE_STACKS &&
        pt_unwind_start(&timeline, &unwinder) == PT_OK) {
        pt_mapcalls_add_tool(unwinder);
        pt_tracker.with_stacks = 1;
    }
    if (pt_tracker_start(&pt_native_door, allocated_bytes()) != PT_OK) {
        pt_timeline_trouble(&timeline, PT_TROUBLE_MEMORY);
    }
}

PT_CONSTRUCTOR static void
load(void)
{
    const char *number = getenv(PT_ENV_RECORDING);

    pt_inner_find();
    if (number != NULL && getenv(PT_ENV_PRELOAD) != NULL) {
        start(number);
    }
}
