/* SPDX-License-Identifier: MIT */
/* engine.h - where line events come from: one struct, one file each.
 *
 * An engine gets hold of line events and counts them with pt_hits_add. All its
 * functions need the GIL.
 */
#ifndef PT_LINETRACE_ENGINE_H
#define PT_LINETRACE_ENGINE_H

#include "core/py/compat.h"

#include "core/py/catalog.h"

struct pt_engine_start {
    struct pt_catalog *catalog;
    // Count code objects made before the start too.
    int existing;
    // Tell follow.h of frames and lines as well.
    int follows;
    // No more than a line's first event is needed.
    int hits_only;
    // Calls and returns go onto the timeline (callevents.h).
    int marks_calls;
    // Code objects just made of which this says so are counted by another
    // engine; NULL: none are.
    int (*is_expected)(PyCodeObject *code);
};

struct pt_engine {
    const char *name;
    // Start counting, in every thread; 0, or -1 with a Python exception.
    int (*start)(const struct pt_engine_start *wishes);
    // Stop counting; harmless when not started.
    void (*stop)(void);
    // Count this code object, though it was expected; NULL: not needed.
    void (*adopt)(PyCodeObject *code);
    // Count a function that was there before the start; NULL: not needed.
    void (*meet)(PyFunctionObject *function);
};

extern const struct pt_engine pt_engine_probe;
extern const struct pt_engine pt_engine_monitoring;  // 3.12 and newer
extern const struct pt_engine pt_engine_settrace;    // 3.11

#endif
