/* SPDX-License-Identifier: MIT */
/* tracer_module.h - the C side of pytrace.Tracer. */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACER_MODULE_H
#define PT_PYTHON_PYTRACE_EXT_TRACER_MODULE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Add it to `module`, as a module named `tracer`. 0, or -1 with an exception.
 * Needs the GIL. */
PT_MUST_CHECK int pt_tracer_module_add(PyObject *module);

#endif
