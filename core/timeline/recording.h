/* SPDX-License-Identifier: MIT */
/* recording.h - the recording as it lies in the file: see docs/format.md.
 *
 * A recording is one file (or anonymous memory file) for one run: a header
 * page, then extents, each a multiple of `align_bytes` and each starting with
 * a `struct pt_extent` that says whose it is and what it holds. Extents hold
 * pieces of arrays ("segments") that the traced processes keep mapped and
 * write in place, so that whatever kills a process, its figures are there.
 *
 * One file serves all processes of the run. A process hands out file space to
 * itself with one atomic step of `header.file_end`; nothing else in the
 * file is written by two processes. So there is no lock that a killed process
 * could leave taken.
 *
 * All integers have the byte order of the machine that wrote them; a reader
 * compares `byte_order`. Index 0 of every segment is reserved as "none".
 */
#ifndef PT_CORE_TIMELINE_RECORDING_H
#define PT_CORE_TIMELINE_RECORDING_H

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/timeline/recording_events.h"
#include "core/timeline/recording_native.h"

#define PT_MAGIC "pytrace\n"
#define PT_FORMAT_VERSION 2u
#define PT_BYTE_ORDER 0x01020304u
#define PT_HEADER_BYTES 4096u
#define PT_EXTENT_MAGIC 0x54584550u   // "PEXT"
#define PT_PACKET_MAGIC 0x544b5050u   // "PPKT"
#define PT_PACKET_RAW_MAX (1u << 18)  // no packet unpacks to more
#define PT_ITEMS_MAX (1u << 27)       // no segment has more
#define PT_PROCESSES_MAX 100000u      // no recording has more

enum pt_segment {
    // Arrays: their items in use are in process.items.
    PT_SEGMENT_NONE,
    PT_SEGMENT_PROCESS,  // one struct pt_process
    PT_SEGMENT_TEXT,     // struct pt_text records
    PT_SEGMENT_FILE,     // struct pt_source
    PT_SEGMENT_CODE,     // struct pt_code
    PT_SEGMENT_COUNTER,  // uint64_t, see PT_COUNTER_*
    PT_SEGMENT_TERM,     // struct pt_term
    PT_SEGMENT_NODE,     // struct pt_node
    PT_SEGMENT_PAIR,     // struct pt_pair
    PT_SEGMENT_ARC,      // struct pt_arc
    PT_SEGMENT_CALL,     // struct pt_call
    PT_SEGMENT_CLOCK,    // struct pt_clock
    PT_SEGMENT_MODULE,   // struct pt_module
    PT_SEGMENT_NATIVE,   // struct pt_native_pair
    PT_SEGMENT_MOMENT,   // struct pt_moment
    // uint64_t for each pair: how many of its blocks were temporary
    PT_SEGMENT_TEMPORARY,
    PT_SEGMENT_FRAME,  // struct pt_native_frame
    // uint64_t for each pair: when its blocks ended less when they began
    PT_SEGMENT_LIFETIME,
    PT_SEGMENT_COUNT,
    // The others tell by themselves what is in use.
    PT_SEGMENT_SEALED = 32,  // struct pt_packet, one behind the other
    PT_SEGMENT_STREAM,       // struct pt_stream_page, first_item its stream
    PT_SEGMENT_SAMPLE,       // struct pt_sample, those with a time
    PT_SEGMENT_RUN,          // one struct pt_run, of combined recordings
    PT_SEGMENT_END,
};

#define PT_ARRAYS_MAX 32  // room for segments that are arrays

/* What the run was asked to do: bits of header.wanted. */
enum pt_wanted {
    PT_WANT_COUNT = 1u << 0,   // line counts
    PT_WANT_MEM = 1u << 1,     // allocations
    PT_WANT_ALL = 1u << 2,     // the standard library and site-packages too
    PT_WANT_FUNCS = 1u << 3,   // of the line counts only what was called
    PT_WANT_NATIVE = 1u << 4,  // with PT_WANT_MEM: what malloc() gives, too
    PT_WANT_SAMPLE = 1u << 5,  // of the allocations only a sample
    PT_WANT_MAYBE = 1u << 6,   // with PT_WANT_NATIVE: or without
    // With PT_WANT_MEM: blocks that end before their thread allocates again.
    PT_WANT_TEMPORARY = 1u << 7,
    PT_WANT_ARCS = 1u << 8,    // with counts: from which line to which
    PT_WANT_TIMES = 1u << 9,   // the time of each line
    PT_WANT_CALLS = 1u << 10,  // who called whom
    PT_WANT_HITS = 1u << 11,   // with counts: only whether there are any
    // Printed by the program itself, nothing is recorded: its calls, and with
    // them arguments, what is returned or yielded, and exceptions.
    PT_WANT_TREE = 1u << 12,
    PT_WANT_ARGS = 1u << 13,
    PT_WANT_RESULTS = 1u << 14,
    PT_WANT_RAISED = 1u << 15,
    // Events on the timeline: calls and returns, lines, allocations.
    PT_WANT_CALL_EVENTS = 1u << 16,
    PT_WANT_LINE_EVENTS = 1u << 17,
    PT_WANT_ALLOC_EVENTS = 1u << 18,
    PT_WANT_NATIVE_STACKS = 1u << 19,  // with PT_WANT_NATIVE: callers
    PT_WANT_LIFETIME = 1u << 20,  // with PT_WANT_MEM: how long blocks live
};

/* What a line engine is needed for, and what it must follow frames for. */
#define PT_WANT_FOLLOWED \
  (PT_WANT_ARCS | PT_WANT_TIMES | PT_WANT_CALLS | PT_WANT_LINE_EVENTS)
#define PT_WANT_LINES (PT_WANT_COUNT | PT_WANT_FOLLOWED)

/* Trouble that the report must state: bits of process.trouble. */
enum pt_trouble {
    PT_TROUBLE_SPACE = 1u << 0,     // no file space: figures are incomplete
    PT_TROUBLE_SETTRACE = 1u << 1,  // the program took the trace function
    PT_TROUBLE_MEMORY = 1u << 2,    // the tool's own allocation failed
    PT_TROUBLE_ENGINE = 1u << 3,    // the line engine could not start
    PT_TROUBLE_SUBINTERPRETER = 1u << 4,  // what ran in one is not counted
    PT_TROUBLE_SIGNAL = 1u << 5,      // the program took the snapshots' signal
    PT_TROUBLE_ALLOCATORS = 1u << 6,  // another tool took our hooks out
};

enum pt_process_state {
    PT_PROCESS_NEW,       // mapped, engines not started
    PT_PROCESS_RUNNING,   // engines on
    PT_PROCESS_FINISHED,  // reached the interpreter's exit handlers
};

struct pt_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t align_bytes;  // extents start at and span multiples of this
    uint32_t wanted;       // enum pt_wanted
    uint64_t start_unix_ns;
    uint64_t start_ns;           // monotonic clock, the zero of the timeline
    _Atomic uint64_t file_end;   // offset of the next extent
    _Atomic uint32_t processes;  // how many process numbers were handed out
    uint32_t supervisor_pid;
    // Written by the supervisor when the program is gone.
    uint32_t ended;       // 1: the two fields below mean something
    int32_t exit_status;  // as exit() got it, or -1
    int32_t exit_signal;  // the signal that killed it, or 0
    _Atomic uint32_t
        snapshots;  // how many numbers of snapshots were handed out
    uint64_t end_ns;
    char command[1024];    // the program and its arguments, each ended by 0
    char directory[1024];  // working directory at the start
    char engine[16];       // line engine asked for; "" for the best one
    char scope[1024];      // enum pt_scope_kind and a text, each ended by 0
    // The clock of events: see struct pt_stream_page.
    uint32_t tick_kind;    // enum pt_tick_kind
    uint32_t tick_shift;   // a unit of event times is 1 << this many ticks
    uint64_t start_ticks;  // at start_ns
    _Atomic uint64_t latest_ns;     // the same moment on both clocks, by the
    _Atomic uint64_t latest_ticks;  // supervisor, again and again
    uint64_t sample_ns;             // between two samples, 0: there are none
    uint64_t ring_bytes;       // only so many bytes of events are kept, 0: all
    uint64_t last_ns;          // only events so old are kept, 0: all
    uint32_t snapshot_signal;  // that asks for a snapshot, 0: none
    _Atomic uint32_t snapshot_requests;  // how often it came
};

/* What narrows the counting of lines: the first letter of an entry. */
enum pt_scope_kind {
    PT_SCOPE_INCLUDE = 'i',  // pattern: only files that fit one of these
    PT_SCOPE_OMIT = 'o',     // pattern: no file that fits
    PT_SCOPE_MODULE = 'm',   // name: no module or package of that name
    PT_SCOPE_DIR = 'd',      // directory: no file below it
};

struct pt_extent {
    uint32_t magic;
    uint32_t segment;     // enum pt_segment
    uint32_t process;     // number of the process, from 0
    uint32_t first_item;  // place in the segment: extents may be missing
    uint64_t offset;      // of this extent in the file
    uint64_t bytes;       // whole extent with this header
    uint64_t payload_bytes;
    _Atomic uint64_t check;  // pt_extent_check of the fields above
    uint64_t reserved[2];
};

struct pt_process {
    uint32_t number;
    uint32_t parent;  // number of the process that forked it; own if first
    uint32_t pid;
    uint32_t state;  // enum pt_process_state
    _Atomic uint32_t trouble;
    uint32_t python_version;  // PY_VERSION_HEX
    uint64_t start_ns;        // monotonic
    uint64_t end_ns;
    char engine[16];        // line engine in use, "" if none
    char mem_tier[16];      // "exact", "sample", "" if none
    uint32_t executable;    // texts: sys.executable,
    uint32_t search_path;   // sys.path joined with newlines,
    uint32_t version_text;  // sys.version
    uint32_t main_source;   // the program's own struct pt_source
    _Atomic uint32_t items[PT_ARRAYS_MAX];  // used items of each segment
    // Memory totals, written by memtrace: plain ones under the GIL, raw_*
    // by any thread.
    _Atomic uint64_t traced_bytes;
    _Atomic uint64_t peak_bytes;
    _Atomic int64_t raw_bytes;  // of the RAW domain; may run below 0
    uint64_t inherited_bytes;   // traced when the parent forked
    _Atomic uint32_t peak_epoch;
    uint32_t sample_bytes;  // one in so many bytes is in the sample; 0: all
    _Atomic uint64_t dropped_blocks;  // allocations that could not be recorded
    _Atomic uint64_t dropped_lines;   // line events that could not be counted
    uint64_t tool_bytes;  // resident memory of the tool at the end, or 0
    _Atomic uint64_t tool_mapped_bytes;
    _Atomic uint64_t dropped_sealed;  // packets without room,
    _Atomic uint64_t dropped_events;  // and the events among what was in them
    _Atomic uint64_t native_mapped_bytes;  // tool_mapped_bytes of the preload
};

/* A string: UTF-8 bytes behind their count; records are 4-aligned. */
struct pt_text {
    uint32_t bytes;
    char data[];
};

enum pt_source_flag {
    PT_SOURCE_TRACED = 1u << 0,   // its lines are counted
    PT_SOURCE_MAIN = 1u << 1,     // the program itself
    PT_SOURCE_DECIDED = 1u << 2,  // the two above are final
};

struct pt_source {
    uint32_t path;  // text: co_filename
    uint32_t flags;
    uint64_t size_bytes;  // as first seen; both 0 when it could not be
    int64_t modified_ns;  // looked at
    uint64_t reserved;
};

/* Counters of the lines first_line .. first_line + lines - 1 of one code
 * object: counter + (line - first_line). Twice as many are there when the
 * times of lines are taken: nanoseconds, in the same order. When `terms` is
 * not 0 the counters belong to probes and the lines follow from the terms
 * instead. */
struct pt_code {
    uint32_t source;
    uint32_t name;          // text: co_qualname
    uint32_t defined_line;  // co_firstlineno
    uint32_t units;         // length of its bytecode, and PT_CODE_* flags
    uint32_t first_line;    // lowest line with code,
    uint32_t lines;         // and how many lines to the highest
    uint32_t counter;       // 0 when its lines are not counted
    uint32_t term;
    uint32_t terms;
    uint32_t counters;  // how many; 0 when it is one for each line
};

#define PT_CODE_REWRITTEN (1u << 31)  // record of the rewritten code object
#define PT_CODE_MISSED (1u << 30)     // its lines could not be counted

/* hits(line) = sum over its terms of weight * counter. */
struct pt_term {
    uint32_t line;
    uint32_t counter;  // relative to pt_code.counter
    int32_t weight;
};

/* How often a line event of `to` followed one of `from` in the same frame: the
 * sum of weight * counter over the arcs of `code` with these two lines. From
 * PT_ARC_OUTSIDE a frame begins, to it one returns. */
struct pt_arc {
    uint32_t code;
    uint32_t from, to;
    uint32_t counter;  // index of its counter, 0 when it has none
    int32_t weight;
    uint32_t flags;  // enum pt_arc_flag
};

#define PT_ARC_OUTSIDE 0u

enum pt_arc_flag {
    PT_ARC_BRANCH = 1u << 0,  // one of several ways out of line `from`
};

/* How often code object `caller` called `callee`: the counter; and how often
 * it resumed a generator or coroutine of it: the counter behind. */
struct pt_call {
    uint32_t caller;  // 0: no Python code
    uint32_t callee;
    uint32_t counter;
    uint32_t reserved;
};

/* Where the time of one thread goes: from `since_ns` on it has not been added
 * yet to `counter`. Times of lines add up to since_ns - first_ns, less what
 * passed while `counter` was 0. */
struct pt_clock {
    uint64_t first_ns;
    uint64_t since_ns;
    uint64_t idle_ns;  // spent in no code that is followed
    uint32_t counter;  // 0: in none
    uint32_t reserved;
};

/* The run that a process of a combined recording comes from: what the header
 * of that run's own recording said. */
struct pt_run {
    uint32_t name;     // texts: what that recording was called,
    uint32_t command;  // its words, each ended by 0,
    uint32_t directory;
    uint32_t wanted;
    uint64_t start_unix_ns;
    uint64_t start_ns;  // on the clock of the combined recording
    uint64_t end_ns;
    uint32_t ended;
    int32_t exit_status;
    int32_t exit_signal;
    uint32_t reserved;
};

#define PT_COUNTER_EXECUTABLE (UINT64_C(1) << 63)  // the line has code
#define PT_COUNTER_HITS (PT_COUNTER_EXECUTABLE - 1)

/* A node of the calling-context tree: `code` was at `line`, called from the
 * place `parent`. A node without code is a marker: it stands for the `depth`
 * outer frames of a very deep stack. */
struct pt_node {
    uint32_t parent;
    uint32_t code;
    uint32_t line;
    uint32_t depth;  // frames from the root to here
};

#define PT_NODE_NONE 0u  // no Python frame

/* All blocks of one size allocated at one place.
 * freed = inherited + allocated - live. The value at the peak is `saved` when
 * `epoch` equals process.peak_epoch, else `live`. */
struct pt_pair {
    uint64_t size_bytes;
    uint32_t node;
    _Atomic uint32_t epoch;
    _Atomic int64_t live;
    _Atomic uint64_t allocated;
    _Atomic int64_t saved;
    int64_t inherited;  // live when the parent forked
    uint32_t domain;    // PT_DOMAIN_*, or that of PyTraceMalloc_Track()
    uint32_t care;      // the writer's own: see memtrace/pair.h
};

#define PT_DOMAIN_PYTHON 0u       // allocated and freed with the GIL held
#define PT_DOMAIN_RAW UINT32_MAX  // of domain 0 too, but by any thread

static_assert(sizeof(struct pt_header) <= PT_HEADER_BYTES, "one page");
static_assert(sizeof(struct pt_process) == 312, "file format");
static_assert(sizeof(struct pt_extent) == 64, "file format");
static_assert(sizeof(struct pt_source) == 32, "file format");
static_assert(sizeof(struct pt_code) == 40, "file format");
static_assert(sizeof(struct pt_term) == 12, "file format");
static_assert(sizeof(struct pt_node) == 16, "file format");
static_assert(sizeof(struct pt_arc) == 24, "file format");
static_assert(sizeof(struct pt_call) == 16, "file format");
static_assert(sizeof(struct pt_clock) == 32, "file format");
static_assert(sizeof(struct pt_pair) == 56, "file format");
static_assert(sizeof(struct pt_run) == 56, "file format");

/* What a packet holds. */
enum pt_packet_kind {
    PT_PACKET_NONE,
    PT_PACKET_EVENTS,    // of one stream of one process
    PT_PACKET_SNAPSHOT,  // a piece of a snapshot
};

/* A sealed packet: this, then packed_bytes bytes, then up to 7 of padding, as
 * packets start at multiples of 8 of the payload. It is written once; `magic`
 * is stored last, so that half a packet is none. */
struct pt_packet {
    uint32_t magic;
    uint32_t kind;      // enum pt_packet_kind
    uint32_t process;   // number of the process
    uint32_t stream;    // which of several rows of packets of one kind
    uint64_t first;     // number of the first item in its row
    uint32_t items;     // how many; a row goes on with first + items
    uint32_t note;      // the kind's own
    uint64_t start_ns;  // monotonic clock
    uint64_t end_ns;
    uint32_t raw_bytes;     // 1 to PT_PACKET_RAW_MAX
    uint32_t packed_bytes;  // LZ4; equal to raw_bytes: as it is
    uint64_t check;  // XXH64 of what is above, the seed for that of the bytes
};

/* Memory of one process at one moment, as the supervisor saw it from outside.
 * When there are too many, every other one is taken out. */
struct pt_sample {
    uint64_t time_ns;       // monotonic; 0: none yet
    uint64_t traced_bytes;  // traced_bytes + raw_bytes of the process
    uint64_t rss_bytes;     // resident, as the kernel says
    uint64_t tool_bytes;    // tool_mapped_bytes
    uint64_t reserved[4];
};

#define PT_SAMPLES_MAX 16384u  // of one process

/* A snapshot of a process is a row of packets of kind PT_PACKET_SNAPSHOT, of
 * which `stream` is its number, `first` the place of the packet's content in
 * the whole, `items` the bytes of it, and `note` 1 in the last one. The whole
 * is this head, `label_bytes` bytes of label, `columns` structures of the next
 * kind, and the figures of each column, one after the other. */
struct pt_instant_head {
    uint64_t time_ns;  // monotonic
    uint64_t traced_bytes;
    int64_t raw_bytes;
    uint64_t peak_bytes;  // up to then
    uint32_t columns;
    uint32_t label_bytes;
};

/* The 64-bit figures at `offset` of the items 0 to `items` of an array. */
struct pt_instant_column {
    uint32_t segment;
    uint32_t offset;
    uint32_t items;
    uint32_t reserved;
};

static_assert(sizeof(struct pt_packet) == 64, "file format");
static_assert(sizeof(struct pt_sample) == 64, "file format");
static_assert(sizeof(struct pt_instant_head) == 40, "file format");
static_assert(sizeof(struct pt_instant_column) == 16, "file format");

/* What `check` of an extent must be. */
static inline uint64_t
pt_extent_check(const struct pt_extent *extent)
{
    uint64_t word[5] = {
        (uint64_t)extent->magic << 32 | extent->segment,
        (uint64_t)extent->process << 32 | extent->first_item,
        extent->offset,
        extent->bytes,
        extent->payload_bytes,
    };
    uint64_t check = UINT64_C(0x9E3779B97F4A7C15);

    for (int i = 0; i < 5; i++) {
        check = (check ^ word[i]) * UINT64_C(0xC2B2AE3D27D4EB4F);
        check ^= check >> 29;
    }
    return check;
}

#endif
