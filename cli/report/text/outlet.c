/* SPDX-License-Identifier: MIT */
/* outlet.c - writing pieces, and taking a file back. */
#include "cli/report/text/outlet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/text/say.h"
#include "core/base/error.h"
#include "core/base/file.h"

static int
fail(struct pt_outlet *outlet, int code)
{
    if (outlet->number == 0) {
        outlet->number = errno;
    }
    return code;
}

static int
open_outlet(struct pt_outlet *outlet)
{
    if (outlet->fd < 0) {
        outlet->fd = outlet->path != NULL ? pt_file_begin(outlet->path)
                                          : STDOUT_FILENO;
    }
    return outlet->fd >= 0 ? PT_OK : fail(outlet, PT_ERR_IO);
}

int
pt_outlet_pour(struct pt_outlet *outlet, struct pt_buf *out, size_t least)
{
    int code = pt_buf_check(out);

    if (code != PT_OK || out->used < least) {
        return code;
    }
    code = open_outlet(outlet);
    if (code == PT_OK) {
        code = pt_file_write(outlet->fd, pt_buf_text(out), out->used);
        if (code != PT_OK) {
            return fail(outlet, code);
        }
        pt_buf_reset(out);
    }
    return code;
}

/* Say why there is no output. */
static int
tell(const struct pt_outlet *outlet, int code)
{
    if (code == PT_ERR_NOMEM) {
        pt_say("out of memory for the output; free some");
    }
    else if (outlet->path != NULL) {
        pt_say("cannot write '%s': %s; choose another place", outlet->path,
               strerror(outlet->number));
    }
    else if (outlet->number == EPIPE) {
        return 0;
    }
    else {
        pt_say("cannot write to stdout: %s; send it elsewhere",
               strerror(outlet->number));
    }
    return 1;
}

int
pt_outlet_close(struct pt_outlet *outlet, struct pt_buf *out, int code)
{
    int is_other = code != PT_OK && outlet->number == 0;

    if (code == PT_OK) {
        code = pt_outlet_pour(outlet, out, 0);
    }
    pt_buf_release(out);
    if (outlet->path != NULL && outlet->fd >= 0) {
        int result = pt_file_end(outlet->fd, outlet->path, code);

        code = result != code ? fail(outlet, result) : code;
    }
    if (code == PT_OK || is_other) {
        return code != PT_OK;
    }
    return tell(outlet, code);
}
