/* SPDX-License-Identifier: MIT */
/* callprobe.h - a probe that puts a call, or its return, onto the timeline.
 *
 * In functions that never yield, one stands behind the RESUME and one in front
 * of each return, where sys.monitoring would call for PY_START and PY_RETURN,
 * at a third of its price. What an exception leaves tells nobody but
 * sys.monitoring (callevents.h). Only where there is that.
 *
 * With the GIL.
 */
#ifndef PT_LINETRACE_CALLPROBE_H
#define PT_LINETRACE_CALLPROBE_H

#include "core/py/compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/stream.h"

/* Make the types usable, once for a process, and say where events go. 0, or -1
 * with an exception set. */
PT_MUST_CHECK int pt_callprobe_start(struct pt_stream *stream);

/* Put those of the code object with this id into a tuple from `at` on, in the
 * order of enum pt_callprobe (layout.h). They live for ever. 0, or -1 with an
 * exception set. */
PT_MUST_CHECK int pt_callprobes_put(PyObject *tuple, Py_ssize_t at,
                                    uint32_t id);

/* Do these constants, a tuple, have some among them, so that code with them
 * tells of its calls by itself? */
bool pt_callprobe_is_among(PyObject *consts);

#endif
