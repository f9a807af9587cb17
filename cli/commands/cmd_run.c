/* SPDX-License-Identifier: MIT */
/* cmd_run.c - from the command line to the program's end and its report. */
#include "cli/commands/cmd_run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/options/help.h"
#include "cli/options/options.h"
#include "cli/options/scopetext.h"
#include "cli/options/timelineopt.h"
#include "cli/report/print/render.h"
#include "cli/report/text/say.h"
#include "cli/run/countsfile.h"
#include "cli/run/interpreter.h"
#include "cli/run/nativeprofile.h"
#include "cli/run/nativetier.h"
#include "cli/run/package.h"
#include "cli/run/printer.h"
#include "cli/run/program.h"
#include "cli/run/pulse.h"
#include "cli/run/runfile.h"
#include "cli/run/shutter.h"
#include "cli/run/snapshotfile.h"
#include "cli/run/stragglers.h"
#include "cli/run/supervise.h"
#include "core/base/rawmem.h"
#include "core/timeline/reader.h"

// 100 samples a second.
#define SAMPLE_NS UINT64_C(10000000)

/* The program and its arguments, as many as there is room for. */
static void
note_command(struct pt_header *header, char *const *words)
{
    size_t used = 0;

    // That one is only for the interpreter, before "-odd.py".
    words += strcmp(words[0], "--") == 0;
    for (; *words != NULL; words++) {
        size_t bytes = strlen(*words) + 1;

        // One byte is left, so that an empty text ends the list.
        if (bytes >= sizeof(header->command) - used) {
            break;
        }
        memcpy(header->command + used, *words, bytes);
        used += bytes;
    }
}

static int
describe_run(const struct pt_options *options, char *const *words,
             struct pt_header *header, struct pt_err *err)
{
    *header = (struct pt_header){0};
    header->wanted =
        (options->with_count ? PT_WANT_COUNT : 0u) |
        (options->report.with_functions ? PT_WANT_COUNT | PT_WANT_FUNCS : 0u) |
        (options->with_hits ? PT_WANT_HITS : 0u) |
        (options->with_branches ? PT_WANT_ARCS : 0u) |
        (options->with_times ? PT_WANT_TIMES : 0u) |
        (options->with_callers ? PT_WANT_CALLS : 0u) |
        (options->with_tree ? PT_WANT_TREE : 0u) |
        (options->with_arguments ? PT_WANT_ARGS : 0u) |
        (options->with_results ? PT_WANT_RESULTS : 0u) |
        (options->with_exceptions ? PT_WANT_RAISED : 0u) |
        (options->mem != PT_MEM_OFF ? PT_WANT_MEM : 0u) |
        (options->mem == PT_MEM_SAMPLE ? PT_WANT_SAMPLE : 0u) |
        (options->mem == PT_MEM_EXACT && options->report.with_churn
             ? PT_WANT_TEMPORARY
             : 0u) |
        (options->mem == PT_MEM_EXACT && options->report.with_lifetime
             ? PT_WANT_LIFETIME
             : 0u) |
        (options->with_all ? PT_WANT_ALL : 0u);
    header->sample_ns = SAMPLE_NS;
    header->snapshot_signal = pt_shutter_signal(options->snapshot_on);
    note_command(header, words);
    if (getcwd(header->directory, sizeof(header->directory)) == NULL) {
        header->directory[0] = '\0';
    }
    if (options->engine != NULL) {
        snprintf(header->engine, sizeof(header->engine), "%s",
                 options->engine);
    }
    if (pt_timelineopt_compose(options, header, err) != PT_OK) {
        return PT_ERR_USAGE;
    }
    return pt_scopetext_compose(options, header, err);
}

/* A run of an interpreter in which our boot module was never heard of. */
static int
say_unattached(const struct pt_ending *ending, const char *interpreter)
{
    if (ending->signal == 0 && ending->status == 0) {
        pt_say("the interpreter '%s' did not start pytrace: is it CPython >= "
               "3.11, and started without -S, -E and -I?",
               interpreter);
    }
    else {
        // The interpreter, or our boot module in it, has said why.
        pt_say("nothing was recorded");
    }
    return PT_ERR_START;
}

/* With the native tier there is a record from before the interpreter runs. */
static int
has_started(const struct pt_reader *reader)
{
    const struct pt_process *process = pt_reader_process(reader, 0);

    return process != NULL && process->state != PT_PROCESS_NEW;
}

static int
report_run(const struct pt_runfile *file, const struct pt_options *options,
           const struct pt_ending *ending, const struct pt_package *package,
           const char *interpreter)
{
    const char *name = file->output != NULL ? file->output : "the recording";
    struct pt_report_options shown = options->report;
    struct pt_reader *reader;
    struct pt_err err;
    int code = pt_reader_open(&reader, file->fd, name, &err);

    if (code != PT_OK) {
        pt_say("%s", err.message);
        return code;
    }
    if (options->counts != NULL) {
        // These are of the sums.
        shown.without_listings = 1;
        shown.fail_under = 0;
    }
    code = has_started(reader) ? pt_render(reader, &shown)
                               : say_unattached(ending, interpreter);
    if (has_started(reader) && options->snapshot != NULL &&
        pt_snapshotfile_write(reader, options->snapshot) != PT_OK) {
        code = PT_ERR_IO;
    }
    if (has_started(reader) && options->counts != NULL) {
        int added = pt_countsfile_add(reader, options, package, interpreter);

        code = code == PT_OK ? added : code;
    }
    pt_reader_close(reader);
    return code;
}

/* Who looks at the program on the way. */
struct onlookers {
    struct pt_pulse *pulse;
    struct pt_printer *printer;
    struct pt_shutter shutter;
};

static void
look(void *context)
{
    struct onlookers *onlookers = context;

    pt_pulse_beat(onlookers->pulse);
    pt_shutter_beat(&onlookers->shutter);
    pt_printer_beat(onlookers->printer);
}

/* The program is gone; others may be there. */
static void
see_off(struct pt_runfile *file, const struct pt_beat *beat,
        const struct pt_ending *ending)
{
    struct pt_stragglers stragglers = {.fd = file->fd, .header = file->header};
    const char *name = file->output;
    char pids[PT_STRAGGLERS_NAME_BYTES];

    pt_runfile_note_end(file, ending);
    pt_stragglers_wait(&stragglers, beat);
    if (stragglers.count != 0) {
        pt_stragglers_name(&stragglers, pids);
        pt_say("%u of its processes still %s (pid %s): what is done from now "
               "on is not in the report%s%s",
               stragglers.count, stragglers.count == 1 ? "runs" : "run", pids,
               name != NULL ? "; it will be in " : "",
               name != NULL ? name : "");
    }
}

/* See the program to its end, and look at it on the way. */
static int
supervise(struct pt_runfile *file, struct pt_printer *printer, char **words,
          struct pt_ending *ending, struct pt_err *err)
{
    struct onlookers onlookers = {
        .pulse = pt_pulse_new(file->fd, file->header),
        .printer = printer,
        .shutter = {.fd = file->fd, .header = file->header},
    };
    struct pt_beat beat = {look, &onlookers, file->header->sample_ns};
    const struct pt_beat *beats = beat.interval_ns != 0 ? &beat : NULL;
    int code = pt_supervise(words, beats, ending, err);

    if (code == PT_OK) {
        see_off(file, beats, ending);
    }
    // What was asked for in the last moment.
    pt_shutter_beat(&onlookers.shutter);
    pt_pulse_free(onlookers.pulse);
    return code;
}

/* Run and report; the ending is the program's, unless only we failed. */
static int
run_recorded(struct pt_runfile *file, const struct pt_options *options,
             const struct pt_package *package,
             const struct pt_nativetier *native, char **words,
             struct pt_ending *ending)
{
    struct pt_printer printer = {.spools = NULL};
    struct pt_err err;
    int code = pt_runfile_hand_over(file, package->boot, &err);
    int printed;

    if (code == PT_OK) {
        code = pt_nativetier_hand_over(native, &err);
    }
    if (code == PT_OK && native->library[0] != '\0') {
        code = pt_nativeprofile_hand_over(options->native_profile, &err);
    }
    if (code == PT_OK) {
        code = pt_printer_open(&printer, options, &err);
    }
    if (code == PT_OK) {
        code = supervise(file, &printer, words, ending, &err);
    }
    printed = pt_printer_close(&printer);
    if (code != PT_OK) {
        pt_say("%s", err.message);
        pt_runfile_discard(file);
        return code;
    }
    pt_runfile_note_end(file, ending);
    if (native->library[0] != '\0') {
        pt_nativeprofile_check(options->native_profile);
    }
    code = report_run(file, options, ending, package, words[0]);
    code = code == PT_OK ? printed : code;
    if (code != PT_OK && ending->signal == 0 && ending->status == 0) {
        ending->status = code > 0 ? code : 1;
    }
    pt_runfile_close(file);
    return PT_OK;
}

/* Our package, and who is to run the program. */
static int
find_interpreter(const struct pt_options *options, struct pt_package *package,
                 struct pt_interpreter *interpreter, struct pt_err *err)
{
    int code = pt_package_find(package, err);

    return code == PT_OK ? pt_interpreter_choose(interpreter, options->python,
                                                 package->python, err)
                         : code;
}

/* Nothing could be run: the status. */
static int
say_why(int code, const struct pt_err *err)
{
    pt_say("%s", err->message);
    return code == PT_ERR_USAGE ? 2 : 1;
}

static int
run(const struct pt_options *options, char **words)
{
    struct pt_package package;
    struct pt_interpreter interpreter;
    struct pt_nativetier native;
    struct pt_runfile file;
    struct pt_header header;
    struct pt_ending ending;
    struct pt_err err;
    int code = find_interpreter(options, &package, &interpreter, &err);

    if (code == PT_OK) {
        code = pt_nativetier_prepare(
            &native, options->mem != PT_MEM_OFF ? options->native : 0,
            options->with_native_stacks, interpreter.path, package.directory,
            &err);
    }
    if (code == PT_OK) {
        code = describe_run(options, words + 1, &header, &err);
        header.wanted |= pt_nativetier_wanted(&native);
    }
    if (code == PT_OK) {
        code = pt_runfile_create(&file, options->output, &header, &err);
    }
    if (code != PT_OK) {
        return say_why(code, &err);
    }
    words[0] = interpreter.path;
    code = run_recorded(&file, options, &package, &native, words, &ending);
    if (code != PT_OK) {
        // Who was named by --python could not be executed: wrong usage.
        return code == PT_ERR_START && interpreter.is_asked_for ? 2 : 1;
    }
    return pt_supervise_end(&ending);
}

/* --report --file: nothing is run. */
static int
report_counts(const struct pt_options *options)
{
    struct pt_package package;
    struct pt_interpreter interpreter;
    struct pt_err err;
    int code = find_interpreter(options, &package, &interpreter, &err);

    if (code != PT_OK) {
        return say_why(code, &err);
    }
    code = pt_countsfile_report(options, &package, interpreter.path);
    return code < 0 ? 1 : code;
}

int
pt_cmd_run(int argc, char **argv)
{
    struct pt_options options;
    struct pt_err err;
    char **words;
    int at = 1;
    int code, status;

    pt_options_init(&options);
    code = pt_options_parse(&options, PT_SCOPE_RUN, argc, argv, &at, &err);
    if (code == PT_OK &&
        (options.is_help || options.is_help_all || options.is_version)) {
        return pt_help_answer(&options, PT_HELP_SHORT);
    }
    if (code == PT_OK) {
        code = pt_options_check_run(&options, argv[at], &err);
    }
    if (code != PT_OK) {
        return pt_help_refuse(err.message);
    }
    if (options.from_counts && options.counts != NULL) {
        return report_counts(&options);
    }
    options.report.without_listings = options.without_listings;
    // trace has that for files of counts only: mark the lines of this run.
    options.report.with_missing |= options.from_counts;
    if (options.cmd == NULL && !options.is_module &&
        pt_program_check(argv[at], &err) != PT_OK) {
        pt_say("%s", err.message);
        return 2;
    }
    if (pt_program_words(&options, argv + at, &words) != PT_OK) {
        pt_say("out of memory; free some");
        return 1;
    }
    status = run(&options, words);
    pt_rawmem_free(words);
    return status;
}
