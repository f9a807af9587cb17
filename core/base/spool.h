/* SPDX-License-Identifier: MIT */
/* spool.h - text on its way from traced processes to the supervisor's stdout.
 *
 * Memory that the supervisor shares with all processes of a run. Each process
 * has a spool of its own, a ring into which it puts texts without a system
 * call. Both sides may write out what is there, by turns: the process when its
 * spool is full or the program itself is about to print, the supervisor every
 * few milliseconds, and once more when the process is gone. So what was put
 * there appears soon, in its order, and whatever becomes of the process.
 *
 * Always true: taken <= put <= taken + PT_SPOOL_BYTES. Only the owner of a
 * spool moves `put`; who has the lock moves `taken`, after each write. The
 * lock is one for all, so that lines of processes do not end up within each
 * other, and robust: who is killed with it leaves it to the next. Other
 * signals wait while something is written and noted; SIGKILL just between the
 * two has it written twice, which is better than not at all.
 */
#ifndef PT_CORE_BASE_SPOOL_H
#define PT_CORE_BASE_SPOOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/compiler.h"
#include "core/base/error.h"

#define PT_SPOOL_BYTES PT_SIZE(65536u, 64u)
#define PT_SPOOLS_MAX 256u

struct pt_spool {
    _Atomic uint32_t pid;    // whose it is; 0: nobody's
    _Atomic uint64_t put;    // bytes ever put in
    _Atomic uint64_t taken;  // of those, how many have been written out
    char text[PT_SPOOL_BYTES];
};

/* What processes are to print, and how. */
struct pt_spool_look {
    uint32_t lines;  // the lines that run; else calls
    uint32_t times;  // seconds in front of each, with so many digits
    uint32_t digits;
    uint32_t names;  // of threads, once there are several
    uint32_t colors;
};

struct pt_spools {
    pthread_mutex_t lock;  // who writes to the output
    uint64_t device;       // identity of the output: the program may put
    uint64_t inode;        // another file in its place
    uint32_t supervisor;   // its pid
    uint32_t is_hasty;     // a terminal: each text at once
    uint32_t is_file;      // writing does not block
    struct pt_spool_look look;
    _Atomic uint32_t is_closed;  // the supervisor looks no more
    _Atomic int failure;         // errno of a write; from then on all is lost
    _Atomic uint64_t lost_bytes;
    struct pt_spool spool[PT_SPOOLS_MAX];
};

/* Make the spools for an output, with no process yet. The descriptor is closed
 * on exec. Supervisor only. */
PT_MUST_CHECK int pt_spools_create(int *fd, struct pt_spools **spools,
                                   int output, struct pt_err *err);

/* Map those behind a descriptor, which is not needed any more then; NULL when
 * there is no memory. */
struct pt_spools *pt_spools_map(int fd);
void pt_spools_unmap(struct pt_spools *spools);

/* A spool for the process with this pid, or NULL: all are taken. Hook-safe.
 * Any thread. */
struct pt_spool *pt_spools_claim(struct pt_spools *spools, uint32_t pid);

/* Give it back, when it is empty. Hook-safe. */
void pt_spools_release(struct pt_spool *spool);

enum pt_spool_state {
    PT_SPOOL_EMPTY,        // all was written, or is lost
    PT_SPOOL_BUSY,         // the output or the other side was busy
    PT_SPOOL_INTERRUPTED,  // by a signal
};

/* Write out what is there, to descriptor `output`. Waits up to `patience_ms`
 * for an output that takes no more, and, unless that is 0, for others who
 * write; -1: as long as it takes. Hook-safe. Any thread; without the GIL if it
 * may wait. */
PT_MUST_CHECK enum pt_spool_state pt_spool_drain(struct pt_spools *spools,
                                                 struct pt_spool *spool,
                                                 int output, int patience_ms);

/* Give up what is there. Hook-safe. Owner only. */
void pt_spool_lose(struct pt_spools *spools, struct pt_spool *spool);

/* Is the file behind a descriptor the output? Hook-safe. Any thread. */
int pt_spools_is_output(const struct pt_spools *spools, int fd);

/* Copy into the ring, over its end, where there is room for so many bytes. */
void pt_spool_wrap(struct pt_spool *spool, size_t start, const char *bytes,
                   size_t count);

/* Put a text of at most PT_SPOOL_BYTES in; 0 when there is no room now.
 * Hook-safe. Owner only. */
PT_INLINE int
pt_spool_put(struct pt_spool *spool, const char *bytes, size_t count)
{
    uint64_t at = atomic_load_explicit(&spool->put, memory_order_relaxed);
    uint64_t taken = atomic_load_explicit(&spool->taken, memory_order_acquire);
    size_t start = at % PT_SPOOL_BYTES;

    if (pt_unlikely(count > PT_SPOOL_BYTES - (at - taken))) {
        return 0;
    }
    if (pt_likely(count <= PT_SPOOL_BYTES - start)) {
        memcpy(spool->text + start, bytes, count);
    }
    else {
        pt_spool_wrap(spool, start, bytes, count);
    }
    atomic_store_explicit(&spool->put, at + count, memory_order_release);
    return 1;
}

PT_INLINE int
pt_spool_is_empty(const struct pt_spool *spool)
{
    return atomic_load(&spool->put) == atomic_load(&spool->taken);
}

#endif
