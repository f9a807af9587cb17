/* SPDX-License-Identifier: MIT */
/* threadfront.c - see threadfront.h. */
#include "python/pytrace/ext/threadfront.h"

#include "core/py/saferepr.h"
#include "core/py/thread.h"

void
pt_threadfront_add(struct pt_threadfront *front, struct pt_buf *out,
                   uint64_t id)
{
    PyObject *name;

    if (front->first == 0) {
        front->first = id;
    }
    front->are_several |= id != front->first;
    if (!front->are_several) {
        return;
    }
    name = pt_thread_name();
    if (name == NULL) {
        PyErr_Clear();
        return;
    }
    pt_buf_add_char(out, '[');
    pt_saferepr_text(out, name, PT_SAFEREPR_BYTES);
    pt_buf_add_text(out, "] ");
    Py_DECREF(name);
}
