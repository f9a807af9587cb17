/* SPDX-License-Identifier: MIT */
/* lock.c - see lock.h.
 *
 * Nobody sleeps through a wake-up: who is about to sleep adds itself to
 * `waiters`, then reads `turn`, then tries once more; who leaves gives the
 * lock back, then reads `waiters`. All of these are in one order that all
 * threads see alike. So if `waiters` was still 0 the last try succeeds, unless
 * somebody else was faster, who will leave in turn.
 */
#include "core/base/lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
try_enter(struct pt_lock *lock, uintptr_t *owner)
{
    *owner = 0;
    return atomic_compare_exchange_strong(&lock->owner, owner,
                                          (uintptr_t)pthread_self());
}

PT_COLD static void
wait_slow(struct pt_lock *lock)
{
    int number = errno;  // the hooked program's, which did not call us
    uintptr_t owner;

    atomic_fetch_add(&lock->waiters, 1);
    for (;;) {
        uint32_t turn = atomic_load(&lock->turn);

        if (try_enter(lock, &owner)) {
            break;
        }
        syscall(SYS_futex, &lock->turn, FUTEX_WAIT_PRIVATE, turn, NULL);
    }
    atomic_fetch_sub(&lock->waiters, 1);
    errno = number;
}

int
pt_lock_enter(struct pt_lock *lock)
{
    uintptr_t owner;

    if (pt_unlikely(!try_enter(lock, &owner))) {
        if (owner == (uintptr_t)pthread_self()) {
            return 0;
        }
        wait_slow(lock);
    }
    return 1;
}

PT_COLD static void
wake_slow(struct pt_lock *lock)
{
    int number = errno;

    atomic_fetch_add(&lock->turn, 1);
    syscall(SYS_futex, &lock->turn, FUTEX_WAKE_PRIVATE, 1);
    errno = number;
}

void
pt_lock_leave(struct pt_lock *lock)
{
    atomic_store(&lock->owner, 0);
    if (pt_unlikely(atomic_load(&lock->waiters) != 0)) {
        wake_slow(lock);
    }
}

void
pt_lock_before_fork(struct pt_lock *lock)
{
    lock->is_for_fork = pt_lock_enter(lock);
}

void
pt_lock_after_fork_parent(struct pt_lock *lock)
{
    if (lock->is_for_fork) {
        pt_lock_leave(lock);
    }
}

void
pt_lock_after_fork_child(struct pt_lock *lock)
{
    if (lock->is_for_fork) {
        atomic_store(&lock->waiters, 0);
        atomic_store(&lock->owner, 0);
    }
}
