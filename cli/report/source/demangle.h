/* SPDX-License-Identifier: MIT */
/* demangle.h - names of native functions as their sources have them.
 *
 * Compilers of C++ and Rust put namespaces and types into the names that
 * linkers see: "_ZN4deep5shelf4fillEm" is "deep::shelf::fill".
 */
#ifndef PT_CLI_REPORT_SOURCE_DEMANGLE_H
#define PT_CLI_REPORT_SOURCE_DEMANGLE_H

#include "core/base/buf.h"

/* Put into `name` what the function of a linker's name is called, without the
 * types of its arguments, and return 1; 0 and nothing if the name is as it was
 * written, or nobody here knows. */
int pt_demangle(const char *linkage, struct pt_buf *name);

#endif
