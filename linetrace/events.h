/* SPDX-License-Identifier: MIT */
/* events.h - on which edges of a code object a line event fires. */
#ifndef PT_LINETRACE_EVENTS_H
#define PT_LINETRACE_EVENTS_H

#include <stdbool.h>

#include "linetrace/flow.h"

/* Set the flags of every instruction of a decoded `flow`, so that along each
 * edge an event is said to fire exactly when sys.settrace would deliver one
 * on this version. PT_FLOW_STRANGE where the edges contradict each other,
 * PT_FLOW_UNKNOWN where it depends on what is called. Any thread. */
PT_MUST_CHECK int pt_events_find(struct pt_flow *flow);

/* Whether an event fires at `handler` when `culprit`, or what it called by
 * pushing a frame, is found to have raised. Any thread. */
bool pt_events_error_fires(const struct pt_flow *flow, int32_t culprit,
                           int32_t handler, bool callee);

#endif
