/* SPDX-License-Identifier: MIT */
/* culprit.h - where the exception came from that a handler has on its stack.
 *
 * A constant that counts by it is operand of an operator in the handler:
 * `offset + operand` where the offset is an int. From 3.14 on it is no object,
 * and the way in which the bytecode is told (bytecode.h, offset_is_tagged) is
 * `~operand`, which looks at the frame.
 */
#ifndef PT_LINETRACE_CULPRIT_H
#define PT_LINETRACE_CULPRIT_H

#include "core/py/frame.h"

/* The offset, in code units, of the exception on which `operand` lies while it
 * is inverted; -1 where that is not so. Needs the GIL. */
static inline Py_ssize_t
pt_culprit_inverted(PyObject *operand)
{
#if PT_HAS_TAGGED_INTS
    return pt_frame_culprit(pt_frame_top(pt_thread_attached()), operand);
#else
    (void)operand;
    return -1;
#endif
}

#endif
