/* SPDX-License-Identifier: MIT */
/* interpreter.c - --python, $VIRTUAL_ENV, the build's own, PATH. */
#include "cli/run/interpreter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True, or errno says why the file cannot be executed. */
static int
is_executable(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return 0;
    }
    if (!S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : EACCES;
        return 0;
    }
    return access(path, X_OK) == 0;
}

static int
copy_path(char *path, const char *text)
{
    if (strlen(text) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return 0;
    }
    strcpy(path, text);
    return 1;
}

/* Look a name up as execvp does; errno says why not. */
static int
find_on_path(char *path, const char *name)
{
    const char *at = getenv("PATH");
    int reason = ENOENT;

    if (at == NULL) {
        at = "/usr/local/bin:/usr/bin:/bin";
    }
    for (;;) {
        const char *colon = strchrnul(at, ':');
        int length = (int)(colon - at);

        // An empty entry is the working directory.
        if (snprintf(path, PATH_MAX, "%.*s/%s", length != 0 ? length : 1,
                     length != 0 ? at : ".", name) < PATH_MAX) {
            if (is_executable(path)) {
                return 1;
            }
            reason = errno == ENOENT || errno == ENOTDIR ? reason : errno;
        }
        if (*colon == '\0') {
            errno = reason;
            return 0;
        }
        at = colon + 1;
    }
}

static int
choose_asked(struct pt_interpreter *interpreter, const char *asked,
             struct pt_err *err)
{
    int is_found =
        strchr(asked, '/') != NULL
            ? copy_path(interpreter->path, asked) && is_executable(asked)
            : find_on_path(interpreter->path, asked);

    interpreter->is_asked_for = 1;
    if (is_found) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_USAGE,
                      "cannot execute the interpreter '%s': %s; give --python "
                      "the path of one",
                      asked, strerror(errno));
}

static int
choose_virtual(struct pt_interpreter *interpreter, const char *prefix,
               struct pt_err *err)
{
    if (snprintf(interpreter->path, PATH_MAX, "%s/bin/python", prefix) <
            PATH_MAX &&
        is_executable(interpreter->path)) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_START,
                      "cannot execute the interpreter '%s' of $VIRTUAL_ENV: "
                      "%s; unset it, or choose one with --python",
                      interpreter->path, strerror(errno));
}

int
pt_interpreter_choose(struct pt_interpreter *interpreter, const char *asked,
                      const char *own, struct pt_err *err)
{
    const char *prefix = getenv("VIRTUAL_ENV");

    interpreter->is_asked_for = 0;
    if (asked != NULL) {
        return choose_asked(interpreter, asked, err);
    }
    if (prefix != NULL && prefix[0] != '\0') {
        return choose_virtual(interpreter, prefix, err);
    }
    if (own[0] != '\0' && is_executable(own) &&
        copy_path(interpreter->path, own)) {
        return PT_OK;
    }
    if (is_executable(PT_PYTHON_EXECUTABLE) &&
        copy_path(interpreter->path, PT_PYTHON_EXECUTABLE)) {
        return PT_OK;
    }
    if (find_on_path(interpreter->path, "python3")) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_START,
                      "cannot find a Python interpreter: no '%s', no python3 "
                      "on PATH; choose one with --python",
                      PT_PYTHON_EXECUTABLE);
}
