/* SPDX-License-Identifier: MIT */
/* elffile.h - what an executable or library says of itself. */
#ifndef PT_CLI_RUN_ELFFILE_H
#define PT_CLI_RUN_ELFFILE_H

#include "core/base/compiler.h"

struct pt_elffile {
    int is_elf;           // of this machine's word size
    int has_interpreter;  // asks for the dynamic loader
    int defines_malloc;
    int has_asan;  // defines or needs AddressSanitizer's run-time library
};

/* Read the file at `path`; one of zeros when it cannot be read or is no ELF
 * file, as a script is. A file is not believed. */
struct pt_elffile pt_elffile_read(const char *path);

#endif
