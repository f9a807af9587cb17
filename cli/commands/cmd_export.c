/* SPDX-License-Identifier: MIT */
/* cmd_export.c - a recording in the formats of other tools. */
#include "cli/commands/cmd_export.h"

#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/report/export/export.h"
#include "cli/report/text/outlet.h"
#include "cli/report/text/say.h"

#define ANY_FIGURES (PT_WANT_COUNT | PT_WANT_MEM | PT_WANT_TIMES)
#define WANT_NOTHING UINT32_MAX  // events, which every recording has

enum content {
    CONTENT_FIGURES,  // text, with those of each process if asked for
    CONTENT_TEXT,
    CONTENT_BINARY,
};

static const struct {
    const char *name;
    pt_export_format write;
    uint32_t needs;  // enum pt_wanted: one of these must have been recorded
    enum content content;
} formats[] = {
    {"json", pt_out_json, ANY_FIGURES, CONTENT_FIGURES},
    {"csv", pt_out_csv, ANY_FIGURES, CONTENT_FIGURES},
    {"lcov", pt_out_lcov, PT_WANT_COUNT, CONTENT_TEXT},
    {"cobertura", pt_out_cobertura, PT_WANT_COUNT, CONTENT_TEXT},
    {"coveragepy", pt_out_coveragepy, PT_WANT_COUNT, CONTENT_BINARY},
    {"collapsed", pt_out_collapsed, ANY_FIGURES, CONTENT_TEXT},
    {"speedscope", pt_out_speedscope, ANY_FIGURES, CONTENT_TEXT},
    {"pprof", pt_out_pprof, ANY_FIGURES, CONTENT_BINARY},
    {"chrome", pt_out_chrome, WANT_NOTHING, CONTENT_TEXT},
    {"perfetto", pt_out_perfetto, WANT_NOTHING, CONTENT_BINARY},
};

#define FORMAT_NAMES                                               \
  "json|csv|lcov|cobertura|coveragepy|collapsed|speedscope|pprof|" \
  "chrome|perfetto"
#define VALUE_NAMES                                                         \
  "kept|kept-blocks|peak|peak-blocks|allocated|allocated-blocks|hits|time|" \
  "native|native-blocks|native-allocated|native-allocated-blocks"

struct fields {
    struct pt_command_words words;
    int format;
    int value;
    const char *output;
    struct pt_filter filter;
    int per_process;
};

#define ROW(letter, name, value, kind, field) \
  PT_COMMAND_ROW(letter, name, value, kind, struct fields, field)

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    ROW(0, "to", FORMAT_NAMES, PT_OPTION_CHOICE, format),
    ROW(0, "value", VALUE_NAMES, PT_OPTION_CHOICE, value),
    ROW('o', "output", "FILE", PT_OPTION_TEXT, output),
    ROW(0, "filter", "PATTERN", PT_OPTION_LIST, filter.only),
    ROW(0, "omit", "PATTERN", PT_OPTION_LIST, filter.omit),
    ROW(0, "per-process", NULL, PT_OPTION_FLAG, per_process),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace export --to FORMAT [options] FILE",
    .help =
        "Write a recording in the format of another tool.\n"
        "\n"
        "    pytrace export --to lcov -o cov.info run.pytrace\n"
        "    pytrace export --to collapsed run.pytrace | flamegraph.pl > "
        "mem.svg\n"
        "\n"
        "      --to json       all figures by file and line\n"
        "           csv        the same as a table\n"
        "           lcov       hits for genhtml and its kin\n"
        "           cobertura  hits as XML, for CI servers\n"
        "           coveragepy   the data file of coverage.py; it has no "
        "hits\n"
        "           collapsed  stacks for flamegraph.pl and its kin\n"
        "           speedscope   stacks for speedscope.app\n"
        "           pprof      stacks for go tool pprof\n"
        "           chrome     events for chrome://tracing\n"
        "           perfetto   events for ui.perfetto.dev\n"
        "      --value kept|kept-blocks|peak|peak-blocks|allocated|\n"
        "              allocated-blocks|hits|time|native|native-blocks|\n"
        "              native-allocated|native-allocated-blocks\n"
        "                      the value of a stack: the only one in "
        "collapsed, the\n"
        "                      one shown first in pprof (kept, or hits if no "
        "memory\n"
        "                      was recorded)\n"
        "  -o, --output FILE   write to FILE, not to stdout\n"
        "      --filter PATTERN\n"
        "                      only files that fit one of the patterns\n"
        "      --omit PATTERN  no files that fit one of the patterns\n"
        "      --per-process   json, csv: the share of each process in a "
        "line, too\n"
        "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = 1,
};

/* What a value is a figure of, and the option that records it. */
struct figures {
    uint32_t wanted;
    const char *name;
    const char *option;
};

static struct figures
figures_of(int value)
{
    switch (value) {
    case PT_VALUE_HITS:
        return (struct figures){PT_WANT_COUNT, "line counts", "--count"};
    case PT_VALUE_TIME:
        return (struct figures){PT_WANT_TIMES, "times of lines",
                                "--line-times"};
    case PT_VALUE_NATIVE:
    case PT_VALUE_NATIVE_BLOCKS:
    case PT_VALUE_NATIVE_ALLOCATED:
    case PT_VALUE_NATIVE_ALLOCATED_BLOCKS:
        return (struct figures){PT_WANT_NATIVE, "native memory", "--native"};
    default:
        return (struct figures){PT_WANT_MEM, "memory", "--mem"};
    }
}

/* True if a recording has what the request needs; else it was said. */
static int
has_content(const struct fields *fields, const struct pt_export *request)
{
    uint32_t needs = formats[fields->format].needs;
    uint32_t wanted = request->dossier->header->wanted;
    struct figures figures = figures_of(PT_VALUE_HITS);

    if (needs == WANT_NOTHING) {
        return 1;
    }
    if ((wanted & needs) != 0 && fields->value >= 0) {
        figures = figures_of(fields->value);
        needs = figures.wanted;
    }
    if ((wanted & needs) != 0) {
        return 1;
    }
    pt_say("there are no figures of %s in '%s'; record with %s", figures.name,
           request->dossier->name, figures.option);
    return 0;
}

static enum pt_stack_value
first_value(uint32_t wanted)
{
    return wanted & PT_WANT_MEM     ? PT_VALUE_KEPT
           : wanted & PT_WANT_TIMES ? PT_VALUE_TIME
                                    : PT_VALUE_HITS;
}

static int
write_export(const struct fields *fields, struct pt_dossier *dossier)
{
    struct pt_buf out = PT_BUF_INIT;
    struct pt_outlet outlet = PT_OUTLET_INIT(fields->output);
    struct pt_export request = {.dossier = dossier,
                                .filter = fields->filter,
                                .out = &out,
                                .outlet = &outlet};
    int code;

    if (!has_content(fields, &request)) {
        return 1;
    }
    request.value = fields->value >= 0 ? (enum pt_stack_value)fields->value
                                       : first_value(dossier->header->wanted);
    code = fields->per_process
               ? pt_split_init(&request.split, &dossier->sum, dossier->reader)
               : PT_OK;
    if (code == PT_OK) {
        code = formats[fields->format].write(&request);
        pt_split_release(&request.split);
    }
    if (code != PT_OK && outlet.number == 0) {
        pt_say("cannot export '%s': %s", dossier->name,
               code == PT_ERR_NOMEM          ? "out of memory; free some"
               : request.err.message[0] != 0 ? request.err.message
                                             : pt_error_text(code));
    }
    return pt_outlet_close(&outlet, &out, code);
}

int
pt_cmd_export(int argc, char **argv)
{
    struct fields fields = {.format = -1, .value = -1};
    struct pt_opened opened;
    struct pt_dossier dossier;
    int status = pt_command_read(&command, &fields.words, argc, argv);

    if (status != PT_COMMAND_GO_ON) {
        return status;
    }
    if (fields.format < 0) {
        return pt_command_refuse(&command, "--to is missing: which format?");
    }
    if (fields.per_process &&
        formats[fields.format].content != CONTENT_FIGURES) {
        return pt_command_refuse(
            &command, "--per-process can only be used with --to json or csv");
    }
    if (formats[fields.format].content == CONTENT_BINARY &&
        fields.output == NULL && isatty(STDOUT_FILENO)) {
        return pt_command_refuse(
            &command, "this format is no text: name a file with -o");
    }
    if (pt_opened_init(&opened, fields.words.word[0]) != PT_OK) {
        return 1;
    }
    if (pt_dossier_init(&dossier, opened.reader, opened.path) != PT_OK) {
        pt_say("out of memory for the figures; free some");
        return pt_opened_release(&opened, 1);
    }
    status = write_export(&fields, &dossier);
    pt_dossier_release(&dossier);
    return pt_opened_release(&opened, status);
}
