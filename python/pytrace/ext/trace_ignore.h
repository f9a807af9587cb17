/* SPDX-License-Identifier: MIT */
/* trace_ignore.h - the type Ignore: modules and directories not to trace.
 *
 * The standard module's _Ignore, asked by module name: the first file of a
 * name decides for all others of that name.
 */
#ifndef PT_PYTHON_PYTRACE_EXT_TRACE_IGNORE_H
#define PT_PYTHON_PYTRACE_EXT_TRACE_IGNORE_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Make the type and add it to `module`. 0, or -1 with an exception. Needs the
 * GIL. */
PT_MUST_CHECK int pt_trace_ignore_add_type(PyObject *module);

#endif
