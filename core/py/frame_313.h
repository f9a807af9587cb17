/* SPDX-License-Identifier: MIT */
/* frame_313.h - interpreter frame of CPython 3.13. */
#ifndef PT_CORE_PY_FRAME_313_H
#define PT_CORE_PY_FRAME_313_H

#include "core/base/compiler.h"

#define PT_FRAME_OF_GENERATOR 1
#define PT_FRAME_OF_C_STACK 3

struct pt_frame {
    PyObject *executable;
    struct pt_frame *previous;
    PyObject *func;
    PyObject *globals;
    PyObject *builtins;
    PyObject *locals;
    PyFrameObject *object;
    pt_code_unit *instr;
    int stacktop;
    uint16_t return_offset;
    char owner;
    PyObject *values[];  // arguments, other locals, cells, free variables
};

PT_INLINE const struct pt_frame *
pt_frame_top(const PyThreadState *thread)
{
    return (const struct pt_frame *)thread->current_frame;
}

PT_INLINE PyCodeObject *
pt_frame_code(const struct pt_frame *frame)
{
    return (PyCodeObject *)frame->executable;
}

/* Give a frame that has not begun another code object, which must not have
 * more locals nor need more stack. Needs the GIL. */
static inline void
pt_frame_set_code(struct pt_frame *frame, PyCodeObject *code)
{
    PyObject *old = (PyObject *)frame->executable;

    frame->executable = Py_NewRef((PyObject *)code);
    frame->instr = (pt_code_unit *)code->co_code_adaptive;
    Py_DECREF(old);
}

PT_INLINE int
pt_frame_is_entry(const struct pt_frame *frame)
{
    return frame->owner == PT_FRAME_OF_C_STACK;
}

#endif
