/* SPDX-License-Identifier: MIT */
/* cmd_dump.c - the events of a recording, one a line. */
#include "cli/commands/cmd_dump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/report/print/out_events.h"
#include "cli/report/text/say.h"
#include "cli/report/text/time_text.h"

struct fields {
    struct pt_command_words words;
    struct pt_events_filter filter;
    uint32_t least;
    uint32_t most;
    uint32_t limit;
    const char *since;
    const char *until;
};

#define ROW(letter, name, value, kind, field) \
  PT_COMMAND_ROW(letter, name, value, kind, struct fields, field)

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    ROW(0, "kind", "KIND", PT_OPTION_LIST, filter.kinds),
    ROW(0, "file", "PATTERN", PT_OPTION_LIST, filter.files.only),
    ROW(0, "omit", "PATTERN", PT_OPTION_LIST, filter.files.omit),
    ROW(0, "function", "PATTERN", PT_OPTION_LIST, filter.functions),
    ROW(0, "thread", "N", PT_OPTION_NUMBER, filter.thread),
    ROW(0, "process", "N", PT_OPTION_NUMBER, filter.process),
    ROW(0, "min-size", "BYTES", PT_OPTION_NUMBER, least),
    ROW(0, "max-size", "BYTES", PT_OPTION_NUMBER, most),
    ROW(0, "since", "SECONDS", PT_OPTION_TEXT, since),
    ROW(0, "until", "SECONDS", PT_OPTION_TEXT, until),
    ROW(0, "limit", "N", PT_OPTION_NUMBER, limit),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace dump [options] FILE",
    .help =
        "Print the events of a recording as JSON, one a line, in their "
        "order.\n"
        "Which events there are depends on the --timeline of the run.\n"
        "\n"
        "    pytrace dump --kind alloc --min-size 100000 run.pytrace\n"
        "    pytrace dump --kind 'span*' run.pytrace\n"
        "\n"
        "      --kind KIND     only these: call, return, alloc, free, mark, "
        "...; may be\n"
        "                      a pattern (span*)\n"
        "      --file PATTERN  only events of files that fit one of the "
        "patterns\n"
        "      --omit PATTERN  none of files that fit one of the patterns\n"
        "      --function PATTERN\n"
        "                      only events of functions whose name fits, "
        "qualified or\n"
        "                      not\n"
        "      --thread N      only events of this thread; 1 is the first\n"
        "      --process N     only events of this process; 0 is the program\n"
        "      --min-size BYTES, --max-size BYTES\n"
        "                      only blocks of at least, at most so many "
        "bytes\n"
        "      --since SECONDS, --until SECONDS\n"
        "                      only events from, up to this time of the run\n"
        "      --limit N       only the first N\n"
        "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = 1,
};

/* Seconds as nanoseconds; `unset` where the option was not given. */
static int
read_seconds(const char *text, uint64_t unset, uint64_t *result)
{
    *result = unset;
    return text == NULL ? PT_OK : pt_time_read(text, result);
}

static int
check_kinds(const struct pt_patterns *kinds)
{
    const char *unknown = pt_events_unknown_kind(kinds);
    struct pt_buf text = PT_BUF_INIT;
    int status = PT_COMMAND_GO_ON;

    if (unknown != NULL) {
        pt_buf_add_format(
            &text, "there is no kind of event '%s'; choose from ", unknown);
        pt_events_add_kinds(&text);
        status = pt_command_refuse(&command, pt_buf_text(&text));
        pt_buf_release(&text);
    }
    return status;
}

static int
check(struct fields *fields)
{
    struct pt_events_filter *filter = &fields->filter;

    filter->least_bytes = fields->least;
    filter->most_bytes = fields->most != UINT32_MAX ? fields->most
                                                    : UINT64_MAX;
    filter->most_events = fields->limit != UINT32_MAX ? fields->limit
                                                      : UINT64_MAX;
    if (read_seconds(fields->since, 0, &filter->since_ns) != PT_OK) {
        return pt_command_refuse(&command, "--since is a time in seconds");
    }
    if (read_seconds(fields->until, UINT64_MAX, &filter->until_ns) != PT_OK) {
        return pt_command_refuse(&command, "--until is a time in seconds");
    }
    return check_kinds(&filter->kinds);
}

static int
dump(const struct pt_opened *opened, const struct pt_events_filter *filter)
{
    struct pt_dossier dossier;
    uint64_t lost;
    int code = pt_dossier_init(&dossier, opened->reader, opened->path);

    if (code == PT_OK) {
        code = pt_out_events(&dossier, filter, STDOUT_FILENO, &lost);
        pt_dossier_release(&dossier);
    }
    // A reader of stdout who has gone away wanted no more.
    if (code != PT_OK && errno == EPIPE) {
        return 0;
    }
    if (code != PT_OK) {
        pt_say("cannot dump '%s': %s", opened->path,
               errno != 0 ? strerror(errno) : pt_error_text(code));
        return 1;
    }
    if (lost != 0) {
        pt_say("%llu events are missing from '%s'", (unsigned long long)lost,
               opened->path);
    }
    return 0;
}

int
pt_cmd_dump(int argc, char **argv)
{
    struct fields fields = {
        .filter = {.thread = PT_EVENTS_ANY, .process = PT_EVENTS_ANY},
        .most = UINT32_MAX,
        .limit = UINT32_MAX};
    struct pt_opened opened;
    int status = pt_command_read(&command, &fields.words, argc, argv);

    if (status == PT_COMMAND_GO_ON) {
        status = check(&fields);
    }
    if (status != PT_COMMAND_GO_ON) {
        return status;
    }
    if (pt_opened_init(&opened, fields.words.word[0]) != PT_OK) {
        return 1;
    }
    return pt_opened_release(&opened, dump(&opened, &fields.filter));
}
