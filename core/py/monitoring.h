/* SPDX-License-Identifier: MIT */
/* monitoring.h - sys.monitoring (PEP 669) with callbacks in C.
 *
 * There is no C interface for tools before 3.13, so this goes through the
 * module; events themselves come straight to a vectorcall function. All of it
 * needs the GIL, and an interpreter with PT_HAS_MONITORING.
 */
#ifndef PT_CORE_PY_MONITORING_H
#define PT_CORE_PY_MONITORING_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/base/compiler.h"

/* One of the few tools that there may be. */
struct pt_monitor {
    long tool;    // -1: none
    long events;  // that have callbacks
};

/* What a callback returns to have no more of this event from this place.
 * Borrowed; set by pt_monitor_open. */
extern PyObject *pt_monitor_disable;

/* Take a tool id that nobody uses. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_monitor_open(struct pt_monitor *monitor);

/* Stop all events and give the tool id back; harmless when not open. */
void pt_monitor_close(struct pt_monitor *monitor);

/* Have `call` called for an event ("LINE"); its bit goes to *event. 0, or -1
 * with an exception. */
PT_MUST_CHECK int pt_monitor_on(struct pt_monitor *monitor, const char *name,
                                vectorcallfunc call, long *event);

/* The same with a callback that has `context` in it: several tools of one kind
 * tell each other apart so. */
typedef struct {
    PyObject_HEAD vectorcallfunc call;
    void *context;
} pt_monitor_callback;

PT_MUST_CHECK int pt_monitor_on_for(struct pt_monitor *monitor,
                                    const char *name, vectorcallfunc call,
                                    void *context, long *event);

/* Switch these events on everywhere, or for one code object, and all others
 * off. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_monitor_set(struct pt_monitor *monitor, long events);
PT_MUST_CHECK int pt_monitor_set_local(struct pt_monitor *monitor,
                                       PyCodeObject *code, long events);

/* Undo each DISABLE, of all tools: who had the tool id before may have left
 * some. 0, or -1 with an exception. */
PT_MUST_CHECK int pt_monitor_restart(void);

#if PT_HAS_MONITORING
/* A line number or offset among the arguments of a callback: small, as code
 * objects go. */
PT_INLINE uint32_t
pt_monitor_number(PyObject *number)
{
    if (pt_likely(PyUnstable_Long_IsCompact((PyLongObject *)number))) {
        return (uint32_t)PyUnstable_Long_CompactValue((PyLongObject *)number);
    }
    return (uint32_t)PyLong_AsLong(number);
}
#endif

#endif
