/* SPDX-License-Identifier: MIT */
/* callevents.c - which code's calls are events. */
#include "linetrace/callevents.h"

#include "core/py/guard.h"
#include "linetrace/hits.h"

Py_ssize_t pt_callevents_extra = -1;
struct pt_stream *pt_callevents_stream;

static struct pt_catalog *catalog;

PT_COLD uint32_t
pt_callevents_code_slow(PyCodeObject *code)
{
    uint32_t id;
    void *extra;

    pt_guard_enter();
    id = pt_catalog_code(catalog, code);
    if (id != 0 &&
        !pt_hits_is_traced(pt_catalog_code_at(catalog, id)->source)) {
        id = PT_CALLEVENTS_IGNORED;
    }
    extra = (void *)((uintptr_t)id + 1);
    if (pt_extra_set(code, pt_callevents_extra, extra) < 0) {
        PyErr_Clear();
    }
    pt_guard_leave();
    return id;
}

int
pt_callevents_start(struct pt_catalog *over)
{
    catalog = over;
    pt_callevents_stream = &over->timeline->stream[PT_STREAM_GIL];
    pt_callevents_extra = pt_extra_request(NULL);
    if (pt_callevents_extra < 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: no room on code objects for another tool");
        return -1;
    }
    return pt_callevents_listen();
}
