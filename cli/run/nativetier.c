/* SPDX-License-Identifier: MIT */
/* nativetier.c - reasons against preloading, and LD_PRELOAD. */
#include "cli/run/nativetier.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report/text/say.h"
#include "cli/run/elffile.h"
#include "core/base/buf.h"
#include "core/timeline/handover.h"
#include "core/timeline/recording.h"

#define LIBRARY "libpytrace_native.so"

/* Is it a library that defines malloc()? Which file the loader will take for a
 * name without a slash is not known here: that is judged by the name. */
static int
defines_malloc(const char *name)
{
    static const char *const known[] = {"libjemalloc", "libtcmalloc",
                                        "libmimalloc", "libasan", "libhoard"};
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;

    if (slash != NULL && pt_elffile_read(name).defines_malloc) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(base, known[i], strlen(known[i])) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The loader would say that it cannot find it, and go on without us. */
static int
check_jemalloc(struct pt_err *err)
{
    const char *reason;
    void *found = dlopen(PT_JEMALLOC_NAME, RTLD_LAZY);

    if (found != NULL) {
        dlclose(found);
        return PT_OK;
    }
    // It is there, but wants more room for its thread locals than a program
    // that runs has left.
    reason = dlerror();
    if (reason != NULL && strstr(reason, "static TLS") != NULL) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_START,
                      "there is no %s; install jemalloc (Debian: "
                      "libjemalloc2)",
                      PT_JEMALLOC_NAME);
}

/* As it will be loaded in the program. */
static int
check_unwinder(const struct pt_nativetier *tier, struct pt_err *err)
{
    void *found;

    if (!tier->with_stacks) {
        return PT_OK;
    }
    found = dlopen(PT_UNWIND_NAME, RTLD_LAZY | RTLD_LOCAL);
    if (found == NULL) {
        return pt_err_set(err, PT_ERR_START,
                          "there is no %s, which --native-stacks needs; "
                          "install libunwind (Debian: libunwind8)",
                          PT_UNWIND_NAME);
    }
    dlclose(found);
    return PT_OK;
}

static int
check_interpreter(const char *path, struct pt_err *err)
{
    struct pt_elffile elf = pt_elffile_read(path);
    struct stat status;

    if (stat(path, &status) == 0 &&
        (((status.st_mode & S_ISUID) != 0 && status.st_uid != getuid()) ||
         ((status.st_mode & S_ISGID) != 0 && status.st_gid != getgid()))) {
        return pt_err_set(err, PT_ERR_START,
                          "'%s' runs as another user (setuid or setgid), and "
                          "such a program is not given a preloaded library; "
                          "choose another with --python",
                          path);
    }
    if (elf.is_elf && !elf.has_interpreter) {
        return pt_err_set(err, PT_ERR_START,
                          "'%s' is linked statically, so nothing can be put "
                          "before its malloc(); choose another with --python",
                          path);
    }
    if (elf.has_asan) {
        return pt_err_set(err, PT_ERR_START,
                          "'%s' was built with AddressSanitizer, which has an "
                          "allocator of its own; choose another with --python",
                          path);
    }
    return PT_OK;
}

/* None of what the user preloads may stand in front of malloc() itself. */
static int
check_preloaded(struct pt_err *err)
{
    const char *at = getenv("LD_PRELOAD");

    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, " :");
        char name[PATH_MAX];

        snprintf(name, sizeof(name), "%.*s", (int)length, at);
        if (length < sizeof(name) && defines_malloc(name)) {
            return pt_err_set(err, PT_ERR_START,
                              "LD_PRELOAD names '%s', which is an allocator "
                              "itself; take it out",
                              name);
        }
        at += length;
        at += strspn(at, " :");
    }
    return PT_OK;
}

/* Why not, in `err`, or PT_OK. */
static int
check(struct pt_nativetier *tier, const char *interpreter,
      const char *directory, struct pt_err *err)
{
    int length = snprintf(tier->library, sizeof(tier->library), "%s/%s",
                          directory, LIBRARY);
    int code;

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
    code = check_jemalloc(err);
    if (code == PT_OK) {
        code = check_unwinder(tier, err);
    }
    if (code == PT_OK) {
        code = check_interpreter(interpreter, err);
    }
    return code == PT_OK ? check_preloaded(err) : code;
}

int
pt_nativetier_prepare(struct pt_nativetier *tier, int mode, int with_stacks,
                      const char *interpreter, const char *directory,
                      struct pt_err *err)
{
    struct pt_err reason;

    tier->library[0] = '\0';
    tier->mode = mode;
    tier->with_stacks = with_stacks;
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

uint32_t
pt_nativetier_wanted(const struct pt_nativetier *tier)
{
    if (tier->library[0] == '\0') {
        return 0;
    }
    return PT_WANT_NATIVE | (tier->with_stacks ? PT_WANT_NATIVE_STACKS : 0u) |
           (tier->mode == PT_NATIVETIER_AUTO ? PT_WANT_MAYBE : 0u);
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
