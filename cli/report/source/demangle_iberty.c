/* SPDX-License-Identifier: MIT */
/* demangle_iberty.c - names of native functions, by libiberty. */
#include <libiberty/demangle.h>

#include "cli/report/source/demangle.h"

static void
append(const char *text, size_t bytes, void *name)
{
    pt_buf_add(name, text, bytes);
}

/* Rust first: what its older compilers made is C++ with a checksum for a last
 * name. */
int
pt_demangle(const char *linkage, struct pt_buf *name)
{
    pt_buf_reset(name);
    if (rust_demangle_callback(linkage, DMGL_NO_OPTS, append, name)) {
        return 1;
    }
    pt_buf_reset(name);
    if (cplus_demangle_v3_callback(linkage, DMGL_NO_OPTS, append, name)) {
        return 1;
    }
    pt_buf_reset(name);
    return 0;
}
