/* SPDX-License-Identifier: MIT */
/* cmd_leaks.c - lines that hold more with each piece of work. */
#include "cli/commands/cmd_leaks.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/report/print/gates.h"
#include "cli/report/print/out_leaks.h"
#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"

#define TOP_DEFAULT 10u
struct fields {
    struct pt_command_words words;
    int is_json;
    int fail_leak;
    int with_others;
    uint32_t top;
    const char *label;
    struct pt_filter filter;
};

#define ROW(letter, name, value, kind, field) \
  PT_COMMAND_ROW(letter, name, value, kind, struct fields, field)

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    ROW(0, "json", NULL, PT_OPTION_FLAG, is_json),
    ROW(0, "fail-leak", NULL, PT_OPTION_FLAG, fail_leak),
    ROW(0, "others", NULL, PT_OPTION_FLAG, with_others),
    ROW(0, "top", "N", PT_OPTION_NUMBER, top),
    ROW(0, "span", "LABEL", PT_OPTION_TEXT, label),
    ROW(0, "filter", "PATTERN", PT_OPTION_LIST, filter.only),
    ROW(0, "omit", "PATTERN", PT_OPTION_LIST, filter.omit),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace leaks [options] FILE",
    .help =
        "Find the lines that hold more memory with each piece of work, to the "
        "end.\n"
        "What grows at the start only (caches, warm-up) is kept apart. A "
        "piece of work\n"
        "is what the program puts in a span: with pytrace.span('request'). "
        "Record with\n"
        "--mem --timeline=allocs; or take at least 8 snapshots, each after "
        "the same\n"
        "amount of work: pytrace.snapshot('round').\n"
        "\n"
        "    pytrace --mem --timeline=allocs -o run.pytrace prog.py\n"
        "    pytrace leaks --span request run.pytrace\n"
        "\n"
        "      --span LABEL    the spans, marks or snapshots that are the "
        "work (those\n"
        "                      that occur most often)\n"
        "      --others        list what else holds more than at the start: "
        "warm-up,\n"
        "                      caches, what goes up and down\n"
        "      --top N         how many leaks, and others, are shown (10)\n"
        "      --filter PATTERN\n"
        "                      only lines of files that fit one of the "
        "patterns\n"
        "      --omit PATTERN  no lines of files that fit one of the "
        "patterns\n"
        "      --fail-leak     end with status 5 if there is a leak\n"
        "      --json          as one JSON object\n"
        "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = 1,
};

/* What a recording would need; 1 if it has all of it. */
static int
has_all(const struct pt_leakhunt *hunt, const struct fields *fields)
{
    const char *name = hunt->dossier->name;

    switch (hunt->lack) {
    case PT_LACK_WORK:
        if (fields->label != NULL) {
            pt_say("no span, mark or snapshot in '%s' is called '%s'; pytrace "
                   "info names the snapshots, pytrace dump --kind span_begin "
                   "the spans",
                   name, fields->label);
        }
        else {
            pt_say("there are no spans, marks or snapshots in '%s', so "
                   "nothing tells what work was done; put it in: with "
                   "pytrace.span('request')",
                   name);
        }
        return 0;
    case PT_LACK_EVENTS:
        pt_say("there are no allocations among the events of '%s'; record "
               "with --mem --timeline=allocs",
               name);
        return 0;
    case PT_LACK_POINTS:
        pt_say("'%s' has too little work for a judgement: at least %u of '%s' "
               "are needed; let the program work longer",
               name, PT_SERIES_LEAST, pt_buf_text(&hunt->label));
        return 0;
    default:
        return 1;
    }
}

/* Each leak at its line. */
static void
annotate(const struct pt_leakhunt *hunt)
{
    for (uint32_t i = 0; i < hunt->leaks; i++) {
        const struct pt_leak *leak = &hunt->leak[i];
        const struct pt_place *place = &hunt->dossier->sum.place[leak->place];
        struct pt_buf message = PT_BUF_INIT;

        pt_buf_add_format(&message, "this line holds %s more with each '%s'",
                          pt_size_text(leak->growth.bytes_per_work).text,
                          pt_buf_text(&hunt->label));
        pt_gate_annotate(&hunt->dossier->naming,
                         place->file != 0
                             ? hunt->dossier->sum.file[place->file].path
                             : NULL,
                         place->line, pt_buf_text(&message));
        pt_buf_release(&message);
    }
}

static int
print_leaks(const struct pt_leakhunt *hunt, const struct fields *fields)
{
    struct pt_buf out = PT_BUF_INIT;
    enum pt_escape escape = pt_escape_for(STDOUT_FILENO);
    int code = fields->is_json ? pt_out_leaks_json(hunt, &out)
                               : pt_out_leaks(hunt, fields->top, escape, &out);
    int status;

    if (code == PT_OK && fields->with_others && !fields->is_json) {
        code = pt_out_leaks_others(hunt, fields->top, escape, &out);
    }
    out.failed |= code != PT_OK;
    status = pt_command_write(NULL, &out);
    if (hunt->lost != 0) {
        pt_say("%llu events are missing from '%s', so the figures are "
               "estimates",
               (unsigned long long)hunt->lost, hunt->dossier->name);
    }
    if (status != 0 || !fields->fail_leak || hunt->leaks == 0) {
        return status;
    }
    annotate(hunt);
    return PT_GATE_LEAK;
}

static int
hunt_in(struct pt_dossier *dossier, const struct fields *fields)
{
    struct pt_leakhunt hunt;
    int status = 1;
    int code =
        pt_leakhunt_init(&hunt, dossier, fields->label, &fields->filter);

    if (code != PT_OK) {
        pt_say("cannot look for leaks in '%s': %s", dossier->name,
               pt_error_text(code));
        return 1;
    }
    if (has_all(&hunt, fields)) {
        status = print_leaks(&hunt, fields);
    }
    pt_leakhunt_release(&hunt);
    return status;
}

int
pt_cmd_leaks(int argc, char **argv)
{
    struct fields fields = {.top = TOP_DEFAULT};
    struct pt_opened opened;
    struct pt_dossier dossier;
    int status = pt_command_read(&command, &fields.words, argc, argv);

    if (status != PT_COMMAND_GO_ON) {
        return status;
    }
    if (pt_opened_init(&opened, fields.words.word[0]) != PT_OK) {
        return 1;
    }
    if (pt_dossier_init(&dossier, opened.reader, opened.path) != PT_OK) {
        pt_say("out of memory for the figures; free some");
        return pt_opened_release(&opened, 1);
    }
    status = hunt_in(&dossier, &fields);
    pt_dossier_release(&dossier);
    return pt_opened_release(&opened, status);
}
