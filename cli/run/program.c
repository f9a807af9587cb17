/* SPDX-License-Identifier: MIT */
/* program.c - is there a script, and the interpreter's own command line. */
#include "cli/run/program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/rawmem.h"

int
pt_program_check(const char *name, struct pt_err *err)
{
    struct stat status;
    char main_module[PATH_MAX];

    if (strcmp(name, "-") == 0) {
        return PT_OK;
    }
    if (stat(name, &status) != 0) {
        // `python -m black` is what the word after -m would be elsewhere.
        const char *module = strpbrk(name, "./") == NULL ? name : NULL;

        return pt_err_set(err, PT_ERR_USAGE,
                          "cannot open the program '%s': %s; check its path"
                          "%s%s",
                          name, strerror(errno),
                          module != NULL ? ", or run a module with --module "
                                         : "",
                          module != NULL ? module : "");
    }
    if (access(name, R_OK) != 0) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "cannot read the program '%s': %s; check its "
                          "permissions",
                          name, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return PT_OK;
    }
    if (snprintf(main_module, sizeof(main_module), "%s/__main__.py", name) >=
            (int)sizeof(main_module) ||
        access(main_module, R_OK) != 0) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "cannot run the directory '%s': it has no "
                          "__main__.py; name a script in it",
                          name);
    }
    return PT_OK;
}

int
pt_program_words(const struct pt_options *options, char **rest, char ***words)
{
    size_t count = 0, at = 1;
    char **word;

    while (rest[count] != NULL) {
        count++;
    }
    // The interpreter, an option of it, its value, the rest, NULL.
    word = pt_rawmem_array(count + 4, sizeof(*word));
    if (word == NULL) {
        return PT_ERR_NOMEM;
    }
    if (options->cmd != NULL) {
        word[at++] = "-c";
        word[at++] = (char *)options->cmd;
    }
    else if (options->is_module) {
        word[at++] = "-m";
    }
    else if (rest[0][0] == '-' && rest[0][1] != '\0') {
        // A script whose name the interpreter would take for an option.
        word[at++] = "--";
    }
    memcpy(word + at, rest, count * sizeof(*word));
    *words = word;
    return PT_OK;
}
