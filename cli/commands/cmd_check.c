/* SPDX-License-Identifier: MIT */
/* cmd_check.c - look at every extent and item of a recording. */
#include "cli/commands/cmd_check.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/report/figures/integrity.h"
#include "cli/report/text/size_text.h"

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace check FILE",
    .help = "Verify every extent and every item of a recording: that "
            "checksums match, that\n"
            "every index leads to an item, and that sums agree. The status is "
            "1 if something\n"
            "is damaged; what reports leave out because of it is printed.\n"
            "\n"
            "    pytrace check run.pytrace\n"
            "\n"
            "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = 1,
};

int
pt_cmd_check(int argc, char **argv)
{
    struct pt_command_words words = {0};
    struct pt_buf out = PT_BUF_INIT;
    struct pt_integrity integrity = {.out = &out};
    struct pt_opened opened;
    struct stat status;
    int code = pt_command_read(&command, &words, argc, argv);

    if (code != PT_COMMAND_GO_ON) {
        return code;
    }
    if (pt_opened_init(&opened, words.word[0]) != PT_OK) {
        return 1;
    }
    integrity.reader = opened.reader;
    integrity.fd = opened.fd;
    if (fstat(opened.fd, &status) == 0) {
        integrity.file_bytes = (uint64_t)status.st_size;
    }
    pt_integrity_check(&integrity);
    pt_buf_add_format(&out, "%s: %u extents and %s items looked at, ",
                      words.word[0], integrity.extents,
                      pt_count_text(integrity.items).text);
    if (integrity.problems != 0) {
        pt_buf_add_format(&out,
                          "%" PRIu64 " damaged; figures without them are as "
                          "they were, sums over them too low\n",
                          integrity.problems);
    }
    else {
        pt_buf_add_text(&out, "all hold\n");
    }
    code = pt_command_write(NULL, &out);
    code = pt_opened_release(&opened, code);
    return integrity.problems != 0 ? 1 : code;
}
