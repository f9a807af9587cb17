/* SPDX-License-Identifier: MIT */
/* memtrace.c - the parts of allocation tracking put together. */
#include "memtrace/memtrace.h"

#include <string.h>

#include "core/py/codewatch.h"
#include "memtrace/context.h"
#include "memtrace/hooks.h"
#include "memtrace/pair.h"
#include "memtrace/refs.h"
#include "memtrace/shadow.h"

static struct {
    int started;
    struct pt_shadow shadow;
    struct pt_nodes nodes;
    struct pt_pairs pairs;
} engine;

static int
make_tables(struct pt_catalog *catalog)
{
    if (pt_shadow_init(&engine.shadow) != PT_OK) {
        goto no_shadow;
    }
    if (pt_nodes_init(&engine.nodes, catalog) != PT_OK) {
        goto no_nodes;
    }
    if (pt_pairs_init(&engine.pairs, catalog->timeline) != PT_OK) {
        goto no_pairs;
    }
    if (pt_context_start(&engine.nodes) == PT_OK) {
        return 0;
    }
    pt_pairs_release(&engine.pairs);
no_pairs:
    pt_nodes_release(&engine.nodes);
no_nodes:
    pt_shadow_release(&engine.shadow);
no_shadow:
    PyErr_NoMemory();
    return -1;
}

int
pt_memtrace_start(struct pt_catalog *catalog)
{
    struct pt_process *process = catalog->timeline->process;

    if (pt_codewatch_add(PT_CODEWATCH_DESTROYED, pt_context_forget) < 0 ||
        make_tables(catalog) < 0) {
        return -1;
    }
    strncpy(process->mem_tier, "exact", sizeof(process->mem_tier) - 1);
    pt_hooks_install(&engine.shadow, &engine.pairs);
    engine.started = 1;
    if (pt_refs_start() < 0) {
        pt_memtrace_stop();
        return -1;
    }
    return 0;
}

void
pt_memtrace_stop(void)
{
    if (engine.started) {
        pt_refs_stop();
        pt_hooks_remove();
        pt_codewatch_remove(PT_CODEWATCH_DESTROYED, pt_context_forget);
        engine.started = 0;
    }
}

uint64_t
pt_memtrace_resident_bytes(void)
{
    return engine.shadow.root != NULL
               ? pt_shadow_resident_bytes(&engine.shadow)
               : 0;
}

void
pt_memtrace_before_fork(void)
{
    if (engine.started) {
        pthread_mutex_lock(&engine.nodes.lock);
        pthread_mutex_lock(&engine.pairs.lock);
    }
}

void
pt_memtrace_after_fork(void)
{
    if (engine.started) {
        pthread_mutex_unlock(&engine.pairs.lock);
        pthread_mutex_unlock(&engine.nodes.lock);
    }
}
