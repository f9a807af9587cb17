/* SPDX-License-Identifier: MIT */
/* marks.h - pytrace.mark() and pytrace.span(): the program's own events. */
#ifndef PT_PYTHON_PYTRACE_EXT_MARKS_H
#define PT_PYTHON_PYTRACE_EXT_MARKS_H

#include "core/py/compat.h"

#include "core/base/compiler.h"

/* Add both to the extension module. 0, or -1 with an exception. Needs
 * the GIL. */
PT_MUST_CHECK int pt_marks_add(PyObject *module);

#endif
