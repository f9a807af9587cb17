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

int
pt_funcname_compare(const char *path, const char *name, size_t name_bytes,
                    const char *other_path, const char *other_name,
                    size_t other_bytes)
{
    size_t least = name_bytes < other_bytes ? name_bytes : other_bytes;
    int order = strcmp(path, other_path);

    order = order != 0 ? order : memcmp(name, other_name, least);
    if (order != 0) {
        return order;
    }
    return name_bytes < other_bytes ? -1 : name_bytes > other_bytes;
}
