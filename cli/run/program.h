/* SPDX-License-Identifier: MIT */
/* program.h - what is to be run, and how the interpreter is told. */
#ifndef PT_CLI_RUN_PROGRAM_H
#define PT_CLI_RUN_PROGRAM_H

#include "cli/options/options.h"
#include "core/base/error.h"

/* PT_OK if `name` can be run as a script: a readable file, a directory with a
 * __main__.py, or "-". Else PT_ERR_USAGE with the reason. */
PT_MUST_CHECK int pt_program_check(const char *name, struct pt_err *err);

/* The words behind the interpreter's name, ended by NULL, for the options and
 * what followed them: `prog.py args`, `-m name args`, `-c code args`. They
 * start at (*words)[1], [0] being free for the interpreter. Free the array
 * with pt_rawmem_free. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_program_words(const struct pt_options *options,
                                   char **rest, char ***words);

#endif
