/* SPDX-License-Identifier: MIT */
/* objectblock.h - from an object to the memory block it lies in. */
#ifndef PT_CORE_PY_OBJECTBLOCK_H
#define PT_CORE_PY_OBJECTBLOCK_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

/* Start of the block: in front of an object may stand the collector's header
 * and two words for __dict__ and weak references. Hook-safe. */
PT_INLINE uintptr_t
pt_object_block(const PyObject *object)
{
    unsigned long flags = Py_TYPE(object)->tp_flags;
    uintptr_t block = (uintptr_t)object;

    if (flags & Py_TPFLAGS_HAVE_GC) {
        block -= 2 * sizeof(uintptr_t);
    }
    if (flags & PT_TPFLAGS_PREHEADER) {
        block -= 2 * sizeof(PyObject *);
    }
    return block;
}

#endif
