/* SPDX-License-Identifier: MIT */
/* test_lock.c - one thread at a time, and never twice. */
#include "tests/unit/support.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "core/base/lock.h"

#define THREADS 4
#define ROUNDS 20000

static struct pt_lock lock;
static uint64_t guarded;  // by the lock alone

static void
who_has_it_is_refused(void **state)
{
    (void)state;
    assert_true(pt_lock_enter(&lock));
    assert_false(pt_lock_enter(&lock));
    assert_false(pt_lock_enter(&lock));
    pt_lock_leave(&lock);
    assert_true(pt_lock_enter(&lock));
    pt_lock_leave(&lock);
}

static void *
count(void *refused)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (pt_lock_enter(&lock)) {
            guarded++;
            pt_lock_leave(&lock);
        }
        else {
            ++*(int *)refused;
        }
    }
    return NULL;
}

static void
threads_keep_each_other_out(void **state)
{
    pthread_t thread[THREADS];
    int refused[THREADS] = {0};

    (void)state;
    guarded = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, count, &refused[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(refused[i], 0);
    }
    assert_int_equal(guarded, THREADS * ROUNDS);
    assert_int_equal(lock.waiters, 0);
}

static atomic_int has_entered;

static void *
enter_once(void *left_alone)
{
    errno = E2BIG;
    if (pt_lock_enter(&lock)) {
        atomic_store(&has_entered, 1);
        pt_lock_leave(&lock);
    }
    *(int *)left_alone = errno == E2BIG;
    return NULL;
}

static void
who_comes_later_waits(void **state)
{
    int left_alone[THREADS] = {0};
    pthread_t thread[THREADS];

    (void)state;
    atomic_store(&has_entered, 0);
    assert_true(pt_lock_enter(&lock));
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, enter_once, &left_alone[i]);
    }
    while (atomic_load(&lock.waiters) != THREADS) {
        sched_yield();
    }
    assert_int_equal(has_entered, 0);
    errno = E2BIG;
    pt_lock_leave(&lock);
    assert_int_equal(errno, E2BIG);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        assert_true(left_alone[i]);
    }
    assert_int_equal(has_entered, 1);
    assert_int_equal(lock.waiters, 0);
}

/* Counts where it may, wherever it comes. */
static void
count_in_handler(int number)
{
    (void)number;
    if (pt_lock_enter(&lock)) {
        guarded++;
        pt_lock_leave(&lock);
    }
}

static atomic_int is_over;

static void *
count_under_signals(void *refused)
{
    count(refused);
    atomic_store(&is_over, 1);
    return NULL;
}

static void
a_handler_never_waits_for_its_own_thread(void **state)
{
    struct sigaction action = {.sa_handler = count_in_handler}, earlier;
    pthread_t thread;
    int refused = 0;
    uint64_t before;

    (void)state;
    sigaction(SIGUSR1, &action, &earlier);
    guarded = 0;
    assert_true(pt_lock_enter(&lock));
    before = guarded;
    raise(SIGUSR1);
    assert_int_equal(guarded, before);
    pt_lock_leave(&lock);
    raise(SIGUSR1);
    assert_int_equal(guarded, before + 1);

    atomic_store(&is_over, 0);
    pthread_create(&thread, NULL, count_under_signals, &refused);
    while (!atomic_load(&is_over)) {
        pthread_kill(thread, SIGUSR1);
        sched_yield();
    }
    pthread_join(thread, NULL);
    assert_int_equal(refused, 0);
    assert_true(guarded > ROUNDS);
    sigaction(SIGUSR1, &earlier, NULL);
}

static void
a_child_goes_on_alone(void **state)
{
    int left_alone = 0;
    pthread_t thread;
    pid_t child;

    (void)state;
    pt_lock_before_fork(&lock);
    pthread_create(&thread, NULL, enter_once, &left_alone);
    while (atomic_load(&lock.waiters) != 1) {
        sched_yield();
    }
    child = fork();
    if (child == 0) {
        child_check(!pt_lock_enter(&lock));
        pt_lock_after_fork_child(&lock);
        child_check(lock.waiters == 0);
        child_check(pt_lock_enter(&lock));
        pt_lock_leave(&lock);
        _exit(0);
    }
    pt_lock_after_fork_parent(&lock);
    pthread_join(thread, NULL);
    assert_int_equal(end_of(child), 0);
}

static void
a_handler_that_forks_leaves_it_taken(void **state)
{
    pid_t child;

    (void)state;
    assert_true(pt_lock_enter(&lock));
    pt_lock_before_fork(&lock);
    child = fork();
    if (child == 0) {
        pt_lock_after_fork_child(&lock);
        child_check(!pt_lock_enter(&lock));
        _exit(0);
    }
    pt_lock_after_fork_parent(&lock);
    assert_false(pt_lock_enter(&lock));
    pt_lock_leave(&lock);
    assert_int_equal(end_of(child), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_it_is_refused),
        cmocka_unit_test(threads_keep_each_other_out),
        cmocka_unit_test(who_comes_later_waits),
        cmocka_unit_test(a_handler_never_waits_for_its_own_thread),
        cmocka_unit_test(a_child_goes_on_alone),
        cmocka_unit_test(a_handler_that_forks_leaves_it_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
