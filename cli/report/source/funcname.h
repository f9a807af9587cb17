/* SPDX-License-Identifier: MIT */
/* funcname.h - what trace calls a function, from its qualified name. */
#ifndef PT_CLI_REPORT_SOURCE_FUNCNAME_H
#define PT_CLI_REPORT_SOURCE_FUNCNAME_H

#include <stddef.h>

/* Cut a qualified name to the function's own and, before it, its class: from
 * "outer.<locals>.Class.method" to "Class.method". Points into the text;
 * *bytes is its length, before and after. */
const char *pt_funcname_cut(const char *name, size_t *bytes);

/* The order of functions: by path, then by name. Names are not ended by 0. */
int pt_funcname_compare(const char *path, const char *name, size_t name_bytes,
                        const char *other_path, const char *other_name,
                        size_t other_bytes);

#endif
