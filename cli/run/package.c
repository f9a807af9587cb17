/* SPDX-License-Identifier: MIT */
/* package.c - the few places where an installation can put things. */
#include "cli/run/package.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOOT_MODULE "_boot/sitecustomize.py"
#define PYTHON "python" PT_PYTHON_VERSION

struct layout {
    const char *package;  // from the directory of the program
    int has_python;       // an interpreter lies beside the program
};

static const struct layout layouts[] = {
    {"../python/pytrace", 0},  // build tree
    {"../lib/" PYTHON "/site-packages/pytrace", 1},
    {"../lib/" PYTHON "/dist-packages/pytrace", 1},
    {"../lib64/" PYTHON "/site-packages/pytrace", 1},
    {"../lib64/" PYTHON "/dist-packages/pytrace", 1},
    {"../pytrace", 0},  // pip --target
};

/* The path, if it fits. */
static int
join(char *path, const char *a, const char *b, const char *c)
{
    int length = snprintf(path, PATH_MAX, "%s/%s/%s", a, b, c);

    return length > 0 && length < PATH_MAX;
}

int
pt_package_find_from(struct pt_package *package, const char *bin,
                     struct pt_err *err)
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        char module[PATH_MAX];

        if (!join(module, bin, layouts[i].package, BOOT_MODULE) ||
            access(module, R_OK) != 0) {
            continue;
        }
        // Without ".." in it, as the program sees it in sys.path.
        *strrchr(module, '/') = '\0';
        if (realpath(module, package->boot) == NULL) {
            continue;
        }
        strcpy(package->directory, package->boot);
        *strrchr(package->directory, '/') = '\0';
        if (strchr(package->boot, ':') != NULL) {
            return pt_err_set(err, PT_ERR_START,
                              "cannot start from '%s': no ':' may be in it; "
                              "install pytrace elsewhere",
                              package->boot);
        }
        if (!layouts[i].has_python ||
            !join(package->python, bin, ".", PYTHON) ||
            access(package->python, X_OK) != 0) {
            package->python[0] = '\0';
        }
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_START,
                      "cannot find the Python package of pytrace near '%s'; "
                      "install program and package together",
                      bin);
}

int
pt_package_find(struct pt_package *package, struct pt_err *err)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

    if (length < 0) {
        return pt_err_set(err, PT_ERR_START,
                          "cannot read '/proc/self/exe': %s; mount /proc",
                          strerror(errno));
    }
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    return pt_package_find_from(package, program, err);
}
