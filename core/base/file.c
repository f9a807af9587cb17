/* SPDX-License-Identifier: MIT */
/* file.c - read, write, reserve. */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int
code_of_errno(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EFBIG
               ? PT_ERR_NOSPACE
               : PT_ERR_IO;
}

/* Beyond a limit of file sizes the kernel sends SIGXFSZ, which is the end of
 * whoever does not ignore it. It is kept back meanwhile, and what came of us
 * is taken: this may be the traced program, which never asked for a file. */
struct restraint {
    sigset_t before;  // the mask
    int is_pending;   // one that did not come of us
};

static struct restraint
hold_back(void)
{
    struct restraint restraint;
    sigset_t held;

    sigemptyset(&held);
    sigaddset(&held, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &held, &restraint.before);
    restraint.is_pending =
        sigpending(&held) == 0 && sigismember(&held, SIGXFSZ);
    return restraint;
}

static void
let_go(const struct restraint *restraint, int number)
{
    static const struct timespec at_once = {0, 0};
    sigset_t held;

    if (number == EFBIG && !restraint->is_pending) {
        sigemptyset(&held);
        sigaddset(&held, SIGXFSZ);
        (void)sigtimedwait(&held, NULL, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &restraint->before, NULL);
}

int
pt_file_write(int fd, const void *bytes, size_t count)
{
    struct restraint restraint = hold_back();
    const char *at = bytes;
    int number = 0;

    while (count != 0 && number == 0) {
        ssize_t written = write(fd, at, count);

        if (written >= 0) {
            at += written;
            count -= (size_t)written;
        }
        else if (errno != EINTR) {
            number = errno;
        }
    }
    let_go(&restraint, number);
    if (number != 0) {
        errno = number;
        return code_of_errno(number);
    }
    return PT_OK;
}

int
pt_file_read(const char *path, struct pt_buf *buf, struct pt_err *err)
{
    char window[16384];
    struct stat status;
    ssize_t got;
    int code = PT_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return pt_err_set(err, PT_ERR_IO, "cannot open '%s': %s", path,
                          strerror(errno));
    }
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        code = pt_err_set(err, PT_ERR_IO, "cannot read '%s': %s", path,
                          strerror(EISDIR));
        goto done;
    }
    while ((got = read(fd, window, sizeof(window))) != 0) {
        if (got < 0 && errno != EINTR) {
            code = pt_err_set(err, PT_ERR_IO, "cannot read '%s': %s", path,
                              strerror(errno));
            goto done;
        }
        pt_buf_add(buf, window, got > 0 ? (size_t)got : 0);
    }
    code = pt_buf_check(buf);
    if (code != PT_OK) {
        pt_err_set(err, code, "cannot read '%s': %s", path,
                   pt_error_text(code));
    }
done:
    close(fd);
    return code;
}

int
pt_file_reserve(int fd, uint64_t offset, uint64_t bytes)
{
    struct restraint restraint = hold_back();
    int number;

    do {
        number = posix_fallocate(fd, (off_t)offset, (off_t)bytes);
    } while (number == EINTR);
    let_go(&restraint, number);
    if (number != 0) {
        errno = number;  // posix_fallocate only returns it
        return code_of_errno(number);
    }
    return PT_OK;
}

int
pt_file_temporary(void)
{
    const char *directory = getenv("TMPDIR");
    char path[PATH_MAX];
    int fd;

    if (directory == NULL || directory[0] != '/') {
        directory = "/var/tmp";
    }
    fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
        return fd;
    }
    // Not every file system has files without names.
    if (snprintf(path, sizeof(path), "%s/pytrace-XXXXXX", directory) >=
        (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        unlink(path);
    }
    return fd;
}

int
pt_file_copy(int from, int to, uint64_t offset, uint64_t bytes)
{
    char window[65536];

    while (bytes != 0) {
        size_t wanted = bytes < sizeof(window) ? (size_t)bytes
                                               : sizeof(window);
        ssize_t got = pread(from, window, wanted, (off_t)offset);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? 0 : errno;
            return PT_ERR_IO;
        }
        for (ssize_t at = 0; at < got;) {
            ssize_t put = pwrite(to, window + at, (size_t)(got - at),
                                 (off_t)offset + at);

            if (put < 0 && errno != EINTR) {
                return code_of_errno(errno);
            }
            at += put > 0 ? put : 0;
        }
        offset += (uint64_t)got;
        bytes -= (uint64_t)got;
    }
    return PT_OK;
}

int
pt_file_begin(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

int
pt_file_end(int fd, const char *path, int code)
{
    int number = errno;
    struct stat status = {0};

    fstat(fd, &status);
    if (close(fd) != 0 && code == PT_OK) {
        code = PT_ERR_IO;
        number = errno;
    }
    // Devices are not ours to take away.
    if (code != PT_OK && S_ISREG(status.st_mode)) {
        unlink(path);
    }
    errno = number;
    return code;
}

int
pt_file_make(const char *path, const struct pt_buf *bytes)
{
    int fd = pt_file_begin(path);

    return fd < 0 ? PT_ERR_IO
                  : pt_file_end(
                        fd, path,
                        pt_file_write(fd, pt_buf_text(bytes), bytes->used));
}
