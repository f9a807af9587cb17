/* SPDX-License-Identifier: MIT */
/* tracemalloc_module.h - the C functions of pytrace.tracemalloc. */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACEMALLOC_MODULE_H
#define PT_PYTHON_PYTRACE_EXT_TRACEMALLOC_MODULE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Add them to `module`, as a module named `tracemalloc`. 0, or -1 with an
 * exception. Needs the GIL. */
PT_MUST_CHECK int pt_tracemalloc_add(PyObject *module);

#endif
