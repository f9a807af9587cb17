/* SPDX-License-Identifier: MIT */
/* support.h - what the unit tests share: cmocka, scratch files, children.
 *
 * In a child process cmocka's assertions would run the rest of the suite a
 * second time; there `child_check` ends the child, and the parent asserts
 * that it ended well.
 */
#ifndef PT_TESTS_UNIT_SUPPORT_H
#define PT_TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/timeline/reader.h"
#include "core/timeline/timeline.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#define child_check(condition)                                         \
  do {                                                                 \
    if (!(condition)) {                                                \
      fprintf(stderr, "%s:%d: in the child: %s\n", __FILE__, __LINE__, \
              #condition);                                             \
      _exit(1);                                                        \
    }                                                                  \
  } while (0)

/* Wait for a child; its exit status, or -1 when a signal killed it. */
static inline int
end_of(pid_t child)
{
    int status = 0;

    if (waitpid(child, &status, 0) != child) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Run `body` in a forked child and return its exit status. */
static inline int
run_in_child(void (*body)(void))
{
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    return end_of(child);
}

/* The child's files can grow to `bytes`; what is beyond is EFBIG. */
static inline void
limit_file_size(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    signal(SIGXFSZ, SIG_IGN);
    child_check(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static inline int
empty_file(void)
{
    return memfd_create("pytrace-test", MFD_CLOEXEC);
}

static inline uint64_t
file_bytes(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* An anonymous file with a recording's header; -1 on failure. */
static inline int
new_recording(uint32_t wanted)
{
    struct pt_header values = {.wanted = wanted};
    int fd = empty_file();

    if (fd >= 0 && pt_timeline_create(fd, &values, NULL) != PT_OK) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Leave a recording that was attached to, and close its file. */
static inline void
release_recording(struct pt_timeline *timeline)
{
    int fd = timeline->fd;

    pt_timeline_release(timeline);
    close(fd);
}

/* The teardown of tests whose setup put their timeline into *state. */
static inline int
release_state(void **state)
{
    release_recording(*state);
    return 0;
}

static inline struct pt_reader *
open_reader(int fd)
{
    struct pt_reader *reader = NULL;
    struct pt_err err;

    if (pt_reader_open(&reader, fd, "test", &err) != PT_OK) {
        fprintf(stderr, "%s\n", err.message);
    }
    return reader;
}

static inline void *
item_of(struct pt_timeline *timeline, enum pt_segment segment, uint32_t index)
{
    return pt_array_at(&timeline->array[segment], index);
}

/* Items one chunk of a segment holds: 2 to 16 in the hostile build. */
static inline uint32_t
chunk_items(const struct pt_timeline *timeline, enum pt_segment segment)
{
    return UINT32_C(1) << timeline->array[segment].chunk_shift;
}

static inline uint64_t *
append_counter(struct pt_timeline *timeline)
{
    uint32_t index = pt_timeline_append(timeline, PT_SEGMENT_COUNTER, 1);

    return index != 0 ? item_of(timeline, PT_SEGMENT_COUNTER, index) : NULL;
}

/* Line hits of one process, as the reader sees them. */
static inline uint64_t
hits_of(const struct pt_reader *reader, uint32_t process)
{
    uint32_t items = pt_reader_items(reader, process, PT_SEGMENT_COUNTER);
    uint64_t sum = 0;

    for (uint32_t i = 1; i < items; i++) {
        const uint64_t *counter =
            pt_reader_item(reader, process, PT_SEGMENT_COUNTER, i);

        sum += counter != NULL ? *counter & PT_COUNTER_HITS : 0;
    }
    return sum;
}

static inline uint32_t
trouble_of(const struct pt_reader *reader, uint32_t process)
{
    const struct pt_process *record = pt_reader_process(reader, process);

    return record != NULL ? atomic_load(&record->trouble) : 0;
}

/* Fork as pthread_atfork would make it: 0 in the child, which has moved. */
static inline pid_t
fork_timeline(struct pt_timeline *timeline)
{
    pid_t child;

    fflush(NULL);
    pt_timeline_before_fork(timeline);
    child = fork();
    if (child != 0) {
        pt_timeline_after_fork_parent(timeline);
    }
    else {
        child_check(pt_timeline_after_fork_child(timeline) == PT_OK);
    }
    return child;
}

#endif
