/* SPDX-License-Identifier: MIT */
/* outcome.c - the closing words of a report. */
#include "cli/report/print/outcome.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/print/missed.h"
#include "cli/report/text/losses.h"
#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"

static const char *
signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } known[] = {
        {SIGHUP, "SIGHUP"},       {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
        {SIGILL, "SIGILL"},       {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"},
        {SIGBUS, "SIGBUS"},       {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"},
        {SIGUSR1, "SIGUSR1"},     {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
        {SIGPIPE, "SIGPIPE"},     {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"},
        {SIGXCPU, "SIGXCPU"},     {SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"},
        {SIGVTALRM, "SIGVTALRM"}, {SIGPROF, "SIGPROF"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].number == number) {
            return known[i].name;
        }
    }
    return NULL;
}

/* How a run ended. */
struct ending {
    uint32_t is_known;
    int32_t status;
    int32_t signal;
};

static void
add_ending(struct pt_buf *buf, struct ending ending)
{
    const char *name = signal_name(ending.signal);

    if (!ending.is_known) {
        pt_buf_add_text(buf, "had not ended when this was read");
    }
    else if (name != NULL) {
        pt_buf_add_format(buf, "was killed by %s", name);
    }
    else if (ending.signal != 0) {
        pt_buf_add_format(buf, "was killed by signal %d", (int)ending.signal);
    }
    else if (ending.status != 0) {
        pt_buf_add_format(buf, "ended with status %d", (int)ending.status);
    }
    else {
        pt_buf_add_text(buf, "ended normally");
    }
}

static struct ending
ending_of(const struct pt_header *header)
{
    return (struct ending){header->ended, header->exit_status,
                           header->exit_signal};
}

static struct ending
ending_of_run(const struct pt_run *run)
{
    return (struct ending){run->ended, run->exit_status, run->exit_signal};
}

void
pt_outcome_add_end(struct pt_buf *buf, const struct pt_header *header)
{
    add_ending(buf, ending_of(header));
}

void
pt_outcome_add_fork(struct pt_buf *buf, const struct pt_process *process)
{
    // Its parent alone got its status.
    pt_buf_add_text(buf, process->state == PT_PROCESS_FINISHED
                             ? "reached its end"
                             : "did not reach its end");
}

void
pt_outcome_add_process(struct pt_buf *buf, const struct pt_reader *reader,
                       uint32_t process, enum pt_escape escape)
{
    const struct pt_process *record = pt_reader_process(reader, process);
    const struct pt_run *run = pt_reader_run(reader, process);

    if (record->parent != process) {
        pt_buf_add_text(buf, "forked; ");
        pt_outcome_add_fork(buf, record);
    }
    else if (run == NULL) {
        pt_buf_add_text(buf, "the program, which ");
        pt_outcome_add_end(buf, pt_reader_header(reader));
    }
    else {
        size_t bytes;
        const char *name = pt_reader_text(reader, process, run->name, &bytes);

        pt_buf_add_char(buf, '\'');
        pt_escape_add(buf, name, bytes, escape);
        pt_buf_add_text(buf, "', which ");
        add_ending(buf, ending_of_run(run));
    }
}

/* The tier of memory: "memory exact". */
static void
add_tier(struct pt_buf *text, const struct pt_process *process,
         uint32_t trouble)
{
    static const uint32_t spoils =
        PT_TROUBLE_SPACE | PT_TROUBLE_MEMORY | PT_TROUBLE_ALLOCATORS;

    pt_buf_add_format(
        text, "memory %s%.*s",
        process->sample_bytes == 0 && (trouble & spoils) != 0 ? "not " : "",
        (int)sizeof(process->mem_tier), process->mem_tier);
    if (process->sample_bytes != 0) {
        pt_buf_add_format(text, ", about %s apart: sizes are estimates",
                          pt_size_text(process->sample_bytes).text);
    }
}

static int
has_engine(const struct pt_process *process)
{
    return process->engine[0] != '\0';
}

static int
has_tier(const struct pt_process *process)
{
    return process->mem_tier[0] != '\0';
}

/* Combined runs need not have recorded the same; NULL when none has it. */
static const struct pt_process *
first_with(const struct pt_report *report,
           int (*has)(const struct pt_process *process))
{
    for (uint32_t i = 0; i < report->sum.shares; i++) {
        if (has(report->sum.share[i].record)) {
            return report->sum.share[i].record;
        }
    }
    return NULL;
}

/* Are there figures on stdout, or judged by a limit, which a reader must know
 * the tier of? Listings alone leave a script's stderr to the program, as those
 * of trace do; at a terminal there is always a word. */
static int
wants_engines(const struct pt_report *report)
{
    const struct pt_report_options *options = report->options;

    return report->out.used != 0 || options->with_summary ||
           options->fail_under != 0 || isatty(STDERR_FILENO);
}

/* Which engine and tier: "line counts exact, by probe; memory exact". */
static void
say_engines(const struct pt_report *report, uint32_t trouble)
{
    static const uint32_t spoils = PT_TROUBLE_SPACE | PT_TROUBLE_MEMORY |
                                   PT_TROUBLE_SETTRACE | PT_TROUBLE_ENGINE;
    const struct pt_process *process = first_with(report, has_engine);
    uint32_t wanted = report->header->wanted;
    struct pt_buf text = PT_BUF_INIT;

    if ((wanted & PT_WANT_LINES) != 0 && process != NULL) {
        pt_buf_add_format(&text, "%s %sexact, by %.*s",
                          wanted & PT_WANT_HITS    ? "lines hit or not"
                          : wanted & PT_WANT_COUNT ? "line counts"
                          : wanted & PT_WANT_TIMES ? "times of lines"
                                                   : "calls",
                          (trouble & spoils) != 0 ? "not " : "",
                          (int)sizeof(process->engine), process->engine);
    }
    process = first_with(report, has_tier);
    if ((wanted & PT_WANT_MEM) != 0 && process != NULL) {
        pt_buf_add_text(&text, text.used != 0 ? "; " : "");
        add_tier(&text, process, trouble);
    }
    if (text.used != 0) {
        pt_say("%s", text.data);
    }
    pt_buf_release(&text);
}

static void
say_ending(const char *name, size_t bytes, struct ending ending)
{
    struct pt_buf text = PT_BUF_INIT;

    if (!ending.is_known || ending.status != 0 || ending.signal != 0) {
        add_ending(&text, ending);
        pt_say("%.*s %s", (int)bytes, name, pt_buf_text(&text));
    }
    pt_buf_release(&text);
}

/* Of the program, or of each combined run. */
static void
say_end(const struct pt_report *report)
{
    static const char program[] = "the program";

    if (pt_reader_run(report->reader, 0) == NULL) {
        say_ending(program, sizeof(program) - 1, ending_of(report->header));
        return;
    }
    for (uint32_t i = 0; i < report->sum.shares; i++) {
        const struct pt_process *process = report->sum.share[i].record;
        const struct pt_run *run =
            pt_reader_run(report->reader, process->number);
        const char *name;
        size_t bytes;

        if (run != NULL && process->parent == process->number) {
            name = pt_reader_text(report->reader, process->number, run->name,
                                  &bytes);
            say_ending(name, bytes, ending_of_run(run));
        }
    }
}

static void
say_trouble(const struct pt_report *report, uint32_t trouble)
{
    if (trouble & PT_TROUBLE_SPACE) {
        pt_say("no space was left for the recording, so the figures are too "
               "low; free some, or put it on another disk with -o FILE");
    }
    if (trouble & PT_TROUBLE_MEMORY) {
        pt_say("no memory was left for pytrace's own tables, so the figures "
               "are too low; raise the memory limit");
    }
    if (trouble & PT_TROUBLE_SETTRACE) {
        pt_say("the program took the trace function for itself, so lines were "
               "not counted from then on; choose another --engine");
    }
    if (trouble & PT_TROUBLE_ENGINE) {
        pt_say("the line engine '%s' could not start, so lines were not "
               "counted; choose another --engine",
               report->header->engine);
    }
    if (trouble & PT_TROUBLE_SIGNAL) {
        pt_say("the program took %s for itself, so from then on that made no "
               "snapshots; choose another with --snapshot-on",
               signal_name((int)report->header->snapshot_signal));
    }
    if (trouble & PT_TROUBLE_ALLOCATORS) {
        pt_say("another tool put Python's allocators back as they were before "
               "pytrace began, so memory from then on is missing; start that "
               "tool in the program, or not at all");
    }
    if (trouble & PT_TROUBLE_SUBINTERPRETER) {
        pt_say("the program made sub-interpreters; lines that ran in them "
               "were not counted");
    }
}

void
pt_outcome_say(const struct pt_report *report)
{
    uint32_t trouble = 0;
    struct pt_losses losses = {0};

    for (uint32_t i = 0; i < report->sum.shares; i++) {
        const struct pt_process *process = report->sum.share[i].record;

        trouble |= atomic_load(&process->trouble);
        pt_losses_take(&losses, process);
    }
    if (wants_engines(report)) {
        say_engines(report, trouble);
    }
    say_end(report);
    pt_missed_say(report);
    say_trouble(report, trouble);
    pt_losses_say(&losses);
}
