/* SPDX-License-Identifier: MIT */
/* package.h - where the Python half of pytrace lies, seen from the program. */
#ifndef PT_CLI_RUN_PACKAGE_H
#define PT_CLI_RUN_PACKAGE_H

#include <limits.h>

#include "core/base/error.h"

struct pt_package {
    char boot[PATH_MAX];       // directory of the boot module
    char directory[PATH_MAX];  // of the package itself
    // The interpreter beside the program, if it was installed with one and
    // that is there; else "".
    char python[PATH_MAX];
};

/* Find it: beside a build tree's program, in the prefix, or in the directory
 * that pip --target was given. */
PT_MUST_CHECK int pt_package_find(struct pt_package *package,
                                  struct pt_err *err);

/* The same for a program in directory `bin`. */
PT_MUST_CHECK int pt_package_find_from(struct pt_package *package,
                                       const char *bin, struct pt_err *err);

#endif
