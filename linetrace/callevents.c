/* SPDX-License-Identifier: MIT */
/* callevents.c - which code's calls are events. */
#include "linetrace/callevents.h"

#include <string.h>

#include "core/py/codeextra.h"
#include "core/py/guard.h"
#include "linetrace/hits.h"

struct pt_callevents_recent pt_callevents_recent[PT_CALLEVENTS_RECENT];
struct pt_stream *pt_callevents_stream;

static struct pt_catalog *catalog;
static Py_ssize_t extra_index = -1;  // of the id of a code object, and one

/* The id of a code object that is seen first, to be kept with it. */
static uint32_t
look_up(PyCodeObject *code)
{
    uint32_t id;

    pt_guard_enter();
    id = pt_catalog_code(catalog, code);
    if (id != 0 &&
        !pt_hits_is_traced(pt_catalog_code_at(catalog, id)->source)) {
        id = PT_CALLEVENTS_IGNORED;
    }
    pt_guard_leave();
    return id;
}

/* Hang it on the code object: 0, or -1 (no exception is set). */
static int
keep(PyCodeObject *code, uint32_t id)
{
    int result;

    pt_guard_enter();
    result = pt_extra_set(code, extra_index, (void *)((uintptr_t)id + 1));
    if (result < 0) {
        PyErr_Clear();
    }
    pt_guard_leave();
    return result;
}

uint32_t
pt_callevents_code_slow(PyCodeObject *code)
{
    struct pt_callevents_recent *recent = pt_callevents_recent_of(code);
    void *extra = NULL;
    uint32_t id;

    if (pt_extra_get(code, extra_index, &extra) == 0 && extra != NULL) {
        id = (uint32_t)(uintptr_t)extra - 1;
    }
    else {
        id = look_up(code);
        if (keep(code, id) < 0) {
            return id;  // nobody would tell us of its death
        }
    }
    *recent = (struct pt_callevents_recent){code, id};
    return id;
}

/* The next code object at the address of one that dies is another one. */
static void
forget(void *extra)
{
    (void)extra;
    memset(pt_callevents_recent, 0, sizeof(pt_callevents_recent));
}

int
pt_callevents_start(struct pt_catalog *over)
{
    catalog = over;
    pt_callevents_stream = &over->timeline->stream[PT_STREAM_GIL];
    return pt_codeextra_take(&extra_index, forget) < 0
               ? -1
               : pt_callevents_listen();
}
