/* SPDX-License-Identifier: MIT */
/* funcname.c - see funcname.h. */
#include "cli/report/source/funcname.h"

#include <string.h>

#define LOCALS "<locals>."
#define LAMBDA "<lambda>"

const char *
pt_funcname_cut(const char *name, size_t *bytes)
{
    const char *end = name + *bytes;
    const char *locals, *dot, *class;

    while ((locals = memmem(name, (size_t)(end - name), LOCALS,
                            strlen(LOCALS))) != NULL) {
        name = locals + strlen(LOCALS);
    }
    dot = memrchr(name, '.', (size_t)(end - name));
    if (dot != NULL) {
        class = memrchr(name, '.', (size_t)(dot - name));
        // <genexpr> and the like are of no class, a lambda may be.
        name = dot[1] == '<' && memcmp(dot + 1, LAMBDA, 3) != 0 ? dot + 1
               : class != NULL                                  ? class + 1
                                                                : name;
    }
    *bytes = (size_t)(end - name);
    return name;
}
