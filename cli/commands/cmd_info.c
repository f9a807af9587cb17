/* SPDX-License-Identifier: MIT */
/* cmd_info.c - what a recording is. */
#include "cli/commands/cmd_info.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/report/print/out_info.h"

struct fields {
    struct pt_command_words words;
    int is_json;
};

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    PT_COMMAND_ROW(0, "json", NULL, PT_OPTION_FLAG, struct fields, is_json),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace info [--json] FILE",
    .help = "Print what a recording is: when it was made, of which command, "
            "how that ended,\n"
            "by which engine and tier it was made, and what the file holds.\n"
            "\n"
            "    pytrace info run.pytrace\n"
            "\n"
            "      --json          as one JSON object\n"
            "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = 1,
};

int
pt_cmd_info(int argc, char **argv)
{
    struct fields fields = {0};
    struct pt_buf out = PT_BUF_INIT;
    struct pt_info info = {.escape = pt_escape_for(STDOUT_FILENO)};
    struct pt_opened opened;
    struct stat status;
    int code = pt_command_read(&command, &fields.words, argc, argv);

    if (code != PT_COMMAND_GO_ON) {
        return code;
    }
    if (pt_opened_init(&opened, fields.words.word[0]) != PT_OK) {
        return 1;
    }
    info.name = fields.words.word[0];
    info.file_bytes = fstat(opened.fd, &status) == 0 ? (uint64_t)status.st_size
                                                     : 0;
    if (fields.is_json) {
        pt_out_info_json(opened.reader, &info, &out);
    }
    else {
        pt_out_info(opened.reader, &info, &out);
    }
    return pt_opened_release(&opened, pt_command_write(NULL, &out));
}
