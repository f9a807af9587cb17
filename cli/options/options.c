/* SPDX-License-Identifier: MIT */
/* options.c - the table, and reading a command line by it. */
#include "cli/options/options.h"

#include <assert.h>
#include <string.h>

#include "cli/options/suggest.h"

#define RUN PT_SCOPE_RUN
#define BOTH (PT_SCOPE_RUN | PT_SCOPE_REPORT)
#define OLD PT_SCOPE_TRACE
#define FLAG(field) NULL, PT_OPTION_FLAG, offsetof(struct pt_options, field)
#define TEXT(value, field) \
  value, PT_OPTION_TEXT, offsetof(struct pt_options, field)
#define CODE(value, field) \
  value, PT_OPTION_CODE, offsetof(struct pt_options, field)
#define LIST(value, field) \
  value, PT_OPTION_LIST, offsetof(struct pt_options, field)
#define CHOICE(values, field) \
  values, PT_OPTION_CHOICE, offsetof(struct pt_options, field)
#define MAYBE(values, field) \
  values, PT_OPTION_MAYBE, offsetof(struct pt_options, field)
#define SIZE(value, field) \
  value, PT_OPTION_SIZE, offsetof(struct pt_options, field)
#define NUMBER(value, field) \
  value, PT_OPTION_NUMBER, offsetof(struct pt_options, field)

static const struct pt_option table[] = {
    {'c', "count", FLAG(with_count), RUN | OLD},
    {'l', "listfuncs", FLAG(report.with_functions), BOTH | OLD},
    {0, "hits", FLAG(with_hits), RUN},
    {0, "branch", FLAG(with_branches), RUN},
    {0, "line-times", FLAG(with_times), RUN},
    {0, "per-process", FLAG(report.per_process), BOTH},
    {0, "times-top", NUMBER("N", report.times_top), BOTH},
    {0, "call-counts", FLAG(report.with_calls), BOTH},
    {'t', "trace", FLAG(with_lines), RUN | OLD},
    {'T', "trackcalls", FLAG(with_callers), RUN | OLD},
    {0, "callgraph", CHOICE("dot|json|text", report.callgraph), BOTH},
    {0, "calls", FLAG(with_tree), RUN},
    {0, "args", FLAG(with_arguments), RUN},
    {0, "returns", FLAG(with_results), RUN},
    {0, "exceptions", FLAG(with_exceptions), RUN},
    {'g', "timing", FLAG(with_timing), RUN | OLD},
    {0, "timing-digits", NUMBER("N", timing_digits), RUN},
    {0, "thread-names", FLAG(with_thread_names), RUN},
    {0, "color", FLAG(with_color), RUN},
    {'f', "file", TEXT("FILE", counts), RUN | OLD},
    {'r', "report", FLAG(from_counts), RUN | OLD},
    {'R', "no-report", FLAG(without_listings), RUN | OLD},
    {0, "mem", MAYBE("off|exact|sample", mem), RUN},
    {0, "native", MAYBE("off|on|auto", native), RUN},
    {0, "native-stacks", FLAG(with_native_stacks), RUN},
    {0, "native-profile", TEXT("FILE", native_profile), RUN},
    {'C', "coverdir", TEXT("DIR", report.coverdir), BOTH | OLD},
    {'m', "missing", FLAG(report.with_missing), BOTH | OLD},
    {'s', "summary", FLAG(report.with_summary), BOTH | OLD},
    {0, "summary-format", CHOICE("text|markdown|json", report.summary_format),
     BOTH},
    {0, "fail-under", NUMBER("N", report.fail_under), BOTH},
    {0, "fail-peak", SIZE("SIZE", report.fail_peak), BOTH},
    {0, "fail-live", SIZE("SIZE", report.fail_live), BOTH},
    {0, "fail-leak", FLAG(report.fail_leak), BOTH},
    {0, "peak", FLAG(is_peak), PT_SCOPE_REPORT},
    {0, "between", "TIME TIME", PT_OPTION_PAIR,
     offsetof(struct pt_options, moments), PT_SCOPE_REPORT},
    {0, "all", FLAG(with_all), RUN},
    {0, "include", LIST("PATTERN", include), RUN},
    {0, "omit", LIST("PATTERN", omit), RUN},
    {0, "ignore-module", LIST("NAME", ignore_module), RUN | OLD},
    {0, "ignore-dir", LIST("DIR", ignore_dir), RUN | OLD},
    {0, "mem-top", NUMBER("N", report.mem_top), BOTH},
    {0, "mem-group",
     CHOICE("lineno|filename|function|traceback", report.mem.group), BOTH},
    {0, "mem-frames", NUMBER("N", report.mem.frames), BOTH},
    {0, "mem-filter", LIST("PATTERN", report.mem.filter.only), BOTH},
    {0, "mem-omit", LIST("PATTERN", report.mem.filter.omit), BOTH},
    {0, "mem-cumulative", FLAG(report.mem.is_cumulative), BOTH},
    {0, "mem-peak", FLAG(report.with_peak), BOTH},
    {0, "mem-churn", FLAG(report.with_churn), BOTH},
    {0, "mem-lifetime", FLAG(report.with_lifetime), BOTH},
    {0, "snapshot", TEXT("FILE", snapshot), BOTH},
    {0, "snapshot-on", CHOICE("none|SIGUSR1|SIGUSR2", snapshot_on), RUN},
    {0, "mem-source", FLAG(report.with_source), BOTH},
    {0, "at", TEXT("TIME", at), PT_SCOPE_REPORT},
    {0, "module", FLAG(is_module), RUN | OLD},
    {0, "cmd", CODE("CODE", cmd), RUN},
    {0, "python", TEXT("PY", python), RUN},
    {0, "engine", TEXT("NAME", engine), RUN},
    {0, "timeline", TEXT("calls|lines|allocs|all", timeline), RUN},
    {0, "ring", TEXT("SIZE", ring), RUN},
    {0, "last", TEXT("TIME", last), RUN},
    {'o', "output", TEXT("FILE", output), RUN},
    {'h', "help", FLAG(is_help), BOTH | OLD},
    {0, "help-all", FLAG(is_help_all), RUN},
    {0, "version", FLAG(is_version), BOTH | OLD},
    {0, NULL, FLAG(is_help), 0},
};

static_assert(sizeof(table) / sizeof(table[0]) - 1 <= PT_GRAMMAR_ROWS_MAX,
              "bits of `given`");
static_assert(sizeof(enum pt_mem_tier) == sizeof(int), "a choice");
static_assert(sizeof(enum pt_ledger_group) == sizeof(int), "a choice");
static_assert(sizeof(enum pt_summary_format) == sizeof(int), "a choice");

static const char *const engines[] = {"probe", "monitoring", "settrace"};

const struct pt_option *
pt_options_table(void)
{
    return table;
}

void
pt_options_init(struct pt_options *options)
{
    *options = (struct pt_options){.report.mem_top = PT_MEM_TOP_DEFAULT,
                                   .report.times_top = PT_TIMES_TOP_DEFAULT,
                                   .report.callgraph = PT_CALLGRAPH_NONE,
                                   .timing_digits = PT_TIMING_DIGITS};
}

/* What to say when no known option comes near. */
static const char *
advice(enum pt_scope scope)
{
    return scope == PT_SCOPE_RUN
               ? "options of the program stand behind its name"
               : "pytrace report --help names those of this command";
}

int
pt_options_parse(struct pt_options *options, enum pt_scope scope, int argc,
                 char **argv, int *at, struct pt_err *err)
{
    struct pt_grammar grammar = {table, scope, advice(scope), PT_SCOPE_TRACE};

    return pt_grammar_parse(&grammar, options, &options->given, argc, argv, at,
                            err);
}

static int
check_engine(const char *engine, struct pt_err *err)
{
    size_t count = sizeof(engines) / sizeof(engines[0]);
    const char *meant = pt_suggest(engine, engines, count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(engine, engines[i]) == 0) {
            return PT_OK;
        }
    }
    if (meant != NULL) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "unknown line engine '%s': did you mean '%s'?",
                          engine, meant);
    }
    return pt_err_set(err, PT_ERR_USAGE,
                      "unknown line engine '%s'; there are probe, monitoring "
                      "(on CPython >= 3.12) and settrace",
                      engine);
}

/* An option was given whose name starts with these letters: its name, or NULL.
 */
static const char *
find_given(const struct pt_options *options, const char *start)
{
    for (const struct pt_option *option = table; option->name; option++) {
        if (pt_given_has(&options->given, (size_t)(option - table)) &&
            strncmp(option->name, start, strlen(start)) == 0) {
            return option->name;
        }
    }
    return NULL;
}

static int
is_given(const struct pt_options *options, const char *name)
{
    for (const struct pt_option *option = table; option->name; option++) {
        if (strcmp(option->name, name) == 0) {
            return pt_given_has(&options->given, (size_t)(option - table));
        }
    }
    return 0;
}

/* An option was given that narrows what is counted: its name, or NULL. */
static const char *
find_scope(const struct pt_options *options)
{
    static const char *const names[] = {"include", "omit", "ignore-"};
    const char *found = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        found = found != NULL ? found : find_given(options, names[i]);
    }
    return found;
}

/* An option was given that is about memory alone: its name, or NULL. */
static const char *
find_memory(const struct pt_options *options)
{
    static const char *const names[] = {"mem-", "fail-peak", "fail-live",
                                        "fail-leak", "native"};
    const char *found = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        found = found != NULL ? found : find_given(options, names[i]);
    }
    return found;
}

int
pt_options_check_report(const struct pt_options *options, struct pt_err *err)
{
    const struct pt_ledger_options *mem = &options->report.mem;
    const char *problem = NULL;

    if (mem->is_cumulative && mem->group == PT_LEDGER_TRACEBACK) {
        problem = "cannot specify both --mem-cumulative and "
                  "--mem-group traceback";
    }
    else if (find_given(options, "mem-frames") != NULL &&
             !mem->is_cumulative && mem->group != PT_LEDGER_TRACEBACK) {
        problem = "--mem-frames can only be used with --mem-group traceback "
                  "or --mem-cumulative";
    }
    else if (find_given(options, "summary-format") != NULL &&
             !options->report.with_summary) {
        problem = "--summary-format can only be used with --summary";
    }
    else if ((options->at != NULL) + options->is_peak +
                 (options->moments[0] != NULL) >
             1) {
        problem = "cannot specify more than one of --at, --peak and "
                  "--between";
    }
    else if (options->report.fail_under > 100) {
        problem = "--fail-under is a percentage, at most 100";
    }
    else if (find_given(options, "mem-frames") != NULL && mem->frames == 0) {
        problem = "--mem-frames must be at least 1";
    }
    return problem != NULL ? pt_err_set(err, PT_ERR_USAGE, "%s", problem)
                           : PT_OK;
}

/* Must frames be followed? */
static int
follows(const struct pt_options *options)
{
    return options->with_branches || options->with_times ||
           options->with_callers;
}

/* What is wrong with those that need counts, or NULL. */
static const char *
find_count_problem(const struct pt_options *options)
{
    if (options->with_branches && !options->with_count) {
        return "--branch can only be used with --count";
    }
    if (options->with_hits && !options->with_count) {
        return "--hits can only be used with --count";
    }
    if (options->with_hits && follows(options)) {
        return "--hits has no counts for --branch, --line-times and "
               "--trackcalls";
    }
    if (options->report.with_summary && !options->with_count &&
        !options->from_counts) {
        return "--summary can only be used with --count or --report";
    }
    if (options->report.fail_under != 0 && !options->with_count &&
        !options->from_counts) {
        return "--fail-under can only be used with --count or --report";
    }
    return NULL;
}

/* What is wrong with the options about lines, or NULL. */
static const char *
find_problem(const struct pt_options *options)
{
    if ((options->with_count || options->with_lines) &&
        options->report.with_functions) {
        return "cannot specify both --listfuncs and (--trace or --count)";
    }
    if (options->report.with_calls && !options->report.with_functions &&
        !options->with_callers) {
        return "--call-counts can only be used with --listfuncs or "
               "--trackcalls";
    }
    if (options->with_lines && options->with_tree) {
        return "cannot specify both --trace and --calls: what they print "
               "would be one flow; run once for each";
    }
    if (find_given(options, "callgraph") != NULL && !options->with_callers) {
        return "--callgraph can only be used with --trackcalls";
    }
    if (!options->with_lines &&
        (options->with_color || options->with_thread_names ||
         find_given(options, "timing-digits") != NULL)) {
        return "--color, --thread-names and --timing-digits can only be used "
               "with --trace";
    }
    if ((options->with_arguments || options->with_results ||
         options->with_exceptions) &&
        !options->with_tree) {
        return "--args, --returns and --exceptions can only be used with "
               "--calls";
    }
    if (find_given(options, "times-top") != NULL && !options->with_times) {
        return "--times-top can only be used with --line-times";
    }
    if (follows(options) && options->engine != NULL &&
        strcmp(options->engine, "probe") == 0) {
        return "--branch, --line-times and --trackcalls need the engine "
               "monitoring or settrace: probes know nothing of frames";
    }
    return find_count_problem(options);
}

/* Is any code to be traced line by line? */
static int
has_lines(const struct pt_options *options)
{
    return options->with_count || options->report.with_functions ||
           follows(options) || options->with_tree || options->with_lines;
}

/* Options about memory need --mem; it may have been switched off again. */
static int
check_memory(const struct pt_options *options, struct pt_err *err)
{
    if (find_memory(options) != NULL && !is_given(options, "mem")) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--%s can only be used with --mem",
                          find_memory(options));
    }
    if (options->snapshot != NULL && !is_given(options, "mem")) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--snapshot can only be used with --mem");
    }
    if (options->native && options->mem == PT_MEM_SAMPLE) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "cannot specify both --native and --mem=sample");
    }
    if ((options->with_native_stacks || options->native_profile != NULL) &&
        !options->native) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--native-%s can only be used with --native",
                          options->with_native_stacks ? "stacks" : "profile");
    }
    return PT_OK;
}

/* A file of counts has sums of hits, and names of functions and callers. */
static int
check_counts(const struct pt_options *options, struct pt_err *err)
{
    const char *other = options->with_branches           ? "--branch"
                        : options->with_times            ? "--line-times"
                        : options->with_hits             ? "--hits"
                        : options->report.with_calls     ? "--call-counts"
                        : is_given(options, "callgraph") ? "--callgraph"
                                                         : NULL;

    if (options->counts == NULL || other == NULL) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_USAGE,
                      "%s cannot be combined with --file: such a file has "
                      "hits of lines and names of functions and callers, no "
                      "more; keep each run with -o, and add up with pytrace "
                      "combine",
                      other);
}

/* --report, which has two meanings: with --file nothing is run, with --count
 * and a program lines that did not run are marked. */
static int
check_from_counts(const struct pt_options *options, const char *program,
                  struct pt_err *err)
{
    // What trace takes beside them, and passes over.
    static const char *const ignored[] = {
        "report",     "file",   "missing",        "summary",
        "coverdir",   "python", "summary-format", "fail-under",
        "count",      "trace",  "module",         "listfuncs",
        "trackcalls", "timing", "ignore-module",  "ignore-dir"};

    if (options->without_listings) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "argument -R/--no-report: not allowed with argument "
                          "-r/--report");
    }
    if (options->counts == NULL) {
        return options->with_count && program != NULL
                   ? PT_OK
                   : pt_err_set(err, PT_ERR_USAGE,
                                "-r/--report requires -f/--file");
    }
    for (const struct pt_option *option = table; option->name; option++) {
        size_t known = 0;

        while (known < sizeof(ignored) / sizeof(ignored[0]) &&
               strcmp(option->name, ignored[known]) != 0) {
            known++;
        }
        if (pt_given_has(&options->given, (size_t)(option - table)) &&
            known == sizeof(ignored) / sizeof(ignored[0])) {
            return pt_err_set(err, PT_ERR_USAGE,
                              "--%s cannot be combined with --report and "
                              "--file, which run nothing; leave it out, or "
                              "--report",
                              option->name);
        }
    }
    return PT_OK;
}

int
pt_options_check_run(const struct pt_options *options, const char *program,
                     struct pt_err *err)
{
    const char *problem = find_problem(options);

    if (options->timing_digits > PT_TIMING_DIGITS_MAX) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--timing-digits is at most %u: the clock has no "
                          "more",
                          PT_TIMING_DIGITS_MAX);
    }
    if (problem == NULL && check_counts(options, err) != PT_OK) {
        return PT_ERR_USAGE;
    }
    if (problem == NULL && options->from_counts) {
        int code = check_from_counts(options, program, err);

        if (code != PT_OK || options->counts != NULL) {
            return code;
        }
    }
    if (!has_lines(options) && options->mem == PT_MEM_OFF) {
        problem =
            "must specify one of --trace, --count, --report, --listfuncs, or "
            "--trackcalls, or --mem, --calls or --line-times; put it in front "
            "of the program";
    }
    else if (problem == NULL && options->is_module && options->cmd != NULL) {
        problem = "cannot specify both --module and --cmd";
    }
    else if (problem == NULL && program == NULL && options->cmd == NULL) {
        problem = "progname is missing: required with the main options; name "
                  "a script behind them, or --module NAME, or --cmd CODE";
    }
    if (problem != NULL) {
        return pt_err_set(err, PT_ERR_USAGE, "%s", problem);
    }
    if (find_scope(options) != NULL && !has_lines(options)) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--%s can only be used with --count, --listfuncs, "
                          "--trackcalls, --trace, --calls or --line-times",
                          find_scope(options));
    }
    if (options->engine != NULL &&
        check_engine(options->engine, err) != PT_OK) {
        return PT_ERR_USAGE;
    }
    if (check_memory(options, err) != PT_OK) {
        return PT_ERR_USAGE;
    }
    return pt_options_check_report(options, err);
}
