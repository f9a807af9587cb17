/* SPDX-License-Identifier: MIT */
/* moments.c - when to take the account, and how the cheap kind is made.
 *
 * The exact kind goes through all mappings. In between, counters tell what
 * changed since the last exact one. Each kind has an allowance of its own, of
 * the processor time of the process and of the time on the wall, whichever is
 * less: a busy machine makes the one short, more threads the other. Exact ones
 * that are due for no reason but time leave the allowance full, for when
 * memory grows.
 */
#include "native/moments.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/base/clock.h"
#include "native/allowance.h"
#include "native/census.h"
#include "native/inner.h"
#include "native/mapsfile.h"
#include "native/tracker.h"

#define INTERVAL_NS UINT64_C(10000000)
#define KEPT 4          // exact ones that can follow each other
#define OFF_PART 100u   // of what is resident: more unexplained is too much
#define WRONG_PART 50u  // more than that is not written
#define TRIES_MAX 3
#define PAUSE_NS 100000
#define PAUSES_MAX 20000
#define INTERVALS_MAX 6000u  // until the interval doubles

PT_THREAD_LOCAL int pt_moments_left = PT_MOMENTS_STEPS;

static _Atomic uint64_t next_ns;
static atomic_int is_busy;

// Written by the thread that made is_busy 1:
static uint64_t interval_ns = INTERVAL_NS;
static uint32_t moments;
static int has_begun;
static struct pt_moment last_exact;
static struct pt_census last_census;
static uint64_t exact_cost_ns;  // of the last one
static struct pt_allowance derived_allowance, exact_allowance;
static uint64_t wall_ns, process_ns;  // when allowances were earned last

static const char *const stat_name[PT_STATS] = {
    "stats.allocated", "stats.active", "stats.metadata",
    "stats.resident",  "stats.mapped", "stats.retained"};

static void
read_stats(struct pt_moment *moment)
{
    uint64_t epoch = 1;
    size_t bytes = sizeof(epoch);
    int was_at = pt_native_at;

    pt_native_at = PT_AT_ALLOCATOR;
    // They are as of the last time that this was written.
    mallctl("epoch", &epoch, &bytes, &epoch, bytes);
    for (int i = 0; i < PT_STATS; i++) {
        size_t value = 0;

        bytes = sizeof(value);
        mallctl(stat_name[i], &value, &bytes, NULL, 0);
        moment->stat_bytes[i] = value;
    }
    pt_native_at = was_at;
}

/* What is known of a moment without looking at pages. */
static uint64_t
changed(uint64_t then, uint64_t before, uint64_t now)
{
    int64_t bytes = (int64_t)(then + now - before);

    return bytes > 0 ? (uint64_t)bytes : 0;
}

static int64_t
unexplained(const struct pt_moment *moment)
{
    uint64_t sum = 0;

    for (int i = 0; i < PT_ROWS; i++) {
        sum += moment->row_bytes[i];
    }
    return (int64_t)(moment->rss_bytes - sum);
}

/* Resident by jemalloc's reckoning is what could be: pages that were never
 * touched are not, neither of what it keeps nor of what it gave out. */
static void
keep_within(struct pt_moment *moment)
{
    int64_t rest = unexplained(moment);
    uint64_t excess, missing;

    if (rest < 0) {
        excess = pt_census_take_from(&moment->row_bytes[PT_ROW_SLACK],
                                     (uint64_t)-rest);
        missing =
            pt_census_take_from(&moment->row_bytes[PT_ROW_LIBRARY], excess);
        moment->untouched_bytes +=
            excess -
            pt_census_take_from(&moment->row_bytes[PT_ROW_PYTHON], missing);
    }
}

/* Pages of files, of which the mappings that libraries share are none. */
static uint64_t
files_of(const struct pt_census *census, uint64_t shared_bytes)
{
    uint64_t other = census->extent[PT_REGION_LIBRARY].shared_bytes;

    return shared_bytes > other ? shared_bytes - other : 0;
}

static void
estimate(struct pt_moment *moment, const struct pt_mapsfile_resident *resident)
{
    const struct pt_moment *exact = &last_exact;
    struct pt_census now = {0};
    uint64_t blocks;

    pt_census_count(&now);
    memcpy(moment->row_bytes, exact->row_bytes, sizeof(moment->row_bytes));
    moment->rss_bytes = resident->rss_bytes;
    moment->untouched_bytes = exact->untouched_bytes;
    moment->row_bytes[PT_ROW_PYTHON] = pt_census_carry_on(
        &last_census, &now, PT_REGION_PYTHON,
        changed(exact->row_bytes[PT_ROW_PYTHON], last_census.python_bytes,
                now.python_bytes));
    moment->row_bytes[PT_ROW_TOOL] =
        pt_census_carry_on(&last_census, &now, PT_REGION_TOOL,
                           changed(exact->row_bytes[PT_ROW_TOOL],
                                   last_census.own_bytes, now.own_bytes));
    moment->row_bytes[PT_ROW_LIBRARY] =
        changed(exact->row_bytes[PT_ROW_LIBRARY], last_census.library_bytes,
                now.library_bytes);
    moment->row_bytes[PT_ROW_MAPPED] =
        pt_census_carry_on(&last_census, &now, PT_REGION_LIBRARY,
                           exact->row_bytes[PT_ROW_MAPPED]);
    moment->row_bytes[PT_ROW_FILES] =
        changed(exact->row_bytes[PT_ROW_FILES],
                files_of(&last_census, last_census.shared_bytes),
                files_of(&now, resident->shared_bytes));
    // What the allocator has more of and gave to nobody.
    blocks = now.python_bytes + now.library_bytes + now.own_bytes;
    moment->row_bytes[PT_ROW_SLACK] =
        changed(exact->row_bytes[PT_ROW_SLACK],
                exact->stat_bytes[PT_STAT_RESIDENT] -
                    (last_census.python_bytes + last_census.library_bytes +
                     last_census.own_bytes),
                moment->stat_bytes[PT_STAT_RESIDENT] - blocks);
    moment->usable_bytes = now.usable_bytes;
    keep_within(moment);
}

static uint64_t
time_of(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void
earn(uint64_t now_ns)
{
    uint64_t used_ns = time_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t elapsed_ns = now_ns - wall_ns;

    if (used_ns - process_ns < elapsed_ns) {
        elapsed_ns = used_ns - process_ns;
    }
    pt_allowance_earn(&derived_allowance, elapsed_ns);
    pt_allowance_earn(&exact_allowance, elapsed_ns);
    wall_ns = now_ns;
    process_ns = used_ns;
}

static void
append(const struct pt_moment *moment)
{
    struct pt_timeline *timeline = pt_tracker.door->timeline;
    uint32_t id = pt_timeline_append(timeline, PT_SEGMENT_MOMENT, 1);

    if (id != 0) {
        memcpy(pt_array_at(&timeline->array[PT_SEGMENT_MOMENT], id), moment,
               sizeof(*moment));
    }
}

/* What an exact one will take: it goes by pages that are in memory. */
static uint64_t
expected_ns(uint64_t rss_bytes)
{
    uint64_t before_bytes = last_exact.rss_bytes;

    return rss_bytes <= before_bytes || before_bytes == 0
               ? exact_cost_ns
               : (uint64_t)((double)exact_cost_ns * (double)rss_bytes /
                            (double)before_bytes);
}

static int
may_take(uint64_t exact_ns)
{
    return pt_allowance_wait(&exact_allowance, exact_ns) == 0;
}

/* May pages explain what counters do not? Blocks that had just been taken when
 * pages were counted have been written to since, threads have stacks. */
static int
leaves_more_than(const struct pt_moment *moment, uint64_t part)
{
    int64_t rest = unexplained(moment);

    return (uint64_t)(rest < 0 ? -rest : rest) > moment->rss_bytes / part;
}

/* Other threads go on while pages are counted; what does not add up then is
 * counted again. */
static void
take_exact(struct pt_moment *moment,
           const struct pt_mapsfile_resident *resident)
{
    struct pt_moment counted;
    int code = PT_OK;

    for (int i = 0; i < TRIES_MAX && code == PT_OK; i++) {
        counted = *moment;
        counted.rss_bytes = 0;
        memset(counted.row_bytes, 0, sizeof(counted.row_bytes));
        code = pt_census_take(&last_census, &counted);
        if (code == PT_OK && !leaves_more_than(&counted, OFF_PART)) {
            break;
        }
    }
    if (code == PT_OK) {
        counted.flags |= PT_MOMENT_EXACT;
        last_census.shared_bytes = resident->shared_bytes;
        last_exact = *moment = counted;
        // What was read on the way seems to be in memory from now on.
        pt_census_look(&last_census);
    }
}

/* The account by pages, if it is wanted or there is a reason and time for it.
 * What that took, or 0. */
static uint64_t
fill_in(struct pt_moment *moment, int is_wanted)
{
    struct pt_mapsfile_resident resident = pt_mapsfile_resident();
    uint64_t cost_ns = expected_ns(resident.rss_bytes), begun_ns;

    exact_allowance.most_ns = (int64_t)cost_ns * KEPT;
    // An eighth more than was explained by pages: that may be the peak.
    is_wanted |= may_take(cost_ns * KEPT) ||
                 (may_take(cost_ns) &&
                  resident.rss_bytes > last_exact.rss_bytes / 8 * 9);
    if (!is_wanted) {
        estimate(moment, &resident);
        is_wanted = may_take(cost_ns) && leaves_more_than(moment, OFF_PART);
    }
    if (!is_wanted) {
        return 0;
    }
    begun_ns = time_of(CLOCK_THREAD_CPUTIME_ID);
    take_exact(moment, &resident);
    if (!(moment->flags & PT_MOMENT_EXACT)) {
        estimate(moment, &resident);
    }
    return time_of(CLOCK_THREAD_CPUTIME_ID) - begun_ns;
}

/* Those that are to be had at any price are free, and one more at first. */
static void
pay(const struct pt_moment *moment, uint64_t exact_ns, int is_free)
{
    if (exact_ns != 0) {
        exact_cost_ns = exact_ns;
    }
    if (!is_free) {
        pt_allowance_spend(&exact_allowance, exact_ns);
        pt_allowance_spend(&derived_allowance, moment->cost_ns - exact_ns);
    }
}

static void
take(struct pt_moment *moment)
{
    uint64_t begun_ns = time_of(CLOCK_THREAD_CPUTIME_ID), exact_ns;
    int is_first = !has_begun;
    int is_wanted = is_first || (moment->flags & PT_MOMENT_EXACT) != 0;
    struct rusage usage;

    moment->flags &= ~(uint32_t)PT_MOMENT_EXACT;
    read_stats(moment);
    getrusage(RUSAGE_SELF, &usage);
    moment->highest_bytes = (uint64_t)usage.ru_maxrss * 1024;
    exact_ns = fill_in(moment, is_wanted);
    moment->cost_ns = time_of(CLOCK_THREAD_CPUTIME_ID) - begun_ns;
    pay(moment, exact_ns, is_wanted);
    if (is_first) {
        has_begun = 1;
        exact_allowance.left_ns = (int64_t)exact_ns;
    }
    // What counters do not explain is no account; soon pages may be counted.
    if (moment->flags != 0 || !leaves_more_than(moment, WRONG_PART)) {
        append(moment);
    }
    if (++moments % INTERVALS_MAX == 0) {
        interval_ns *= 2;
    }
}

/* Is another thread at it? The last moment waits for it, though not for ever:
 * it may have ended there with a child that shared our memory. */
static int
is_another_busy(uint32_t flags)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    for (int i = 0; atomic_exchange(&is_busy, 1) != 0; i++) {
        if (!(flags & PT_MOMENT_END) || i >= PAUSES_MAX) {
            return 1;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

/* The time of the next moment is made out, and if it has come that is taken.
 */
static void
take_if_allowed(struct pt_moment *moment)
{
    uint64_t pause_ns;

    moment->at_ns = pt_clock_ns();
    earn(moment->at_ns);
    if (moment->flags != 0 || pt_allowance_wait(&derived_allowance, 0) == 0) {
        take(moment);
    }
    pause_ns = pt_allowance_wait(&derived_allowance, 0);
    atomic_store(&next_ns,
                 moment->at_ns +
                     (pause_ns > interval_ns ? pause_ns : interval_ns));
}

uint64_t
pt_moments_write(uint32_t flags)
{
    struct pt_moment moment = {.flags = flags};
    int saved_errno = errno, cancel_state;

    // A signal handler may have come from within the allocator, or from here.
    if (pt_native_at != PT_AT_PROGRAM) {
        return 0;
    }
    // Nobody expects malloc() to be where a thread can be cancelled.
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    pt_native_at = PT_AT_TRACKER;
    if (!is_another_busy(flags)) {
        take_if_allowed(&moment);
        atomic_store(&is_busy, 0);
    }
    pt_native_at = PT_AT_PROGRAM;
    pthread_setcancelstate(cancel_state, NULL);
    errno = saved_errno;
    return moment.row_bytes[PT_ROW_TOOL];
}

void
pt_moments_after_fork_child(void)
{
    // Those that were copied are its parent's.
    atomic_store(pt_tracker.door->timeline->array[PT_SEGMENT_MOMENT].items, 1);
    atomic_store(&is_busy, 0);
    atomic_store(&next_ns, 0);
    has_begun = 0;
    last_exact = (struct pt_moment){0};
    derived_allowance = (struct pt_allowance){0};
    wall_ns = pt_clock_ns();
    process_ns = 0;
}

PT_COLD void
pt_moments_look_slow(void)
{
    pt_moments_left = PT_MOMENTS_STEPS;
    if (pt_clock_ns() >=
        atomic_load_explicit(&next_ns, memory_order_relaxed)) {
        (void)pt_moments_write(0);
    }
}
