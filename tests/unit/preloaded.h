/* SPDX-License-Identifier: MIT */
/* preloaded.h - a test that runs itself with the preloaded library.
 *
 * It is started once more, with the library preloaded and a recording to join.
 * In there it is taken for an interpreter, as it has a function of one, but
 * there is no Python: contexts are those of a function of the test, if any.
 */
#ifndef PT_TESTS_UNIT_PRELOADED_H
#define PT_TESTS_UNIT_PRELOADED_H

#include "tests/unit/support.h"

#include <dlfcn.h>
#include <fcntl.h>

#include "core/timeline/door.h"
#include "core/timeline/handover.h"

/* By this the library knows an interpreter. */
__attribute__((visibility("default"))) int Py_IsInitialized(void);

int
Py_IsInitialized(void)
{
    return 0;
}

typedef int (*mallctl_func)(const char *, void *, size_t *, void *, size_t);

static struct pt_door *door;
static mallctl_func ask_allocator;

static inline uint64_t
figure(const char *name)
{
    uint64_t value = 1;
    size_t bytes = sizeof(value);

    assert_int_equal(ask_allocator(name, &value, &bytes, NULL, 0), 0);
    return value;
}

struct sums {
    uint64_t usable;
    uint64_t asked;
    uint64_t live;
    uint64_t allocated;
};

/* Over all pairs of one kind, or of all for PT_NATIVE_KINDS. */
static inline struct sums
sum_up(unsigned kind)
{
    struct pt_array *pairs = &door->timeline->array[PT_SEGMENT_NATIVE];
    struct sums sums = {0};

    for (uint32_t id = 2; id < atomic_load(pairs->items); id++) {
        const struct pt_native_pair *pair = pt_array_at(pairs, id);
        uint64_t live = pair->inherited + atomic_load(&pair->allocated) -
                        atomic_load(&pair->freed);

        if (pair->kind == kind ||
            (kind == PT_NATIVE_KINDS && pair->kind != PT_NATIVE_MAP)) {
            sums.usable += live * pair->usable_bytes;
            sums.asked += live * pair->size_bytes;
            sums.live += live;
            sums.allocated += atomic_load(&pair->allocated);
        }
    }
    return sums;
}

/* Is it so? Else the library is not loaded yet, or not at work. */
static inline int
is_preloaded(void)
{
    door = dlsym(RTLD_DEFAULT, PT_DOOR_SYMBOL);
    ask_allocator = (mallctl_func)dlsym(RTLD_DEFAULT, "mallctl");
    return door != NULL && door->timeline != NULL && ask_allocator != NULL;
}

/* Run this program once more, as the supervisor would run an interpreter. */
static inline int
run_preloaded(char **argv)
{
    int fd = new_recording(PT_WANT_MEM | PT_WANT_NATIVE);
    char number[16];

    if (getenv(PT_ENV_PRELOAD) != NULL) {
        fprintf(stderr, "the library records nothing\n");
        return 1;
    }
    if (fd < 0 || fcntl(fd, F_SETFD, 0) != 0) {
        return 1;
    }
    snprintf(number, sizeof(number), "%d", fd);
    setenv(PT_ENV_RECORDING, number, 1);
    setenv(PT_ENV_PRELOAD, "", 1);
    setenv("LD_PRELOAD", PT_PRELOADED, 1);
    execv("/proc/self/exe", argv);
    return 1;
}

#endif
