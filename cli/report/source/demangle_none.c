/* SPDX-License-Identifier: MIT */
/* demangle_none.c - the same without libiberty: names are the linker's. */
#include "cli/report/source/demangle.h"

int
pt_demangle(const char *linkage, struct pt_buf *name)
{
    (void)linkage;
    pt_buf_reset(name);
    return 0;
}
