/* SPDX-License-Identifier: MIT */
/* cmd_combine.c - recordings of several runs made one. */
#include "cli/commands/cmd_combine.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/report/figures/likeness.h"
#include "cli/report/text/say.h"
#include "core/base/file.h"
#include "core/base/rawmem.h"
#include "core/timeline/merger.h"

#define FILES_MAX 10000u

struct fields {
    struct pt_command_words words;
    int is_relative;
    const char *output;
};

#define ROW(letter, name, value, kind, field) \
  PT_COMMAND_ROW(letter, name, value, kind, struct fields, field)

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    ROW('o', "output", "FILE", PT_OPTION_TEXT, output),
    ROW(0, "relative", NULL, PT_OPTION_FLAG, is_relative),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace combine -o FILE [options] RECORDING ...",
    .help =
        "Make one recording of several, with all their processes: reports on "
        "it add\n"
        "up what each of them has, and --per-process shows them separately.\n"
        "\n"
        "    pytrace combine -o all.pytrace monday.pytrace tuesday.pytrace\n"
        "\n"
        "  -o, --output FILE   the recording to be made\n"
        "      --relative      files below the directory of each run are "
        "those below\n"
        "                      that of the first one: runs of the same tree "
        "in\n"
        "                      several places\n"
        "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = FILES_MAX,
};

/* The recordings that were named, opened. */
struct inputs {
    struct pt_opened *opened;
    const struct pt_reader **reader;
    uint32_t count;
};

static int
say_no_memory(void)
{
    pt_say("out of memory for the recordings; free some");
    return 1;
}

/* Can it be combined with those before it? */
static int
check_input(const struct inputs *inputs, uint32_t number)
{
    const struct pt_opened *opened = &inputs->opened[number];
    struct pt_likeness self = {opened->reader, opened->path};
    struct pt_err err;

    if (opened->label != NULL) {
        pt_say("whole recordings are combined, not the snapshot '%s' of "
               "'%s'; report and diff show it of the result, too",
               opened->label, pt_buf_text(&opened->name));
        return 1;
    }
    for (uint32_t i = 0; i < number; i++) {
        struct pt_likeness other = {inputs->reader[i], inputs->opened[i].path};

        if (pt_likeness_check(&other, &self, &err) != PT_OK) {
            pt_say("%s", err.message);
            return 1;
        }
    }
    if (number != 0) {
        struct pt_likeness first = {inputs->reader[0], inputs->opened[0].path};

        return pt_likeness_say(&first, &self) == PT_OK ? 0 : say_no_memory();
    }
    return 0;
}

static int
close_inputs(struct inputs *inputs, int status)
{
    for (uint32_t i = 0; i < inputs->count; i++) {
        status = pt_opened_release(&inputs->opened[i], status);
    }
    pt_rawmem_free(inputs->opened);
    pt_rawmem_free(inputs->reader);
    return status;
}

/* All of them, or none: 0, or the exit status. */
static int
open_inputs(struct inputs *inputs, const struct pt_command_words *words)
{
    int status = 0;

    inputs->opened = pt_rawmem_array(words->words, sizeof(*inputs->opened));
    inputs->reader = pt_rawmem_array(words->words, sizeof(*inputs->reader));
    if (inputs->opened == NULL || inputs->reader == NULL) {
        return close_inputs(inputs, say_no_memory());
    }
    for (uint32_t i = 0; i < words->words && status == 0; i++) {
        if (pt_opened_init(&inputs->opened[i], words->word[i]) != PT_OK) {
            return close_inputs(inputs, 1);
        }
        inputs->reader[i] = inputs->opened[i].reader;
        inputs->count++;
        status = check_input(inputs, i);
    }
    return status == 0 ? 0 : close_inputs(inputs, status);
}

/* Writing over what is being read would lose it. */
static int
is_input(const struct inputs *inputs, const char *path)
{
    struct stat output, input;

    for (uint32_t i = 0; i < inputs->count && stat(path, &output) == 0; i++) {
        if (fstat(inputs->opened[i].fd, &input) == 0 &&
            input.st_dev == output.st_dev && input.st_ino == output.st_ino) {
            return 1;
        }
    }
    return 0;
}

static int
merge(const struct inputs *inputs, const struct fields *fields, int fd,
      uint64_t *damaged)
{
    struct pt_header header;
    struct pt_merger merger;
    int code;

    pt_merger_plan(&header, inputs->reader, inputs->count);
    code = pt_merger_begin(&merger, fd, &header);
    for (uint32_t i = 0; i < inputs->count && code == PT_OK; i++) {
        code =
            pt_merger_add(&merger, inputs->reader[i], inputs->opened[i].path,
                          fields->is_relative ? header.directory : NULL);
    }
    *damaged = merger.damaged;
    return code == PT_OK ? pt_merger_end(&merger) : code;
}

static int
combine(const struct inputs *inputs, const struct fields *fields)
{
    const char *path = fields->output;
    uint64_t damaged = 0;
    int fd, code;

    if (is_input(inputs, path)) {
        pt_say("'%s' is one of the recordings to be combined; choose another "
               "place",
               path);
        return 1;
    }
    fd = pt_file_begin(path);
    if (fd < 0) {
        pt_say("cannot write '%s': %s; choose another place", path,
               strerror(errno));
        return 1;
    }
    errno = 0;
    code = pt_file_end(fd, path, merge(inputs, fields, fd, &damaged));
    if (code != PT_OK) {
        pt_say("cannot combine the recordings into '%s': %s", path,
               errno != 0 ? strerror(errno) : pt_error_text(code));
        return 1;
    }
    if (damaged != 0) {
        pt_say("%llu damaged packets were left out; pytrace check tells of "
               "which recording",
               (unsigned long long)damaged);
        return 1;
    }
    return 0;
}

int
pt_cmd_combine(int argc, char **argv)
{
    struct fields fields = {0};
    struct inputs inputs = {0};
    int status = pt_command_read(&command, &fields.words, argc, argv);

    if (status != PT_COMMAND_GO_ON) {
        return status;
    }
    if (fields.output == NULL) {
        return pt_command_refuse(&command,
                                 "-o is missing: where shall it go?");
    }
    status = open_inputs(&inputs, &fields.words);
    if (status != 0) {
        return status;
    }
    return close_inputs(&inputs, combine(&inputs, &fields));
}
