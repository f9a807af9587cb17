/* SPDX-License-Identifier: MIT */
/* cmd_diff.c - two recordings, or two snapshots of one, compared. */
#include "cli/commands/cmd_diff.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/report/print/out_diff.h"
#include "cli/report/print/out_tracediff.h"
#include "cli/report/text/say.h"

#define TOP_DEFAULT 10u

struct fields {
    struct pt_command_words words;
    int is_json;
    uint32_t top;
    struct pt_comparison_options options;
};

#define ROW(letter, name, value, kind, field) \
  PT_COMMAND_ROW(letter, name, value, kind, struct fields, field)

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    ROW(0, "json", NULL, PT_OPTION_FLAG, is_json),
    ROW(0, "top", "N", PT_OPTION_NUMBER, top),
    ROW(0, "group", "lineno|function|filename|traceback", PT_OPTION_CHOICE,
        options.group),
    ROW(0, "filter", "PATTERN", PT_OPTION_LIST, options.filter.only),
    ROW(0, "omit", "PATTERN", PT_OPTION_LIST, options.filter.omit),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace diff [options] BEFORE AFTER",
    .help =
        "Compare two recordings: which lines hold more or less memory at the "
        "end, which\n"
        "are newly executed or no longer, which run more or less often. Lines "
        "are the\n"
        "same by file, function and text, not by number.\n"
        "\n"
        "    pytrace diff before.pytrace after.pytrace\n"
        "    pytrace diff --group function run.pytrace@warm run.pytrace\n"
        "\n"
        "      --group lineno|function|filename|traceback\n"
        "                      what is compared (lineno)\n"
        "      --top N         how many entries each table shows (10)\n"
        "      --filter PATTERN\n"
        "                      only files that fit one of the patterns\n"
        "      --omit PATTERN  no files that fit one of the patterns\n"
        "      --json          all changes, as one JSON object\n"
        "  -h, --help          print this\n",
    .options = table,
    .least = 2,
    .most = 2,
};

static int
say_no_memory(void)
{
    pt_say("out of memory for the comparison; free some");
    return 1;
}

/* By traceback, of which memory alone has any. */
static int
compare_traces(const struct fields *fields, struct pt_dossier *before,
               struct pt_dossier *after)
{
    uint32_t both = before->header->wanted & after->header->wanted;
    struct pt_buf out = PT_BUF_INIT;
    struct pt_tracediff diff;

    if ((both & PT_WANT_MEM) == 0) {
        pt_say("tracebacks are those of memory, which '%s' and '%s' have not "
               "both; record with --mem",
               before->name, after->name);
        return 1;
    }
    if (pt_tracediff_init(&diff, before, after, &fields->options.filter) !=
        PT_OK) {
        return say_no_memory();
    }
    if (fields->is_json) {
        pt_out_tracediff_json(&diff, &out);
    }
    else {
        pt_out_tracediff(&diff, fields->top, pt_escape_for(STDOUT_FILENO),
                         &out);
    }
    pt_tracediff_release(&diff);
    return pt_command_write(NULL, &out);
}

static int
compare(const struct fields *fields, struct pt_dossier *before,
        struct pt_dossier *after)
{
    struct pt_diff_style style = {.group = fields->options.group,
                                  .top = fields->top,
                                  .escape = pt_escape_for(STDOUT_FILENO)};
    struct pt_comparison comparison;
    struct pt_buf out = PT_BUF_INIT;

    if (pt_comparison_init(&comparison, before, after, &fields->options) !=
        PT_OK) {
        return say_no_memory();
    }
    if (!comparison.with_hits && !comparison.with_times &&
        !comparison.with_memory) {
        pt_say("'%s' and '%s' have neither line counts, times of lines nor "
               "memory in common; record both with --count or --mem",
               before->name, after->name);
        pt_comparison_release(&comparison);
        return 1;
    }
    if (fields->is_json) {
        pt_out_diff_json(&comparison, &style, &out);
    }
    else {
        pt_out_diff(&comparison, &style, &out);
    }
    pt_comparison_release(&comparison);
    return pt_command_write(NULL, &out);
}

static int
compare_opened(const struct fields *fields, const struct pt_opened *first,
               const struct pt_opened *second)
{
    struct pt_dossier before, after;
    int status;

    if (pt_dossier_init(&before, first->reader, first->path) != PT_OK) {
        return say_no_memory();
    }
    if (pt_dossier_init(&after, second->reader, second->path) != PT_OK) {
        pt_dossier_release(&before);
        return say_no_memory();
    }
    status = fields->options.group == PT_COMPARE_TRACEBACKS
                 ? compare_traces(fields, &before, &after)
                 : compare(fields, &before, &after);
    pt_dossier_release(&after);
    pt_dossier_release(&before);
    return status;
}

int
pt_cmd_diff_opened(const struct pt_opened *before,
                   const struct pt_opened *after,
                   const struct pt_comparison_options *options, uint32_t top)
{
    struct fields fields = {.top = top, .options = *options};

    return compare_opened(&fields, before, after);
}

int
pt_cmd_diff(int argc, char **argv)
{
    struct fields fields = {.top = TOP_DEFAULT};
    struct pt_opened first, second;
    int status = pt_command_read(&command, &fields.words, argc, argv);

    if (status != PT_COMMAND_GO_ON) {
        return status;
    }
    if (pt_opened_init(&first, fields.words.word[0]) != PT_OK) {
        return 1;
    }
    if (pt_opened_init(&second, fields.words.word[1]) != PT_OK) {
        return pt_opened_release(&first, 1);
    }
    status = compare_opened(&fields, &first, &second);
    status = pt_opened_release(&second, status);
    return pt_opened_release(&first, status);
}
