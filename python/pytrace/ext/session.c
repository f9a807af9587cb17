/* SPDX-License-Identifier: MIT */
/* session.c - starting and finishing a run inside the traced process. */
#include "python/pytrace/ext/session.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/rawmem.h"
#include "core/py/catalog.h"
#include "core/py/codeinfo.h"
#include "core/py/guard.h"
#include "core/py/raise.h"
#include "linetrace/filter.h"
#include "linetrace/linetrace.h"
#include "memtrace/doorway.h"
#include "memtrace/memtrace.h"
#include "memtrace/sampler.h"
#include "python/pytrace/ext/landmarks.h"
#include "python/pytrace/ext/printing.h"
#include "python/pytrace/ext/program_lines.h"
#include "python/pytrace/ext/tracer_program.h"

static struct pt_timeline own_timeline;
static struct pt_timeline *timeline = &own_timeline;
static struct pt_door *door;  // of the native tier; NULL without it
static struct pt_catalog catalog;
static int started;

static void
before_fork(void)
{
    if (started) {
        pt_printing_before_fork();
        if (door != NULL) {
            door->before_fork();
        }
        pt_catalog_before_fork(&catalog);
        pt_memtrace_before_fork(&catalog);
        pt_timeline_before_fork(timeline);
    }
}

static void
after_fork_parent(void)
{
    if (started) {
        pt_timeline_after_fork_parent(timeline);
        pt_landmarks_after_fork_parent();
        pt_memtrace_after_fork_parent(&catalog);
        pt_catalog_after_fork(&catalog);
        if (door != NULL) {
            door->after_fork_parent();
        }
    }
}

static void
after_fork_child(void)
{
    if (!started) {
        return;
    }
    // What a child without extents of its own would write would be added to
    // its parent's figures; if even that cannot be helped, they say so.
    if (pt_timeline_after_fork_child(timeline) != PT_OK &&
        pt_timeline_isolate(timeline) != PT_OK) {
        pt_timeline_trouble(timeline, PT_TROUBLE_MEMORY);
    }
    pt_landmarks_after_fork_child();
    pt_printing_after_fork_child();
    pt_linetrace_after_fork_child();
    pt_memtrace_after_fork_child(&catalog);
    pt_catalog_after_fork(&catalog);
    if (door != NULL) {
        door->after_fork_child();
    }
}

/* File sys.<name>, a str, or a list of them joined with newlines. */
static uint32_t
file_sys_text(const char *name)
{
    static char text[65536];
    PyObject *value = PySys_GetObject(name);
    size_t used = 0;

    if (value == NULL || !PyList_Check(value)) {
        used = pt_code_text(value, text, sizeof(text));
        return pt_timeline_text(timeline, text, used);
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value); i++) {
        if (used != 0 && used < sizeof(text)) {
            text[used++] = '\n';
        }
        used += pt_code_text(PyList_GET_ITEM(value, i), text + used,
                             sizeof(text) - used);
    }
    return pt_timeline_text(timeline, text, used);
}

/* sysconfig's "stdlib" and "platstdlib": a directory below sys.<root>. */
static void
find_library(const char *root, char path[PATH_MAX])
{
    size_t used = pt_code_text(PySys_GetObject(root), path, PATH_MAX - 1);
    char name[64];
    size_t bytes =
        pt_code_text(PySys_GetObject("platlibdir"), name, sizeof(name) - 1);

    name[bytes] = '\0';
    snprintf(path + used, PATH_MAX - used, "/%s/%s", name, PT_LIBRARY_NAME);
}

static void
start_filter(void)
{
    char prefix[PATH_MAX], exec_prefix[PATH_MAX];
    struct pt_filter_libraries libraries = {prefix, exec_prefix};

    find_library("base_prefix", prefix);
    find_library("exec_prefix", exec_prefix);
    pt_filter_take_scope(timeline->header->scope,
                         sizeof(timeline->header->scope), &libraries);
}

static int
start_memory(uint32_t wanted)
{
    if (!(wanted & PT_WANT_MEM)) {
        return 0;
    }
    return wanted & PT_WANT_SAMPLE ? pt_sampler_start(&catalog)
                                   : pt_memtrace_start(&catalog);
}

static int
start_engines(uint32_t wanted)
{
    int code = 0;

    start_filter();
    if (start_memory(wanted) < 0) {
        return -1;
    }
    // After it and inside the guard: what this leaves on the free lists will
    // be the program's when it takes it.
    pt_guard_enter();
    if (pt_landmarks_watch(wanted) < 0 ||
        (wanted & PT_WANT_LINES &&
         pt_linetrace_start(&catalog, timeline->header->engine) < 0)) {
        code = -1;
    }
    pt_guard_leave();
    if (code < 0) {
        pt_memtrace_stop(&catalog);
        return -1;
    }
    if (door != NULL) {
        pt_doorway_open(door);
    }
    return 0;
}

/* The timeline of the native tier, which joined the recording long ago, or one
 * of our own. */
static int
join(int fd, struct pt_err *err)
{
    door = pt_doorway_find();
    if (door != NULL) {
        timeline = door->timeline;
        return PT_OK;
    }
    return pt_timeline_attach(timeline, fd, err);
}

/* Was the library preloaded, if it should be? The supervisor looked for all
 * reasons why it may not that can be seen from outside. 0, or -1 with an
 * exception. */
static int
check_native(void)
{
    struct pt_header *header = timeline->header;

    if ((header->wanted & PT_WANT_NATIVE) == 0 || door != NULL) {
        return 0;
    }
    if (header->wanted & PT_WANT_MAYBE) {
        header->wanted &= ~(uint32_t)PT_WANT_NATIVE;
        fputs("pytrace: native memory is not followed: the loader did not "
              "preload its library\n",
              stderr);
        return 0;
    }
    pt_timeline_release(timeline);
    PyErr_SetString(PyExc_RuntimeError,
                    "the loader did not preload the library that follows "
                    "native memory; leave out --native");
    return -1;
}

static void
leave(void)
{
    if (door == NULL) {
        pt_timeline_release(timeline);
    }
}

/* All that is done in the traced process when a snapshot is asked for: the
 * supervisor takes it. */
static void
request_snapshot(int number)
{
    (void)number;
    atomic_fetch_add(&timeline->header->snapshot_requests, 1);
}

static void
listen_for_snapshots(void)
{
    struct sigaction action = {.sa_handler = request_snapshot,
                               .sa_flags = SA_RESTART};
    uint32_t number = timeline->header->snapshot_signal;

    if (number != 0) {
        sigemptyset(&action.sa_mask);
        sigaction((int)number, &action, NULL);
    }
}

/* If the program put a handler of its own in the place of ours, it wins. */
static void
check_snapshot_signal(void)
{
    struct sigaction now;
    uint32_t number = timeline->header->snapshot_signal;

    if (number != 0 && sigaction((int)number, NULL, &now) == 0 &&
        now.sa_handler != request_snapshot) {
        pt_timeline_trouble(timeline, PT_TROUBLE_SIGNAL);
    }
}

/* Begin to print what runs, if that was asked for. */
static int
start_printing(uint32_t wanted, int spools_fd)
{
    const struct pt_spool_look *look;
    int result;

    pt_guard_enter();
    result = pt_printing_open(spools_fd);
    pt_guard_leave();
    look = pt_printing_look();
    if (result < 0 || look == NULL) {
        return result;
    }
    if (wanted & PT_WANT_ALL) {
        pt_filter_take_all();
    }
    if (look->lines) {
        pt_guard_enter();
        result = pt_program_lines_start(look, (wanted & PT_WANT_LINES) != 0);
        pt_guard_leave();
    }
    else if (wanted & PT_WANT_TREE) {
        result = pt_tracer_program_start(wanted);
    }
    return result;
}

int
pt_session_start(int fd, int spools_fd)
{
    struct pt_err err = {0};
    struct pt_process *process;

    if (started) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: this process is being recorded already");
        return -1;
    }
    if (join(fd, &err) != PT_OK) {
        pt_raise(&err);
        return -1;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (check_native() < 0) {
        return -1;
    }
    if (pt_catalog_init(&catalog, timeline) != PT_OK) {
        leave();
        PyErr_NoMemory();
        return -1;
    }
    process = timeline->process;
    pt_rawmem_publish(&process->tool_mapped_bytes);
    process->python_version = PT_RUNNING_VERSION;
    process->executable = file_sys_text("executable");
    process->version_text = file_sys_text("version");
    process->search_path = file_sys_text("path");
    pthread_atfork(before_fork, after_fork_parent, after_fork_child);
    started = 1;
    if (pt_landmarks_start(timeline) < 0 ||
        start_engines(timeline->header->wanted) < 0) {
        return -1;
    }
    if (start_printing(timeline->header->wanted, spools_fd) < 0) {
        return -1;
    }
    listen_for_snapshots();
    process->state = PT_PROCESS_RUNNING;
    return 0;
}

struct pt_timeline *
pt_session_timeline(void)
{
    return started ? timeline : NULL;
}

void
pt_session_finish(void)
{
    struct pt_process *process = timeline->process;
    uint64_t tool_bytes = 0;

    if (!started || process->state == PT_PROCESS_FINISHED) {
        return;
    }
    if (door != NULL) {
        pt_doorway_close();
        tool_bytes = door->finish();
    }
    pt_tracer_program_stop();
    pt_program_lines_stop();
    pt_printing_close();
    pt_memtrace_stop(&catalog);
    process->search_path = file_sys_text("path");
    process->tool_bytes = tool_bytes != 0
                              ? tool_bytes
                              : pt_memtrace_resident_bytes() +
                                    pt_timeline_mapped_bytes(timeline);
    pt_landmarks_stop();
    check_snapshot_signal();
    process->end_ns = pt_clock_ns();
    process->state = PT_PROCESS_FINISHED;
}

void
pt_session_miss_subinterpreter(void)
{
    if (started && timeline->header->wanted & PT_WANT_COUNT) {
        pt_timeline_trouble(timeline, PT_TROUBLE_SUBINTERPRETER);
    }
}
