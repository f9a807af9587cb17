/* SPDX-License-Identifier: MIT */
/* frame_314.h - interpreter frame of CPython 3.14. */
#ifndef PT_CORE_PY_FRAME_314_H
#define PT_CORE_PY_FRAME_314_H

#include "core/base/compiler.h"

#define PT_FRAME_OF_GENERATOR 1
#define PT_FRAME_OF_INTERPRETER 3

// The low bits of a reference that say how it is held (_PyStackRef).
#define PT_FRAME_REFERENCE_TAG ((uintptr_t)3)

struct pt_frame {
    uintptr_t executable;  // tagged
    struct pt_frame *previous;
    uintptr_t func;  // tagged
    PyObject *globals;
    PyObject *builtins;
    PyObject *locals;
    PyFrameObject *object;
    pt_code_unit *instr;
    uintptr_t *stack_top;
    uint16_t return_offset;
    char owner;
    uint8_t visited;
    uintptr_t values[];  // arguments, other locals, cells, free variables
};

/* The leading fields of generators, coroutines and asynchronous generators. */
typedef struct {
    PyObject_HEAD PyObject *gi_weakreflist;
    PyObject *gi_name;
    PyObject *gi_qualname;
} pt_generator;

PT_INLINE PyObject *
pt_frame_reference(uintptr_t tagged)
{
    return (PyObject *)(tagged & ~PT_FRAME_REFERENCE_TAG);
}

PT_INLINE const struct pt_frame *
pt_frame_top(const PyThreadState *thread)
{
    return (const struct pt_frame *)thread->current_frame;
}

PT_INLINE PyCodeObject *
pt_frame_code(const struct pt_frame *frame)
{
    return (PyCodeObject *)pt_frame_reference(frame->executable);
}

/* Give a frame that has not begun another code object, which must not have
 * more locals nor need more stack. Needs the GIL. */
static inline void
pt_frame_set_code(struct pt_frame *frame, PyCodeObject *code)
{
    uintptr_t old = frame->executable;

    frame->executable = (uintptr_t)Py_NewRef((PyObject *)code);
    frame->instr = (pt_code_unit *)code->co_code_adaptive;
    if ((old & PT_FRAME_REFERENCE_TAG) == 0) {
        Py_DECREF(pt_frame_reference(old));
    }
}

/* The value in a place of the frame, borrowed, or NULL. Hook-safe. */
PT_INLINE PyObject *
pt_frame_value(const struct pt_frame *frame, Py_ssize_t place)
{
    return pt_frame_reference(frame->values[place]);
}

/* Take `top` off the stack of a frame that waits, if it lies there. Needs the
 * GIL. */
static inline bool
pt_frame_take(struct pt_frame *frame, PyObject *top)
{
    if (frame->stack_top == NULL ||
        pt_frame_reference(frame->stack_top[-1]) != top) {
        return false;
    }
    frame->stack_top--;
    if ((*frame->stack_top & PT_FRAME_REFERENCE_TAG) == 0) {
        Py_DECREF(top);
    }
    return true;
}

PT_INLINE int
pt_frame_is_entry(const struct pt_frame *frame)
{
    return frame->owner >= PT_FRAME_OF_INTERPRETER;
}

/* Where, in code units, the exception came from that the frame is handling,
 * while `operand` is inverted that lies on the exception and that on the
 * offset; -1 if something else is inverted. */
static inline Py_ssize_t
pt_frame_culprit(const struct pt_frame *frame, PyObject *operand)
{
    const uintptr_t *top = frame->stack_top;

    if (pt_frame_is_entry(frame) || top == NULL ||
        pt_frame_reference(top[-1]) != operand ||
        (top[-3] & PT_FRAME_REFERENCE_TAG) != PT_FRAME_REFERENCE_TAG) {
        return -1;
    }
    return (Py_ssize_t)top[-3] >> 2;
}

#endif
