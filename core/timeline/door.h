/* SPDX-License-Identifier: MIT */
/* door.h - between the preloaded library and the extension module.
 *
 * libpytrace_native.so is there before the interpreter is, and has the
 * process's timeline then; the extension finds the library's door by its
 * symbol, takes the timeline over, and tells whose memory a thread takes and
 * which Python code runs. Both come from one build.
 */
#ifndef PT_CORE_TIMELINE_DOOR_H
#define PT_CORE_TIMELINE_DOOR_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/timeline/timeline.h"

#define PT_DOOR_SYMBOL "pt_native_door"
#define PT_DOOR_VERSION 1u

/* Of the calling thread, at this moment. */
struct pt_door_context {
    uint32_t node;  // PT_NODE_NONE: no Python code
    uint32_t kind;  // enum pt_native_kind, or PT_DOOR_TOOL
};

#define PT_DOOR_TOOL UINT32_MAX  // the tool itself asks for memory

/* Hook-safe. Any thread, with or without the GIL; not from inside itself. */
typedef struct pt_door_context (*pt_door_context_func)(void);

struct pt_door {
    uint32_t version;  // PT_DOOR_VERSION
    uint32_t bytes;    // of this struct
    // The process's timeline, or NULL when nothing is recorded. It is the
    // library's for ever.
    struct pt_timeline *timeline;

    // What the extension tells. NULL: there is no Python to ask, yet or any
    // more.
    pt_door_context_func _Atomic context;

    // Its own code: what that maps is the tool's. Set once, before `context`.
    uintptr_t tool_start;
    uintptr_t tool_bytes;

    // A block of a native pair was born (1) or died (0), for the timeline;
    // NULL where that is no event. Hook-safe. Any thread.
    void (*_Atomic event)(uint32_t pair, int is_birth);

    // What the library does when it is told to. A block was reported to
    // tracemalloc, or taken back from there; other addresses than those of
    // blocks are passed over. Hook-safe. Any thread.
    void (*file_as)(uintptr_t block, enum pt_native_kind kind);

    // `context` was set; the account of memory begins.
    void (*begin)(void);

    // The program has ended: what is taken down from now on is no news, and
    // the figures stay as they are. Returns what memory is resident of the
    // tool itself, or 0 when that could not be found out.
    uint64_t (*finish)(void);

    // Around fork, when the extension forks the timeline: before it locks it,
    // after it unlocked it, and when the child has a timeline of its own.
    void (*before_fork)(void);
    void (*after_fork_parent)(void);
    void (*after_fork_child)(void);
};

#endif
