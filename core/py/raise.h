/* SPDX-License-Identifier: MIT */
/* raise.h - the one place where our errors become Python exceptions. */
#ifndef PT_CORE_PY_RAISE_H
#define PT_CORE_PY_RAISE_H

#include "core/py/compat.h"

#include "core/base/error.h"

/* Raise what `err` says: MemoryError for PT_ERR_NOMEM, OSError for input and
 * output, ValueError for bad values and recordings, else RuntimeError. Returns
 * NULL. Needs the GIL. */
PyObject *pt_raise(const struct pt_err *err);

#endif
