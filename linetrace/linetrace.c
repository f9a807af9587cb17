/* SPDX-License-Identifier: MIT */
/* linetrace.c - choosing and running a line engine. */
#include "linetrace/linetrace.h"

#include <string.h>

#include "linetrace/callevents.h"
#include "linetrace/engine.h"
#include "linetrace/existing.h"
#include "linetrace/filter.h"
#include "linetrace/follow.h"
#include "linetrace/hits.h"

// The best first; each next one is what is left when one cannot start.
static const struct pt_engine *const engines[] = {
    &pt_engine_probe,
#if PT_HAS_MONITORING
    &pt_engine_monitoring,
#else
    &pt_engine_settrace,
#endif
};

#define ENGINES (sizeof(engines) / sizeof(engines[0]))

static struct pt_timeline *timeline;

static bool
is_counted(PyCodeObject *code)
{
    return pt_hits_of(code)->lines != 0;
}

static int
start_engine(const struct pt_engine *engine,
             const struct pt_engine_start *wishes)
{
    if (engine->start(wishes) < 0) {
        return -1;
    }
    if (engine->meet != NULL &&
        pt_existing_visit(is_counted, engine->meet) < 0) {
        engine->stop();
        return -1;
    }
    strncpy(timeline->process->engine, engine->name,
            sizeof(timeline->process->engine) - 1);
    return 0;
}

/* Say why the best engine is not used, and clear the exception. */
static void
say_fallback(const struct pt_engine *refused, const struct pt_engine *next)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    PySys_FormatStderr("pytrace: counting lines by %s, not by %s: %S\n",
                       next->name, refused->name,
                       value != NULL ? value : type);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

/* Probes know nothing of frames; and they never end, while events that are
 * switched off cost nothing. */
static size_t
find_first(const struct pt_engine_start *wishes)
{
    return wishes->follows || (wishes->hits_only && PT_HAS_MONITORING) ? 1 : 0;
}

/* The best engine that starts. */
static int
start_best(const struct pt_engine_start *wishes)
{
    for (size_t i = find_first(wishes); i < ENGINES; i++) {
        if (start_engine(engines[i], wishes) == 0) {
            return 0;
        }
        if (i + 1 < ENGINES) {
            say_fallback(engines[i], engines[i + 1]);
        }
    }
    return -1;
}

static int
start_named(const char *name, const struct pt_engine_start *wishes)
{
    for (size_t i = 0; i < ENGINES; i++) {
        if (strcmp(engines[i]->name, name) == 0) {
            return start_engine(engines[i], wishes);
        }
    }
    PyErr_Format(PyExc_ValueError,
                 "this interpreter has no line engine '%s'; choose %s or %s",
                 name, engines[0]->name, engines[1]->name);
    return -1;
}

int
pt_linetrace_start(struct pt_catalog *catalog, const char *name)
{
    struct pt_engine_start wishes = {.catalog = catalog};
    uint32_t followed;

    timeline = catalog->timeline;
    wishes.existing = (timeline->header->wanted & PT_WANT_ALL) != 0;
    if (wishes.existing) {
        pt_filter_take_all();
    }
    followed = timeline->header->wanted & PT_WANT_FOLLOWED;
    wishes.follows = followed != 0;
    wishes.hits_only = (timeline->header->wanted & PT_WANT_HITS) != 0;
    wishes.marks_calls = (timeline->header->wanted & PT_WANT_CALL_EVENTS) != 0;
    if (pt_hits_start(catalog) < 0 ||
        (wishes.follows && pt_follow_start(catalog, followed) < 0)) {
        return -1;
    }
    if ((name[0] == '\0' ? start_best(&wishes) : start_named(name, &wishes)) <
        0) {
        return -1;
    }
    return wishes.marks_calls ? pt_callevents_start(catalog) : 0;
}

void
pt_linetrace_after_fork_child(void)
{
    pt_follow_after_fork();
}

void
pt_linetrace_trouble(enum pt_trouble trouble)
{
    pt_timeline_trouble(timeline, trouble);
}
