/* SPDX-License-Identifier: MIT */
/* main.c - the `pytrace` program: a command by name, or a program to run.
 *
 * A command's name counts as one only as the very first word, and only if no
 * program of that name can be run from here. So no program is ever hidden; and
 * `./report` always means the program.
 */
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands/cmd_check.h"
#include "cli/commands/cmd_combine.h"
#include "cli/commands/cmd_diff.h"
#include "cli/commands/cmd_dump.h"
#include "cli/commands/cmd_export.h"
#include "cli/commands/cmd_info.h"
#include "cli/commands/cmd_leaks.h"
#include "cli/commands/cmd_report.h"
#include "cli/commands/cmd_run.h"
#include "cli/commands/cmd_top.h"
#include "cli/options/suggest.h"
#include "cli/report/text/say.h"
#include "cli/run/program.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"check", pt_cmd_check},   {"combine", pt_cmd_combine},
    {"diff", pt_cmd_diff},     {"dump", pt_cmd_dump},
    {"export", pt_cmd_export}, {"info", pt_cmd_info},
    {"leaks", pt_cmd_leaks},   {"report", pt_cmd_report},
    {"top", pt_cmd_top},
};

/* The command that was probably meant by a word that is no program. */
static const char *
find_meant(const char *word)
{
    const char *names[sizeof(commands) / sizeof(commands[0])];

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        names[i] = commands[i].name;
    }
    return pt_suggest(word, names, sizeof(names) / sizeof(names[0]));
}

/* No file that is opened from here on becomes the stdin, stdout or stderr that
 * we were started without: what is written there fails, and that is told. The
 * program, which is executed, is without them as ever. */
static void
hold_standard_numbers(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

int
main(int argc, char **argv)
{
    struct pt_err err;
    int first = 1;

    hold_standard_numbers();
    // As `python -m pytrace` has it, in front of whatever was typed.
    if (argc > 2 && strncmp(argv[1], "--python=", 9) == 0) {
        first = 2;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (argc > first && strcmp(argv[first], commands[i].name) == 0 &&
            pt_program_check(argv[first], &err) != PT_OK) {
            return commands[i].run(argc - first, argv + first);
        }
    }
    if (argc > first && argv[first][0] != '-' &&
        pt_program_check(argv[first], &err) != PT_OK &&
        find_meant(argv[first]) != NULL) {
        pt_say("there is neither a program nor a command '%s': did you mean "
               "'%s'?",
               argv[first], find_meant(argv[first]));
        return 2;
    }
    return pt_cmd_run(argc, argv);
}
