/* SPDX-License-Identifier: MIT */
/* nativeprofile.c - MALLOC_CONF, and a file that is there or not. */
#include "cli/run/nativeprofile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/text/say.h"
#include "core/base/buf.h"
#include "core/timeline/handover.h"

/* Can there be a file of that name? An empty one tells, and is taken away. */
static int
check_path(const char *path, struct pt_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0) {
        return pt_err_set(err, PT_ERR_IO,
                          "cannot write the heap profile '%s': %s", path,
                          strerror(errno));
    }
    close(fd);
    unlink(path);
    return PT_OK;
}

/* The program may change its directory. */
static void
add_absolute(struct pt_buf *out, const char *path)
{
    char *here = path[0] != '/' ? getcwd(NULL, 0) : NULL;

    if (here != NULL) {
        pt_buf_add_format(out, "%s/", here);
    }
    free(here);
    pt_buf_add_text(out, path);
}

int
pt_nativeprofile_hand_over(const char *path, struct pt_err *err)
{
    const char *users = getenv("MALLOC_CONF");
    struct pt_buf file = PT_BUF_INIT, conf = PT_BUF_INIT;
    int code = path != NULL ? check_path(path, err) : PT_OK;
    int is_done;

    if (path == NULL || code != PT_OK) {
        return code;
    }
    add_absolute(&file, path);
    pt_buf_add_text(&conf, "prof:true");
    if (users != NULL && users[0] != '\0') {
        pt_buf_add_format(&conf, ",%s", users);
    }
    is_done = pt_buf_check(&file) == PT_OK && pt_buf_check(&conf) == PT_OK &&
              (users == NULL || setenv(PT_ENV_MALLOC_CONF, users, 1) == 0) &&
              setenv(PT_ENV_PROFILE, file.data, 1) == 0 &&
              setenv("MALLOC_CONF", conf.data, 1) == 0;
    pt_buf_release(&file);
    pt_buf_release(&conf);
    return is_done ? PT_OK
                   : pt_err_set(err, PT_ERR_NOMEM,
                                "out of memory for the environment");
}

void
pt_nativeprofile_check(const char *path)
{
    if (path != NULL && access(path, F_OK) != 0) {
        pt_say("there is no heap profile '%s': the program did not reach its "
               "end, or jemalloc makes none",
               path);
    }
}
