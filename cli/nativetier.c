/* SPDX-License-Identifier: MIT */
/* nativetier.c - reasons against preloading, and LD_PRELOAD. */
#include "cli/nativetier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/say.h"
#include "core/base/buf.h"
#include "core/timeline/handover.h"

#define LIBRARY "libpytrace_native.so"

/* Why not, in `err`, or PT_OK. */
static int
check(struct pt_nativetier *tier, const char *interpreter,
      const char *directory, struct pt_err *err)
{
    int length = snprintf(tier->library, sizeof(tier->library), "%s/%s",
                          directory, LIBRARY);

    (void)interpreter;
    if (length >= (int)sizeof(tier->library) ||
        access(tier->library, R_OK) != 0) {
        return pt_err_set(err, PT_ERR_START,
                          "this pytrace was built without jemalloc; install "
                          "it (Debian: libjemalloc-dev) and build again");
    }
    if (strpbrk(tier->library, " :") != NULL) {
        return pt_err_set(err, PT_ERR_START,
                          "'%s' has a blank or a colon in its name, which "
                          "LD_PRELOAD does not stand; install pytrace "
                          "elsewhere",
                          tier->library);
    }
    return PT_OK;
}

int
pt_nativetier_prepare(struct pt_nativetier *tier, int mode,
                      const char *interpreter, const char *directory,
                      struct pt_err *err)
{
    struct pt_err reason;

    tier->library[0] = '\0';
    if (mode == PT_NATIVETIER_OFF ||
        check(tier, interpreter, directory, &reason) == PT_OK) {
        return PT_OK;
    }
    tier->library[0] = '\0';
    if (mode == PT_NATIVETIER_AUTO) {
        pt_say("native memory is not followed: %s", reason.message);
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_START, "cannot follow native memory: %s",
                      reason.message);
}

int
pt_nativetier_hand_over(const struct pt_nativetier *tier, struct pt_err *err)
{
    const char *users = getenv("LD_PRELOAD");
    struct pt_buf list = PT_BUF_INIT;
    int is_set;

    if (tier->library[0] == '\0') {
        return PT_OK;
    }
    users = users != NULL ? users : "";
    pt_buf_add_text(&list, tier->library);
    if (users[0] != '\0') {
        pt_buf_add_format(&list, ":%s", users);
    }
    is_set = pt_buf_check(&list) == PT_OK &&
             setenv(PT_ENV_PRELOAD, users, 1) == 0 &&
             setenv("LD_PRELOAD", list.data, 1) == 0;
    pt_buf_release(&list);
    return is_set ? PT_OK
                  : pt_err_set(err, PT_ERR_NOMEM,
                               "out of memory for the environment");
}
