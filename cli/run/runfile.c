/* SPDX-License-Identifier: MIT */
/* runfile.c - the recording's file, its header, the environment. */
#include "cli/run/runfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/timeline/handover.h"
#include "core/timeline/timeline.h"

/* Where programs do not expect descriptors of their own: first choice first,
 * as a limit may forbid it. */
static const int high_numbers[] = {700, 200, 50, 10, 3};

/* PT_OK if nothing that matters stands at `path`; it is removed. A recording
 * is removed rather than emptied, as a run may still be writing it. */
static int
make_way(const char *path, struct pt_err *err)
{
    char magic[sizeof(PT_MAGIC) - 1];
    struct stat status;
    int fd, is_ours;

    if (stat(path, &status) != 0) {
        return PT_OK;
    }
    if (!S_ISREG(status.st_mode)) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "cannot record to '%s': it is no regular file; "
                          "choose another name",
                          path);
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    is_ours = status.st_size == 0 ||
              (fd >= 0 && read(fd, magic, sizeof(magic)) == sizeof(magic) &&
               memcmp(magic, PT_MAGIC, sizeof(magic)) == 0);
    if (fd >= 0) {
        close(fd);
    }
    if (!is_ours) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "will not overwrite '%s': it is no recording; "
                          "remove it or choose another name",
                          path);
    }
    if (unlink(path) != 0) {
        return pt_err_set(err, PT_ERR_IO, "cannot replace '%s': %s", path,
                          strerror(errno));
    }
    return PT_OK;
}

static int
open_output(int *fd, const char *path, struct pt_err *err)
{
    int code = make_way(path, err);

    if (code != PT_OK) {
        return code;
    }
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*fd < 0) {
        return pt_err_set(err, PT_ERR_IO,
                          "cannot record to '%s': %s; choose another place",
                          path, strerror(errno));
    }
    return PT_OK;
}

static int
open_memory(int *fd, struct pt_err *err)
{
    *fd = memfd_create("pytrace", MFD_CLOEXEC);
    if (*fd < 0) {
        return pt_err_set(err, PT_ERR_IO,
                          "cannot make a recording in memory: %s; name a file "
                          "with -o",
                          strerror(errno));
    }
    return PT_OK;
}

int
pt_runfile_lift(int *fd, struct pt_err *err)
{
    for (size_t i = 0; i < sizeof(high_numbers) / sizeof(*high_numbers); i++) {
        int moved = fcntl(*fd, F_DUPFD, high_numbers[i]);

        if (moved >= 0) {
            close(*fd);
            *fd = moved;
            return PT_OK;
        }
    }
    return pt_err_set(err, PT_ERR_IO,
                      "cannot keep the recording open: %s; raise the limit of "
                      "open files",
                      strerror(errno));
}

int
pt_runfile_create(struct pt_runfile *file, const char *output,
                  const struct pt_header *values, struct pt_err *err)
{
    void *page;
    int code;

    *file = (struct pt_runfile){.fd = -1};
    code = output != NULL ? open_output(&file->fd, output, err)
                          : open_memory(&file->fd, err);
    if (code != PT_OK) {
        return code;
    }
    file->output = output;
    code = pt_runfile_lift(&file->fd, err);
    if (code == PT_OK) {
        code = pt_timeline_create(file->fd, values, err);
    }
    if (code == PT_OK) {
        page = mmap(NULL, PT_HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
                    file->fd, 0);
        file->header = page != MAP_FAILED ? page : NULL;
        if (page == MAP_FAILED) {
            code = pt_err_set(err, PT_ERR_IO, "cannot map the recording: %s",
                              strerror(errno));
        }
    }
    if (code != PT_OK) {
        pt_runfile_discard(file);
    }
    return code;
}

int
pt_runfile_hand_over(const struct pt_runfile *file, const char *boot,
                     struct pt_err *err)
{
    const char *users = getenv("PYTHONPATH");
    struct pt_buf path = PT_BUF_INIT;
    char number[16];
    int is_set;

    snprintf(number, sizeof(number), "%d", file->fd);
    pt_buf_add_text(&path, boot);
    if (users != NULL && users[0] != '\0') {
        pt_buf_add_char(&path, ':');
        pt_buf_add_text(&path, users);
    }
    is_set = pt_buf_check(&path) == PT_OK &&
             setenv(PT_ENV_RECORDING, number, 1) == 0 &&
             (users != NULL ? setenv(PT_ENV_PYTHONPATH, users, 1)
                            : unsetenv(PT_ENV_PYTHONPATH)) == 0 &&
             setenv("PYTHONPATH", path.data, 1) == 0;
    pt_buf_release(&path);
    return is_set ? PT_OK
                  : pt_err_set(err, PT_ERR_NOMEM,
                               "out of memory for the environment");
}

void
pt_runfile_note_end(struct pt_runfile *file, const struct pt_ending *ending)
{
    struct pt_header *header = file->header;

    struct pt_clock_pair now =
        pt_clock_pair((enum pt_tick_kind)header->tick_kind);

    header->exit_status = ending->signal != 0 ? -1 : ending->status;
    header->exit_signal = ending->signal;
    header->end_ns = now.ns;
    atomic_store(&header->latest_ns, now.ns);
    atomic_store(&header->latest_ticks, now.ticks);
    header->ended = 1;
}

void
pt_runfile_close(struct pt_runfile *file)
{
    if (file->header != NULL) {
        munmap(file->header, PT_HEADER_BYTES);
        file->header = NULL;
    }
    if (file->fd >= 0) {
        close(file->fd);
        file->fd = -1;
    }
}

void
pt_runfile_discard(struct pt_runfile *file)
{
    if (file->fd >= 0 && file->output != NULL) {
        unlink(file->output);
    }
    pt_runfile_close(file);
}
