/* SPDX-License-Identifier: MIT */
/* spool.c - rings in shared memory, and writing them out in turns. */
#include "core/base/spool.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int
init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;
    int failed;

    if (pthread_mutexattr_init(&attributes) != 0) {
        return -1;
    }
    failed =
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) ||
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) ||
        pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return failed ? -1 : 0;
}

static void
describe_output(struct pt_spools *spools, int output)
{
    struct stat status;

    if (fstat(output, &status) != 0) {
        // Who started us without one wants nothing printed.
        atomic_store(&spools->failure, errno);
        return;
    }
    spools->device = status.st_dev;
    spools->inode = status.st_ino;
    spools->is_file = S_ISREG(status.st_mode);
    spools->is_hasty = isatty(output) == 1;
}

int
pt_spools_create(int *fd, struct pt_spools **spools, int output,
                 struct pt_err *err)
{
    int number;

    *spools = NULL;
    *fd = memfd_create("pytrace-spools", MFD_CLOEXEC);
    if (*fd >= 0 && ftruncate(*fd, sizeof(**spools)) == 0) {
        *spools = pt_spools_map(*fd);
    }
    number = errno;
    if (*spools == NULL || init_lock(&(*spools)->lock) < 0) {
        pt_spools_unmap(*spools);
        if (*fd >= 0) {
            close(*fd);
        }
        return pt_err_set(err, PT_ERR_NOMEM,
                          "cannot make room for what is printed: %s",
                          strerror(number));
    }
    (*spools)->supervisor = (uint32_t)getpid();
    describe_output(*spools, output);
    return PT_OK;
}

struct pt_spools *
pt_spools_map(int fd)
{
    void *map = mmap(NULL, sizeof(struct pt_spools), PROT_READ | PROT_WRITE,
                     MAP_SHARED, fd, 0);

    return map != MAP_FAILED ? map : NULL;
}

void
pt_spools_unmap(struct pt_spools *spools)
{
    if (spools != NULL) {
        munmap(spools, sizeof(*spools));
    }
}

struct pt_spool *
pt_spools_claim(struct pt_spools *spools, uint32_t pid)
{
    for (uint32_t i = 0; i < PT_SPOOLS_MAX; i++) {
        uint32_t nobody = 0;

        if (atomic_compare_exchange_strong(&spools->spool[i].pid, &nobody,
                                           pid)) {
            return &spools->spool[i];
        }
    }
    return NULL;
}

void
pt_spools_release(struct pt_spool *spool)
{
    atomic_store(&spool->pid, 0);
}

void
pt_spool_wrap(struct pt_spool *spool, size_t start, const char *bytes,
              size_t count)
{
    size_t first = PT_SPOOL_BYTES - start;

    memcpy(spool->text + start, bytes, first);
    memcpy(spool->text, bytes + first, count - first);
}

int
pt_spools_is_output(const struct pt_spools *spools, int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && status.st_dev == spools->device &&
           status.st_ino == spools->inode;
}

void
pt_spool_lose(struct pt_spools *spools, struct pt_spool *spool)
{
    uint64_t put = atomic_load(&spool->put);

    atomic_fetch_add(&spools->lost_bytes, put - atomic_load(&spool->taken));
    atomic_store(&spool->taken, put);
}

/* How many bytes to write at once: whole lines, and no more than a pipe that
 * has room takes without waiting. */
static size_t
next_write(const struct pt_spools *spools, const char *text, size_t bytes)
{
    const char *end;

    if (spools->is_file) {
        return bytes;
    }
    bytes = bytes < PIPE_BUF ? bytes : PIPE_BUF;
    end = memrchr(text, '\n', bytes);
    return end != NULL ? (size_t)(end - text) + 1 : bytes;
}

static enum pt_spool_state
wait_for_room(const struct pt_spools *spools, int output, int patience_ms)
{
    struct pollfd file = {.fd = output, .events = POLLOUT};
    int ready;

    if (spools->is_file) {
        return PT_SPOOL_EMPTY;
    }
    ready = poll(&file, 1, patience_ms);
    if (ready < 0 && errno == EINTR) {
        return PT_SPOOL_INTERRUPTED;
    }
    return ready == 0 ? PT_SPOOL_BUSY : PT_SPOOL_EMPTY;
}

/* Write some of it, and note that: a signal that ends the process must not
 * come in between. */
static void
write_some(struct pt_spools *spools, struct pt_spool *spool, int output,
           uint64_t taken, size_t bytes)
{
    sigset_t all, before;
    ssize_t written;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    written = write(output, spool->text + taken % PT_SPOOL_BYTES, bytes);
    if (written >= 0) {
        atomic_store(&spool->taken, taken + (uint64_t)written);
    }
    else if (errno != EINTR && errno != EAGAIN) {
        atomic_store(&spools->failure, errno);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* With the lock. */
static enum pt_spool_state
drain_locked(struct pt_spools *spools, struct pt_spool *spool, int output,
             int patience_ms)
{
    uint64_t taken, put;

    while ((put = atomic_load(&spool->put)) !=
           (taken = atomic_load(&spool->taken))) {
        size_t start = taken % PT_SPOOL_BYTES;
        size_t bytes = put - taken < PT_SPOOL_BYTES - start
                           ? (size_t)(put - taken)
                           : PT_SPOOL_BYTES - start;
        enum pt_spool_state state;

        if (atomic_load(&spools->failure) != 0) {
            pt_spool_lose(spools, spool);
            break;
        }
        state = wait_for_room(spools, output, patience_ms);
        if (state != PT_SPOOL_EMPTY) {
            return state;
        }
        bytes = next_write(spools, spool->text + start, bytes);
        write_some(spools, spool, output, taken, bytes);
    }
    return PT_SPOOL_EMPTY;
}

enum pt_spool_state
pt_spool_drain(struct pt_spools *spools, struct pt_spool *spool, int output,
               int patience_ms)
{
    enum pt_spool_state state;
    int number = errno, got;

    if (pt_spool_is_empty(spool)) {
        return PT_SPOOL_EMPTY;
    }
    got = patience_ms == 0 ? pthread_mutex_trylock(&spools->lock)
                           : pthread_mutex_lock(&spools->lock);
    if (got == EOWNERDEAD) {
        // Killed with it: between two writes all is as it must be.
        got = pthread_mutex_consistent(&spools->lock);
    }
    if (got != 0) {
        return PT_SPOOL_BUSY;
    }
    state = drain_locked(spools, spool, output, patience_ms);
    pthread_mutex_unlock(&spools->lock);
    errno = number;
    return state;
}
