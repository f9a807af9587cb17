/* SPDX-License-Identifier: MIT */
/* command.h - what the commands share: their words, their file, their output.
 *
 * A command is a file cmd_x.c with one `struct pt_command`, one struct of
 * fields and one function, named in the table of main.c. Its fields begin with
 * a `struct pt_command_words`, which is filled in here.
 */
#ifndef PT_CLI_COMMAND_H
#define PT_CLI_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "cli/options/grammar.h"
#include "core/base/buf.h"
#include "core/timeline/reader.h"
#include "core/timeline/rewind.h"

struct pt_command {
    const char *usage;  // "pytrace info [options] FILE"
    const char *help;   // behind the line of the usage
    const struct pt_option *options;
    uint32_t least;  // words that are no options: so many at least,
    uint32_t most;   // so many at most
};

struct pt_command_words {
    char **word;
    uint32_t words;
    int is_help;
    struct pt_given given;
};

/* Rows for the tables: an option that every command has, one with a value, and
 * the end. */
#define PT_COMMAND_ROW(letter, name, value, kind, type, field) \
  {                                                            \
    letter, name, value, kind, offsetof(type, field), 1        \
  }
#define PT_COMMAND_HELP                                                      \
  PT_COMMAND_ROW('h', "help", NULL, PT_OPTION_FLAG, struct pt_command_words, \
                 is_help)
#define PT_COMMAND_END                                                   \
  PT_COMMAND_ROW(0, NULL, NULL, PT_OPTION_FLAG, struct pt_command_words, \
                 is_help)

#define PT_COMMAND_GO_ON (-1)

/* Read the words of a command, its name being argv[0]; options may stand
 * between the others. The exit status if that was all: help was printed, or
 * the usage is wrong and it was said; else PT_COMMAND_GO_ON. */
PT_MUST_CHECK int pt_command_read(const struct pt_command *command,
                                  struct pt_command_words *words, int argc,
                                  char **argv);

/* Say what is wrong with the words: the exit status. */
int pt_command_refuse(const struct pt_command *command, const char *message);

/* Write `out` to the file at `path`, or to stdout when that is NULL, and give
 * it back: the exit status. What went wrong was said. */
int pt_command_write(const char *path, struct pt_buf *out);

/* A recording opened for reading. */
struct pt_opened {
    const char *path;
    int fd;
    struct pt_reader *reader;
    struct pt_buf name;         // what stands before an '@'
    const char *label;          // what stands behind it: a moment; or NULL
    int is_cut;                 // its end is missing, and it was said
    struct pt_rewound rewound;  // the moment it was rewound to
};

/* Open a recording; `path` may end in "@MOMENT" where no file has the whole
 * name (core/timeline/rewind.h). Of one that is still being written, or whose
 * end is missing, it is said that it is. PT_OK, or what failed, which was
 * said; nothing is held then. */
PT_MUST_CHECK int pt_opened_init(struct pt_opened *opened, const char *path);

/* The same without a word of its still being written, for who shows that. */
PT_MUST_CHECK int pt_opened_init_live(struct pt_opened *opened,
                                      const char *path);

/* Have an opened recording give the figures of a moment, which is borrowed, or
 * those of its peak. PT_OK; PT_ERR_RANGE when that cannot be: then nothing was
 * said, and it stays open as it was; or what failed, as above. */
PT_MUST_CHECK int pt_opened_rewind(struct pt_opened *opened,
                                   const char *moment);
PT_MUST_CHECK int pt_opened_rewind_to_peak(struct pt_opened *opened);

/* Say why it could not be rewound to a moment, and close it: PT_ERR_RANGE. */
int pt_opened_refuse(struct pt_opened *opened, const char *moment);

/* Close it; harmless on a closed one. `status`, or 1 where that is 0 and what
 * was read is not all there was. */
int pt_opened_release(struct pt_opened *opened, int status);

#endif
