/* SPDX-License-Identifier: MIT */
/* snapshots.h - pytrace.snapshot(). */
#ifndef PT_PYTHON_PYTRACE_EXT_SNAPSHOTS_H
#define PT_PYTHON_PYTRACE_EXT_SNAPSHOTS_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Add it to the extension module. 0, or -1 with an exception. Needs
 * the GIL. */
PT_MUST_CHECK int pt_snapshots_add(PyObject *module);

#endif
