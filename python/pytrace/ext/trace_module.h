/* SPDX-License-Identifier: MIT */
/* trace_module.h - the C side of pytrace.trace. */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACE_MODULE_H
#define PT_PYTHON_PYTRACE_EXT_TRACE_MODULE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Add it to `module`, as a module named `trace`. 0, or -1 with an exception.
 * Needs the GIL. */
PT_MUST_CHECK int pt_trace_add(PyObject *module);

#endif
