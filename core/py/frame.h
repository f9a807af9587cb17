/* SPDX-License-Identifier: MIT */
/* frame.h - walking the interpreter's frames without creating objects.
 *
 * `struct pt_frame` mirrors the leading fields of CPython's interpreter frame,
 * `struct pt_frame_object` those of the object that programs see; frame_NNN.c
 * asserts at compile time that they do. A frame may be read by the thread that
 * runs it, with or without the GIL, and is valid until it returns.
 */
#ifndef PT_CORE_PY_FRAME_H
#define PT_CORE_PY_FRAME_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/base/compiler.h"

typedef uint16_t pt_code_unit;

#include PT_FRAME_HEADER

#if !PT_HAS_TAGGED_INTS

typedef PyGenObject pt_generator;

/* The value in a place of the frame, borrowed, or NULL. Hook-safe. */
PT_INLINE PyObject *
pt_frame_value(const struct pt_frame *frame, Py_ssize_t place)
{
    return frame->values[place];
}

/* Take `top` off the stack of a frame that waits, if it lies there. Needs the
 * GIL. */
static inline bool
pt_frame_take(struct pt_frame *frame, PyObject *top)
{
    if (frame->stacktop <= 0 || frame->values[frame->stacktop - 1] != top) {
        return false;
    }
    frame->stacktop--;
    Py_DECREF(top);
    return true;
}

#endif

// The bit of co_localspluskinds that says that a value lies in a cell.
#define PT_FRAME_VALUE_IS_CELL 0x40
// Those that say which kind of argument it is, if any (3.14).
#define PT_FRAME_VALUE_IS_ARGUMENT 0x0e

struct pt_frame_object {
    PyObject base;
    PyFrameObject *back;
    struct pt_frame *frame;
    PyObject *trace;  // f_trace, owned, or NULL
    int line;         // being traced, when not 0
};

/* The first instruction of a code object. Hook-safe. */
PT_INLINE pt_code_unit *
pt_code_start(const PyCodeObject *code)
{
    return (pt_code_unit *)code->co_code_adaptive;
}

/* Where the interpreter is in `frame`: unique while its code object lives.
 * Hook-safe. */
PT_INLINE uintptr_t
pt_frame_place(const struct pt_frame *frame)
{
    return (uintptr_t)frame->instr;
}

/* False for frames that have not reached their first traceable instruction and
 * for the interpreter's own entry frames: tracebacks leave them out, and so do
 * we. Hook-safe. */
PT_INLINE int
pt_frame_is_complete(const struct pt_frame *frame)
{
    const PyCodeObject *code;

    if (pt_frame_is_entry(frame)) {
        return 0;
    }
    code = pt_frame_code(frame);
    return frame->owner == PT_FRAME_OF_GENERATOR ||
           frame->instr >= pt_code_start(code) + code->_co_firsttraceable;
}

/* `frame` or the nearest complete one outward of it; NULL if there is none.
 * Hook-safe. */
PT_INLINE const struct pt_frame *
pt_frame_complete(const struct pt_frame *frame)
{
    while (frame != NULL && pt_unlikely(!pt_frame_is_complete(frame))) {
        frame = frame->previous;
    }
    return frame;
}

/* Is any frame of any thread of this interpreter one of `code`, be it on top
 * or waiting for what it called? Needs the GIL. */
bool pt_frame_is_any_of(const PyCodeObject *code);

/* Frames of `code`, of any thread, that wait for a trace function before they
 * run the instruction at `at`, which is to take `top` off their stack: have
 * them go back to the one before, which put it there. Needs the GIL. */
void pt_frame_rewind(const PyCodeObject *code, const pt_code_unit *at,
                     PyObject *top);

/* Line being run in a complete frame, or 0 if its instruction has none.
 * Hook-safe. */
static inline uint32_t
pt_frame_line(const struct pt_frame *frame)
{
    PyCodeObject *code = pt_frame_code(frame);
    int offset = (int)(frame->instr - pt_code_start(code));
    int line = PyCode_Addr2Line(code, offset * (int)sizeof(pt_code_unit));

    return line > 0 ? (uint32_t)line : 0;
}

#endif
