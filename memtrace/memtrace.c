/* SPDX-License-Identifier: MIT */
/* memtrace.c - the parts of allocation tracking put together. */
#include "memtrace/memtrace.h"

#include <string.h>

#include "core/py/attached.h"
#include "core/py/codewatch.h"
#include "core/py/guard.h"
#include "memtrace/context.h"
#include "memtrace/foreign.h"
#include "memtrace/hooks.h"
#include "memtrace/latest.h"
#include "memtrace/recorder.h"
#include "memtrace/refs.h"
#include "memtrace/sampler.h"
#include "memtrace/temporary.h"

static struct pt_catalog *recorded;  // NULL when not started
static struct pt_nodes nodes;

static int
make_tables(struct pt_catalog *catalog)
{
    if (pt_blocktable_init(&pt_recorder.blocks) != PT_OK) {
        goto no_shadow;
    }
    if (pt_nodes_init(&nodes, catalog) != PT_OK) {
        goto no_nodes;
    }
    if (pt_pairs_init(&pt_recorder.pairs, catalog->timeline) != PT_OK) {
        goto no_pairs;
    }
    if (pt_context_start(&nodes, &pt_recorder.pairs) == PT_OK) {
        pt_blockmap_init(&pt_recorder.others);
        return 0;
    }
    pt_pairs_release(&pt_recorder.pairs);
no_pairs:
    pt_nodes_release(&nodes);
no_nodes:
    pt_blocktable_release(&pt_recorder.blocks);
no_shadow:
    PyErr_NoMemory();
    return -1;
}

static int
start_temporary(struct pt_timeline *timeline)
{
    if (timeline->header->wanted & PT_WANT_TEMPORARY &&
        pt_temporary_start(timeline) != PT_OK) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

int
pt_memtrace_start(struct pt_catalog *catalog)
{
    struct pt_process *process = catalog->timeline->process;

    pt_attached_locate();
    if (pt_codewatch_add(PT_CODEWATCH_DESTROYED, pt_context_forget) < 0 ||
        pt_foreign_start() < 0 || make_tables(catalog) < 0) {
        return -1;
    }
    strncpy(process->mem_tier, "exact", sizeof(process->mem_tier) - 1);
    recorded = catalog;
    pt_recorder.last_block = NULL;
    pt_recorder_tell_to(catalog->timeline);
    pt_hooks_install();
    if (start_temporary(catalog->timeline) < 0 || pt_refs_start() < 0) {
        pt_memtrace_stop(catalog);
        return -1;
    }
    pt_recorder_resume();
    return 0;
}

struct pt_catalog *
pt_memtrace_catalog(void)
{
    return recorded;
}

void
pt_memtrace_repair(void)
{
    if (recorded == NULL) {
        return;
    }
    if (pt_hooks_repair() + pt_temporary_repair() != 0) {
        pt_timeline_trouble(recorded->timeline, PT_TROUBLE_ALLOCATORS);
    }
    pt_refs_repair();
}

void
pt_memtrace_stop(const struct pt_catalog *catalog)
{
    if (recorded != NULL && recorded == catalog) {
        pt_memtrace_repair();
        pt_recorder_pause();
        pt_refs_stop();
        pt_temporary_stop();
        pt_hooks_remove();
        pt_codewatch_remove(PT_CODEWATCH_DESTROYED, pt_context_forget);
        recorded = NULL;
    }
    pt_sampler_stop(catalog);
}

int
pt_memtrace_release(void)
{
    if (PyInterpreterState_Next(PyInterpreterState_Head()) != NULL) {
        return 0;
    }
    pt_context_release();
    pt_blockmap_release(&pt_recorder.others);
    pt_pairs_release(&pt_recorder.pairs);
    pt_nodes_release(&nodes);
    pt_blocktable_release(&pt_recorder.blocks);
    return 1;
}

void
pt_memtrace_rebase(void)
{
    pt_recorder_pause();
    pt_pairs_rebase(&pt_recorder.pairs);
    pt_context_rebase();
    pt_recorder_resume();
}

struct pt_pairs *
pt_memtrace_pairs(void)
{
    pt_memtrace_repair();
    return &pt_recorder.pairs;
}

uint32_t
pt_memtrace_find(uint32_t domain, uintptr_t block)
{
    uint32_t id =
        pt_recorder_find(block, domain == 0 ? PT_DOMAIN_RAW : domain);

    return id >= pt_recorder.pairs.first ? id : 0;
}

uint64_t
pt_memtrace_resident_bytes(void)
{
    uint64_t bytes = pt_sampler_mapped_bytes();

    if (pt_recorder.blocks.front != NULL) {
        bytes += pt_blocktable_resident_bytes(&pt_recorder.blocks);
    }
    return bytes;
}

void
pt_memtrace_before_fork(const struct pt_catalog *catalog)
{
    // Another library's handler of fork() may ask for memory while we have all
    // locks: hooks pass that on, as what the tool asks for, and wait for none.
    pt_guard_enter();
    pt_sampler_before_fork(catalog);
    if (recorded == catalog) {
        pthread_mutex_lock(&nodes.lock);
        pthread_mutex_lock(&pt_recorder.others.lock);
        pthread_mutex_lock(&pt_recorder.pairs.lock);
    }
}

void
pt_memtrace_after_fork_parent(const struct pt_catalog *catalog)
{
    if (recorded == catalog) {
        pthread_mutex_unlock(&pt_recorder.pairs.lock);
        pthread_mutex_unlock(&pt_recorder.others.lock);
        pthread_mutex_unlock(&nodes.lock);
    }
    pt_sampler_after_fork_parent(catalog);
    pt_guard_leave();
}

void
pt_memtrace_after_fork_child(const struct pt_catalog *catalog)
{
    if (recorded == catalog) {
        pt_recorder_after_fork_child();
        pt_latest_after_fork_child();
        pt_pairs_after_fork(&pt_recorder.pairs);
    }
    else {
        pt_sampler_after_fork_child(catalog);
    }
    pt_memtrace_after_fork_parent(catalog);
}
