/* SPDX-License-Identifier: MIT */
/* recording_native.h - recording.h's part on native memory and its account. */
#ifndef PT_CORE_TIMELINE_RECORDING_NATIVE_H
#define PT_CORE_TIMELINE_RECORDING_NATIVE_H

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

/* A program or library that was mapped into the process. An address in it lies
 * at (address - base_bytes) of its file, as the file's own headers count. */
struct pt_module {
    uint64_t base_bytes;
    uint32_t path;  // text
    uint32_t reserved;
};

/* Whose a native block is. */
enum pt_native_kind {
    PT_NATIVE_LIBRARY,  // some library's, or the interpreter's own
    PT_NATIVE_EARLY,    // the same, from before the interpreter ran us
    PT_NATIVE_PYTHON,   // Python's allocators took it, which count it
    PT_NATIVE_TRACKED,  // told to PyTraceMalloc_Track(), and counted there
    PT_NATIVE_MAP,      // no block: a library mapped it itself
    PT_NATIVE_KINDS,
};

/* All native blocks of one size and alignment, asked for at one address of
 * native code while one place of the Python program ran.
 * live = inherited + allocated - freed. */
struct pt_native_pair {
    uint64_t size_bytes;    // as asked for
    uint64_t usable_bytes;  // as the allocator rounds it
    uint64_t site;          // where the call of malloc() returns to
    uint32_t node;
    uint16_t kind;  // enum pt_native_kind
    uint8_t align_shift;
    uint8_t shard;  // the writer's own: which of its threads count here
    _Atomic uint64_t allocated;
    _Atomic uint64_t freed;
    uint64_t inherited;  // live when the parent forked
    uint32_t module;     // that `site` is in, or 0
    uint32_t stack;      // the struct pt_native_frame of `site`, or 0
};

/* A place in native code that was called from the place `parent`, or, if that
 * is 0, from where nothing is known of: the interpreter's loop as a rule. */
struct pt_native_frame {
    uint64_t address;  // that its call returns to
    uint32_t parent;   // lower than its own number
    uint32_t module;
};

/* What resident memory is made of: rows of its account. */
enum pt_moment_row {
    PT_ROW_PYTHON,   // arenas, and blocks that count as Python's
    PT_ROW_LIBRARY,  // blocks of libraries
    PT_ROW_MAPPED,   // anonymous mappings that libraries made
    PT_ROW_SLACK,    // of the allocator: rounding, free memory, its own tables
    PT_ROW_FILES,    // programs, libraries and other files, with their data
    PT_ROW_STACKS,   // of threads
    PT_ROW_TOOL,     // ours
    PT_ROWS,
};

/* What the allocator says of itself: jemalloc's names. */
enum pt_moment_stat {
    PT_STAT_ALLOCATED,
    PT_STAT_ACTIVE,
    PT_STAT_METADATA,
    PT_STAT_RESIDENT,
    PT_STAT_MAPPED,
    PT_STAT_RETAINED,
    PT_STATS,
};

enum pt_moment_flag {
    PT_MOMENT_EXACT = 1u << 0,  // page by page; else what changed since then
    PT_MOMENT_END = 1u << 1,    // the program has ended
};

/* Resident memory, and what explains it, at one moment. What the rows do not
 * add up to is unexplained. */
struct pt_moment {
    uint64_t at_ns;  // monotonic
    uint32_t flags;  // enum pt_moment_flag; 0 together with at_ns: unwritten
    uint32_t reserved;
    uint64_t rss_bytes;
    uint64_t row_bytes[PT_ROWS];
    uint64_t untouched_bytes;  // of large blocks, and so in no row
    uint64_t usable_bytes;     // of all blocks, as the allocator rounds them
    uint64_t stat_bytes[PT_STATS];
    uint64_t highest_bytes;  // that the kernel ever saw resident
    uint64_t cost_ns;        // what it took to write this down
};

static_assert(sizeof(struct pt_module) == 16, "file format");
static_assert(sizeof(struct pt_native_pair) == 64, "file format");
static_assert(sizeof(struct pt_native_frame) == 16, "file format");
static_assert(sizeof(struct pt_moment) == 160, "file format");

#endif
