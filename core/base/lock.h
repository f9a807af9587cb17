/* SPDX-License-Identifier: MIT */
/* lock.h - a lock that knows which thread has it.
 *
 * A signal handler may come while its thread has the lock, and need it too.
 * For a mutex it would wait for ever, and a note of the owner beside the mutex
 * is not there yet, or no more, if the handler comes between the two. Here to
 * take the lock is to write down the owner, so whoever has it already is
 * refused.
 *
 * A zeroed struct is a lock that nobody has; there is nothing to release.
 */
#ifndef PT_CORE_BASE_LOCK_H
#define PT_CORE_BASE_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/base/compiler.h"

struct pt_lock {
    _Atomic uintptr_t owner;   // the thread that has it, or 0
    _Atomic uint32_t waiters;  // threads that sleep, or are about to
    _Atomic uint32_t turn;     // changes when one is woken
    int is_for_fork;           // who has it took it before a fork
};

/* Take the lock, after waiting while another thread has it: true. False, and
 * nothing done, if this thread has it. Hook-safe. Any thread. */
PT_MUST_CHECK int pt_lock_enter(struct pt_lock *lock);

/* Give it back. Hook-safe. Owner thread only. */
void pt_lock_leave(struct pt_lock *lock);

/* Around a fork: take the lock before it, give it back in both processes, in
 * the child without those who waited, for they are not in it. A handler that
 * forks may have come inside of it; then it stays taken, and whom the handler
 * interrupted gives it back. Hook-safe. By the thread that forks. */
void pt_lock_before_fork(struct pt_lock *lock);
void pt_lock_after_fork_parent(struct pt_lock *lock);
void pt_lock_after_fork_child(struct pt_lock *lock);

#endif
