/* SPDX-License-Identifier: MIT */
/* frame_311.h - interpreter frame of CPython 3.11. */
#ifndef PT_CORE_PY_FRAME_311_H
#define PT_CORE_PY_FRAME_311_H

#include <stdbool.h>

#include "core/base/compiler.h"

#define PT_FRAME_OF_GENERATOR 1

struct pt_frame {
    PyObject *func;
    PyObject *globals;
    PyObject *builtins;
    PyObject *locals;
    PyCodeObject *code;
    PyFrameObject *object;
    struct pt_frame *previous;
    pt_code_unit *instr;
    int stacktop;
    bool is_entry;
    char owner;
    PyObject *values[];  // arguments, other locals, cells, free variables
};

PT_INLINE const struct pt_frame *
pt_frame_top(const PyThreadState *thread)
{
    return (const struct pt_frame *)thread->cframe->current_frame;
}

PT_INLINE PyCodeObject *
pt_frame_code(const struct pt_frame *frame)
{
    return frame->code;
}

/* Give a frame that has not begun another code object, which must not have
 * more locals nor need more stack. Needs the GIL. */
static inline void
pt_frame_set_code(struct pt_frame *frame, PyCodeObject *code)
{
    PyObject *old = (PyObject *)frame->code;

    frame->code = (PyCodeObject *)Py_NewRef((PyObject *)code);
    frame->instr = (pt_code_unit *)code->co_code_adaptive - 1;
    Py_DECREF(old);
}

PT_INLINE int
pt_frame_is_entry(const struct pt_frame *frame)
{
    (void)frame;
    return 0;
}

#endif
