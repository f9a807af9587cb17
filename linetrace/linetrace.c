/* SPDX-License-Identifier: MIT */
/* linetrace.c - choosing and running a line engine. */
#include "linetrace/linetrace.h"

#include <string.h>

#include "linetrace/engine.h"
#include "linetrace/filter.h"
#include "linetrace/hits.h"

// The best first.
static const struct pt_engine *const engines[] = {
#if PT_HAS_MONITORING
    &pt_engine_monitoring,
#else
    &pt_engine_settrace,
#endif
};

#define ENGINES (sizeof(engines) / sizeof(engines[0]))

static const struct pt_engine *running;
static struct pt_timeline *timeline;

static const struct pt_engine *
find_engine(const char *name)
{
    if (name[0] == '\0') {
        return engines[0];
    }
    for (size_t i = 0; i < ENGINES; i++) {
        if (strcmp(engines[i]->name, name) == 0) {
            return engines[i];
        }
    }
    PyErr_Format(PyExc_ValueError,
                 "this interpreter has no line engine '%s'; choose %s", name,
                 engines[0]->name);
    return NULL;
}

int
pt_linetrace_start(struct pt_catalog *catalog, const char *name)
{
    const struct pt_engine *engine = find_engine(name);
    int existing;

    if (engine == NULL || pt_hits_start(catalog) < 0) {
        return -1;
    }
    timeline = catalog->timeline;
    existing = (timeline->header->wanted & PT_WANT_ALL) != 0;
    if (existing) {
        pt_filter_take_all();
    }
    if (engine->start(existing) < 0) {
        return -1;
    }
    running = engine;
    strncpy(timeline->process->engine, engine->name,
            sizeof(timeline->process->engine) - 1);
    return 0;
}

void
pt_linetrace_stop(void)
{
    if (running != NULL) {
        running->stop();
        running = NULL;
    }
}

void
pt_linetrace_trouble(enum pt_trouble trouble)
{
    pt_timeline_trouble(timeline, trouble);
}
