/* SPDX-License-Identifier: MIT */
/* moments.c - when to take the account, and how the cheap kind is made.
 *
 * The exact kind goes through all mappings. In between, counters tell what
 * changed since the last exact one. Each kind has a share of the time that is
 * the process's own. At any price come the first and the last, one a second,
 * and one when there is half as much again in memory as ever before: of those
 * there cannot be many.
 */
#include "native/moments.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/base/clock.h"
#include "native/census.h"
#include "native/inner.h"
#include "native/mapsfile.h"
#include "native/owntime.h"
#include "native/tracker.h"

#define INTERVAL_NS UINT64_C(10000000)
#define AGE_MAX_NS UINT64_C(1000000000)
#define PACE_MAX 8u
// One part in so many of the own time; for exact ones with a reason also of
// the time on the wall, without one as a check.
#define DERIVED_SHARE 500u
#define EXACT_SHARE 700u
#define EXACT_WALL_SHARE 2000u
#define CHECK_SHARE 3000u
#define OFF_PART 100u   // of what is resident: more is better counted
#define WRONG_PART 50u  // more unexplained is not written
#define TRIES_MAX 3
#define INTERVALS_MAX 6000u  // until the interval doubles

PT_THREAD_LOCAL int pt_moments_left = PT_MOMENTS_STEPS;

static _Atomic uint64_t next_ns;
static atomic_int is_busy;

// Written by the thread that made is_busy 1:
static uint64_t interval_ns = INTERVAL_NS;
static uint32_t moments;
static struct pt_owntime own;
static uint64_t due_ns;              // of own time, for the next one
static uint64_t exact_ns;            // of own time, when one was exact
static uint64_t last_wall_ns;        // when one was taken
static uint64_t last_highest_bytes;  // resident until then
static struct pt_moment last_exact;
static struct pt_census last_census;

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

/* Of what a row has more than when pages were counted. */
static uint64_t
take_from_more(struct pt_moment *moment, enum pt_moment_row id, uint64_t bytes)
{
    uint64_t *row = &moment->row_bytes[id];
    uint64_t before = last_exact.row_bytes[id];
    uint64_t more = *row > before ? *row - before : 0;
    uint64_t left = pt_census_take_from(&more, bytes);

    *row -= bytes - left;
    return left;
}

/* Resident by jemalloc's reckoning is what could be: pages that were never
 * touched are not, neither of what it keeps nor of what it gave out, and of
 * that rather what came since than what was there; and what it gave out may
 * have been touched since. How many bytes of blocks that is said of comes
 * back: nothing but the sum speaks for it. */
static uint64_t
keep_within(struct pt_moment *moment)
{
    uint64_t *row = moment->row_bytes;
    int64_t rest = unexplained(moment);
    uint64_t excess, left, guessed;

    if (rest >= 0) {
        guessed =
            (uint64_t)rest -
            pt_census_take_from(&moment->untouched_bytes, (uint64_t)rest);
        row[PT_ROW_LIBRARY] += guessed;
        return guessed;
    }
    excess = take_from_more(moment, PT_ROW_SLACK, (uint64_t)-rest);
    left = take_from_more(moment, PT_ROW_LIBRARY, excess);
    guessed = excess - left;
    excess = pt_census_take_from(&row[PT_ROW_SLACK], left);
    left = pt_census_take_from(&row[PT_ROW_LIBRARY], excess);
    guessed += excess - pt_census_take_from(&row[PT_ROW_PYTHON], left);
    moment->untouched_bytes += guessed;
    return guessed;
}

/* Pages of files, of which the mappings that libraries share are none. */
static uint64_t
files_of(const struct pt_census *census, uint64_t shared_bytes)
{
    uint64_t other = census->extent[PT_REGION_LIBRARY].shared_bytes;

    return shared_bytes > other ? shared_bytes - other : 0;
}

/* What counters tell. How much of it is a guess comes back. */
static uint64_t
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
    return keep_within(moment);
}

/* Not by the clock on the wall: on a busy machine others are at work in
 * between, which is no reason to look less often. */
static uint64_t
thread_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
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

/* Has enough time passed for another exact one to be so much of it at most? */
static int
is_due(uint32_t share)
{
    return own.ns >= exact_ns + last_exact.cost_ns * share;
}

static uint64_t
rest_of(const struct pt_moment *moment)
{
    int64_t rest = unexplained(moment);

    return (uint64_t)(rest < 0 ? -rest : rest);
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
        if (code == PT_OK &&
            rest_of(&counted) <= counted.rss_bytes / OFF_PART) {
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

static int
has_grown(const struct pt_moment *moment, uint64_t before_bytes)
{
    return moment->highest_bytes > before_bytes + before_bytes / 2;
}

/* Should pages be counted, as counters leave much open or would leave a higher
 * peak than ever without an account? */
static int
is_reason(const struct pt_moment *moment, uint64_t guessed_bytes)
{
    uint64_t rest = rest_of(moment);

    if (guessed_bytes + rest <= moment->rss_bytes / OFF_PART) {
        return 0;
    }
    return is_due(EXACT_SHARE) ||
           moment->at_ns >=
               last_exact.at_ns + last_exact.cost_ns * EXACT_WALL_SHARE ||
           (rest > moment->rss_bytes / WRONG_PART &&
            has_grown(moment, last_exact.highest_bytes));
}

static void
fill_in(struct pt_moment *moment)
{
    struct pt_mapsfile_resident resident = pt_mapsfile_resident();
    int is_exact = (moment->flags & PT_MOMENT_EXACT) != 0 ||
                   is_due(CHECK_SHARE);

    moment->flags &= ~(uint32_t)PT_MOMENT_EXACT;
    read_stats(moment);
    if (!is_exact) {
        is_exact = is_reason(moment, estimate(moment, &resident));
    }
    if (is_exact) {
        take_exact(moment, &resident);
    }
    if (is_exact && !(moment->flags & PT_MOMENT_EXACT)) {
        (void)estimate(moment, &resident);
    }
}

static void
take(struct pt_moment *moment)
{
    uint64_t begun_ns = thread_ns();

    fill_in(moment);
    moment->cost_ns = thread_ns() - begun_ns;
    last_wall_ns = moment->at_ns;
    last_highest_bytes = moment->highest_bytes;
    due_ns = own.ns;
    if (moment->flags & PT_MOMENT_EXACT) {
        last_exact.cost_ns = moment->cost_ns;
        exact_ns = own.ns;
    }
    else {
        due_ns += moment->cost_ns * DERIVED_SHARE;
    }
    // What counters do not explain is no account; soon pages may be counted.
    if (moment->flags != 0 ||
        rest_of(moment) <= moment->rss_bytes / WRONG_PART) {
        append(moment);
    }
    if (++moments % INTERVALS_MAX == 0) {
        interval_ns *= 2;
    }
}

static int
is_wanted(const struct pt_moment *moment)
{
    return moment->flags != 0 || own.ns >= due_ns ||
           moment->at_ns >= last_wall_ns + AGE_MAX_NS ||
           has_grown(moment, last_highest_bytes);
}

/* How long own time takes on the clock: on a busy machine it takes longer. */
static uint64_t
pace(uint64_t wall_ns, uint64_t own_ns)
{
    uint64_t times = own_ns == 0 ? 1 : wall_ns / own_ns;

    return times < 1 ? 1 : times > PACE_MAX ? PACE_MAX : times;
}

/* Write it down if it is wanted. */
static void
look(struct pt_moment *moment)
{
    uint64_t before_ns = own.wall_ns, own_ns;
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    moment->at_ns = pt_clock_ns();
    moment->highest_bytes = (uint64_t)usage.ru_maxrss * 1024;
    own_ns = pt_owntime_look(&own, moment->at_ns, &usage);
    if (is_wanted(moment)) {
        take(moment);
    }
    atomic_store(&next_ns,
                 moment->at_ns +
                     interval_ns * pace(moment->at_ns - before_ns, own_ns));
}

uint64_t
pt_moments_write(uint32_t flags)
{
    struct pt_moment moment = {.flags = flags};
    int saved_errno = errno, cancel_state;

    // A signal handler may have come from within the allocator, or from here.
    if (pt_native_at != PT_AT_PROGRAM || atomic_exchange(&is_busy, 1) != 0) {
        return 0;
    }
    // Nobody expects malloc() to be where a thread can be cancelled.
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    pt_native_at = PT_AT_TRACKER;
    look(&moment);
    atomic_store(&is_busy, 0);
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
    last_exact = (struct pt_moment){0};
    own = (struct pt_owntime){0};
    due_ns = exact_ns = last_wall_ns = last_highest_bytes = 0;
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
