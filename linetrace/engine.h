/* SPDX-License-Identifier: MIT */
/* engine.h - where line events come from: one struct, one file each.
 *
 * An engine gets hold of line events and counts them with pt_hits_add. All its
 * functions need the GIL.
 */
#ifndef PT_LINETRACE_ENGINE_H
#define PT_LINETRACE_ENGINE_H

struct pt_engine {
    const char *name;
    // Start counting, in every thread; 0, or -1 with a Python exception. With
    // `existing`, code objects made before the start are counted too.
    int (*start)(int existing);
    // Stop counting; harmless when not started.
    void (*stop)(void);
};

extern const struct pt_engine pt_engine_monitoring;  // 3.12 and newer
extern const struct pt_engine pt_engine_settrace;    // 3.11

#endif
