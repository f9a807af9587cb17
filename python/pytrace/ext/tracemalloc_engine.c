/* SPDX-License-Identifier: MIT */
/* tracemalloc_engine.c - whose engine it is that the module shows. */
#include "python/pytrace/ext/tracemalloc_engine.h"

#include <pthread.h>

#include "core/py/catalog.h"
#include "core/py/raise.h"

static struct pt_timeline timeline;
static struct pt_catalog catalog;
static int is_tracing;
static int is_own;  // the engine records over the two above

static void
before_fork(void)
{
    if (is_own) {
        pt_catalog_before_fork(&catalog);
        pt_memtrace_before_fork(&catalog);
        pt_lock_before_fork(&timeline.lock);
    }
}

static void
after_fork_parent(void)
{
    if (is_own) {
        pt_lock_after_fork_parent(&timeline.lock);
        pt_memtrace_after_fork_parent(&catalog);
        pt_catalog_after_fork(&catalog);
    }
}

/* The memory is the child's own copy already. */
static void
after_fork_child(void)
{
    if (is_own) {
        pt_lock_after_fork_child(&timeline.lock);
        pt_memtrace_after_fork_child(&catalog);
        pt_catalog_after_fork(&catalog);
    }
}

static void
watch_forks(void)
{
    static int watching;

    if (!watching) {
        pthread_atfork(before_fork, after_fork_parent, after_fork_child);
        watching = 1;
    }
}

static int
start_own(void)
{
    struct pt_err err = {0};

    watch_forks();
    if (pt_timeline_attach(&timeline, -1, &err) != PT_OK) {
        pt_raise(&err);
        return -1;
    }
    if (pt_catalog_init(&catalog, &timeline) != PT_OK) {
        PyErr_NoMemory();
        goto no_catalog;
    }
    if (pt_memtrace_start(&catalog) < 0) {
        goto no_engine;
    }
    is_own = 1;
    return 0;

no_engine:
    pt_catalog_release(&catalog);
no_catalog:
    pt_timeline_release(&timeline);
    return -1;
}

static void
stop_own(void)
{
    pt_memtrace_stop(&catalog);
    is_own = 0;
    if (pt_memtrace_release()) {
        pt_catalog_release(&catalog);
        pt_timeline_release(&timeline);
    }
}

int
pt_tracemalloc_start(void)
{
    if (pt_tracemalloc_pairs() != NULL) {
        return 0;
    }
    if (pt_memtrace_catalog() != NULL) {
        pt_memtrace_rebase();
    }
    else if (start_own() < 0) {
        return -1;
    }
    is_tracing = 1;
    return 0;
}

void
pt_tracemalloc_stop(void)
{
    if (is_own) {
        stop_own();
    }
    is_tracing = 0;
}

int
pt_tracemalloc_clear(void)
{
    if (is_own) {
        stop_own();
        is_tracing = 0;
        return pt_tracemalloc_start();
    }
    if (pt_tracemalloc_pairs() != NULL) {
        pt_memtrace_rebase();
    }
    return 0;
}

struct pt_pairs *
pt_tracemalloc_pairs(void)
{
    // A session's engine stops before the interpreter ends.
    return is_tracing && pt_memtrace_catalog() != NULL ? pt_memtrace_pairs()
                                                       : NULL;
}

size_t
pt_tracemalloc_memory(void)
{
    const struct pt_catalog *shown = pt_memtrace_catalog();

    if (pt_tracemalloc_pairs() == NULL) {
        return 0;
    }
    return pt_memtrace_resident_bytes() +
           pt_timeline_mapped_bytes(shown->timeline);
}
