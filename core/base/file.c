/* SPDX-License-Identifier: MIT */
/* file.c - read, write, reserve. */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
code_of_errno(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EFBIG
               ? PT_ERR_NOSPACE
               : PT_ERR_IO;
}

int
pt_file_write(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;

    while (count != 0) {
        ssize_t written = write(fd, at, count);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return code_of_errno(errno);
        }
        at += written;
        count -= (size_t)written;
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
    int number;

    do {
        number = posix_fallocate(fd, (off_t)offset, (off_t)bytes);
    } while (number == EINTR);
    if (number != 0) {
        errno = number;  // posix_fallocate only returns it
        return code_of_errno(number);
    }
    return PT_OK;
}

int
pt_file_make(const char *path, const struct pt_buf *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int code, number;

    if (fd < 0) {
        return PT_ERR_IO;
    }
    code = pt_file_write(fd, pt_buf_text(bytes), bytes->used);
    number = errno;
    if (close(fd) != 0 && code == PT_OK) {
        code = PT_ERR_IO;
        number = errno;
    }
    if (code != PT_OK) {
        unlink(path);
        errno = number;
    }
    return code;
}
