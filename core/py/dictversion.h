/* SPDX-License-Identifier: MIT */
/* dictversion.h - has this dict changed since we looked? */
#ifndef PT_CORE_PY_DICTVERSION_H
#define PT_CORE_PY_DICTVERSION_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

#if PT_HAS_DICT_VERSION

/* A number that no other state of any dict has; 0 where there is none: look
 * each time. Hook-safe with the GIL. */
PT_INLINE uint64_t
pt_dict_version(PyObject *dict)
{
    PT_DEPRECATED_BEGIN
    return ((PyDictObject *)dict)->ma_version_tag;
    PT_DEPRECATED_END
}

#else

PT_INLINE uint64_t
pt_dict_version(PyObject *dict)
{
    (void)dict;
    return 0;
}

#endif

#endif
