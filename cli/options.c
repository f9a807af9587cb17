/* SPDX-License-Identifier: MIT */
/* options.c - the table, and reading a command line by it. */
#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/standin.h"
#include "cli/suggest.h"

#define NAMES_MAX 64

#define RUN PT_SCOPE_RUN
#define BOTH (PT_SCOPE_RUN | PT_SCOPE_REPORT)
#define FLAG(field) NULL, PT_OPTION_FLAG, offsetof(struct pt_options, field)
#define TEXT(value, field) \
  value, PT_OPTION_TEXT, offsetof(struct pt_options, field)
#define CODE(value, field) \
  value, PT_OPTION_CODE, offsetof(struct pt_options, field)
#define LIST(value, field) \
  value, PT_OPTION_LIST, offsetof(struct pt_options, field)
#define CHOICE(values, field) \
  values, PT_OPTION_CHOICE, offsetof(struct pt_options, field)
#define NUMBER(value, field) \
  value, PT_OPTION_NUMBER, offsetof(struct pt_options, field)

static const struct pt_option table[] = {
    {'c', "count", FLAG(with_count), RUN},
    {'l', "listfuncs", FLAG(report.with_functions), BOTH},
    {0, "call-counts", FLAG(report.with_calls), BOTH},
    {'t', "trace", FLAG(with_lines), RUN},
    {'T', "trackcalls", FLAG(with_callers), RUN},
    {'g', "timing", FLAG(with_timing), RUN},
    {'f', "file", TEXT("FILE", counts), RUN},
    {'r', "report", FLAG(from_counts), RUN},
    {'R', "no-report", FLAG(without_listings), RUN},
    {0, "mem", FLAG(with_mem), RUN},
    {'C', "coverdir", TEXT("DIR", report.coverdir), BOTH},
    {'m', "missing", FLAG(report.with_missing), BOTH},
    {'s', "summary", FLAG(report.with_summary), BOTH},
    {0, "summary-format", CHOICE("text|markdown|json", report.summary_format),
     BOTH},
    {0, "fail-under", NUMBER("N", report.fail_under), BOTH},
    {0, "all", FLAG(with_all), RUN},
    {0, "include", LIST("PATTERN", include), RUN},
    {0, "omit", LIST("PATTERN", omit), RUN},
    {0, "ignore-module", LIST("NAME", ignore_module), RUN},
    {0, "ignore-dir", LIST("DIR", ignore_dir), RUN},
    {0, "mem-top", NUMBER("N", report.mem_top), BOTH},
    {0, "mem-group",
     CHOICE("lineno|filename|function|traceback", report.mem.group), BOTH},
    {0, "mem-frames", NUMBER("N", report.mem.frames), BOTH},
    {0, "mem-filter", LIST("PATTERN", report.mem.filter), BOTH},
    {0, "mem-omit", LIST("PATTERN", report.mem.omit), BOTH},
    {0, "mem-cumulative", FLAG(report.mem.is_cumulative), BOTH},
    {0, "mem-peak", FLAG(report.with_peak), BOTH},
    {0, "mem-churn", FLAG(report.with_churn), BOTH},
    {0, "mem-source", FLAG(report.with_source), BOTH},
    {0, "module", FLAG(is_module), RUN},
    {0, "cmd", CODE("CODE", cmd), RUN},
    {0, "python", TEXT("PY", python), RUN},
    {0, "engine", TEXT("NAME", engine), RUN},
    {'o', "output", TEXT("FILE", output), RUN},
    {'h', "help", FLAG(is_help), BOTH},
    {0, "version", FLAG(is_version), BOTH},
    {0, NULL, FLAG(is_help), 0},
};

static_assert(sizeof(table) / sizeof(table[0]) <= 64, "bits of `given`");
static_assert(sizeof(enum pt_ledger_group) == sizeof(int), "a choice");
static_assert(sizeof(enum pt_summary_format) == sizeof(int), "a choice");

static const char *const engines[] = {"probe", "monitoring", "settrace"};

const struct pt_option *
pt_options_table(void)
{
    return table;
}

/* Where the parser is in the command line. */
struct cursor {
    struct pt_options *options;
    enum pt_scope scope;
    int argc;
    char **argv;
    int at;
    struct pt_err *err;
};

static const struct pt_option *
find_letter(enum pt_scope scope, char letter)
{
    for (const struct pt_option *option = table; option->name; option++) {
        if (option->letter == letter && (option->scopes & scope) != 0) {
            return option;
        }
    }
    return NULL;
}

static const struct pt_option *
find_name(enum pt_scope scope, const char *name, size_t length)
{
    for (const struct pt_option *option = table; option->name; option++) {
        if (strlen(option->name) == length &&
            memcmp(option->name, name, length) == 0 &&
            (option->scopes & scope) != 0) {
            return option;
        }
    }
    return NULL;
}

/* What to say when no known option comes near. */
static const char *
advice(enum pt_scope scope)
{
    return scope == PT_SCOPE_RUN
               ? "options of the program stand behind its name"
               : "pytrace --help names those of this command";
}

static int
refuse_name(const struct cursor *cursor, const char *name, size_t length)
{
    const char *known[NAMES_MAX];
    const char *meant = NULL;
    char word[64];
    size_t count = 0;

    for (const struct pt_option *option = table; option->name; option++) {
        if ((option->scopes & cursor->scope) != 0 && count < NAMES_MAX) {
            known[count++] = option->name;
        }
    }
    if (length < sizeof(word)) {
        memcpy(word, name, length);
        word[length] = '\0';
        meant = pt_suggest(word, known, count);
    }
    if (meant != NULL) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "unknown option '--%s': did you mean '--%s'?", word,
                          meant);
    }
    return pt_err_set(cursor->err, PT_ERR_USAGE, "unknown option '--%.*s'; %s",
                      (int)(length < 200 ? length : 200), name,
                      advice(cursor->scope));
}

static int
refuse_letter(const struct cursor *cursor, char letter)
{
    return pt_err_set(cursor->err, PT_ERR_USAGE, "unknown option '-%c'; %s",
                      letter, advice(cursor->scope));
}

static int
read_number(const struct cursor *cursor, const struct pt_option *option,
            const char *value, uint32_t *number)
{
    unsigned long long result;
    char *end;

    errno = 0;
    result = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 ||
        result >= UINT32_MAX) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' needs a number, not '%s'",
                          option->name, value);
    }
    *number = (uint32_t)result;
    return PT_OK;
}

/* Which of the words of option->value it is. */
static int
read_choice(const struct cursor *cursor, const struct pt_option *option,
            const char *value, int *choice)
{
    const char *word = option->value;
    size_t length = strlen(value);

    for (int i = 0; *word != '\0'; i++) {
        size_t bytes = strcspn(word, "|");

        if (bytes == length && memcmp(word, value, length) == 0) {
            *choice = i;
            return PT_OK;
        }
        word += bytes + (word[bytes] == '|');
    }
    return pt_err_set(cursor->err, PT_ERR_USAGE,
                      "option '--%s' knows no '%s'; choose one of %s",
                      option->name, value, option->value);
}

static int
read_item(const struct cursor *cursor, const struct pt_option *option,
          const char *value, struct pt_patterns *list)
{
    if (list->patterns == PT_PATTERNS_MAX) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "too many of option '--%s'; %u at most",
                          option->name, PT_PATTERNS_MAX);
    }
    list->pattern[list->patterns++] = value;
    return PT_OK;
}

static int
store(const struct cursor *cursor, const struct pt_option *option,
      const char *value)
{
    char *field = (char *)cursor->options + option->offset;

    cursor->options->given |= UINT64_C(1) << (option - table);
    switch (option->kind) {
    case PT_OPTION_FLAG:
        *(int *)(void *)field = 1;
        return PT_OK;
    case PT_OPTION_TEXT:
    case PT_OPTION_CODE:
        *(const char **)(void *)field = value;
        return PT_OK;
    case PT_OPTION_CHOICE:
        return read_choice(cursor, option, value, (int *)(void *)field);
    case PT_OPTION_LIST:
        return read_item(cursor, option, value, (void *)field);
    case PT_OPTION_NUMBER:
        break;
    }
    return read_number(cursor, option, value, (uint32_t *)(void *)field);
}

/* The value that is a word of its own. What looks like an option is refused:
 * more likely the value was forgotten. */
static int
next_value(struct cursor *cursor, const struct pt_option *option,
           const char **value)
{
    const char *next = cursor->at < cursor->argc ? cursor->argv[cursor->at]
                                                 : NULL;

    if (next == NULL) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' needs a value: --%s %s", option->name,
                          option->name, option->value);
    }
    if (next[0] == '-' && next[1] != '\0' && option->kind != PT_OPTION_CODE) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' needs a value, not the option '%s'; "
                          "if that is meant, write --%s=%s",
                          option->name, next, option->name, next);
    }
    cursor->at++;
    *value = next;
    return PT_OK;
}

static int
read_long(struct cursor *cursor, const char *name)
{
    const char *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct pt_option *option = find_name(cursor->scope, name, length);
    const char *value = equals != NULL ? equals + 1 : NULL;
    int code;

    if (option == NULL) {
        return refuse_name(cursor, name, length);
    }
    if (option->kind == PT_OPTION_FLAG && value != NULL) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' takes no value; write just --%s",
                          option->name, option->name);
    }
    if (option->kind != PT_OPTION_FLAG && value == NULL) {
        code = next_value(cursor, option, &value);
        if (code != PT_OK) {
            return code;
        }
    }
    return store(cursor, option, value);
}

/* "-cms", "-C DIR" and "-CDIR". */
static int
read_letters(struct cursor *cursor, const char *letters)
{
    int code = PT_OK;

    while (*letters != '\0' && code == PT_OK) {
        const struct pt_option *option = find_letter(cursor->scope, *letters);
        const char *value = letters + 1;

        if (option == NULL) {
            return refuse_letter(cursor, *letters);
        }
        if (option->kind == PT_OPTION_FLAG) {
            code = store(cursor, option, NULL);
            letters++;
            continue;
        }
        if (*value == '\0') {
            code = next_value(cursor, option, &value);
        }
        return code == PT_OK ? store(cursor, option, value) : code;
    }
    return code;
}

void
pt_options_init(struct pt_options *options)
{
    *options = (struct pt_options){.report.mem_top = PT_MEM_TOP_DEFAULT};
}

int
pt_options_parse(struct pt_options *options, enum pt_scope scope, int argc,
                 char **argv, int *at, struct pt_err *err)
{
    struct cursor cursor = {options, scope, argc, argv, *at, err};
    int code = PT_OK;

    while (code == PT_OK && cursor.at < argc) {
        const char *word = argv[cursor.at];

        // A lone minus is the program that comes from stdin.
        if (word[0] != '-' || word[1] == '\0') {
            break;
        }
        cursor.at++;
        if (strcmp(word, "--") == 0) {
            break;
        }
        code = word[1] == '-' ? read_long(&cursor, word + 2)
                              : read_letters(&cursor, word + 1);
    }
    *at = cursor.at;
    return code;
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
        if ((options->given >> (option - table) & 1) != 0 &&
            strncmp(option->name, start, strlen(start)) == 0) {
            return option->name;
        }
    }
    return NULL;
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
    else if (options->report.fail_under > 100) {
        problem = "--fail-under is a percentage, at most 100";
    }
    else if (find_given(options, "mem-frames") != NULL && mem->frames == 0) {
        problem = "--mem-frames must be at least 1";
    }
    return problem != NULL ? pt_err_set(err, PT_ERR_USAGE, "%s", problem)
                           : PT_OK;
}

int
pt_options_check_run(const struct pt_options *options, const char *program,
                     struct pt_err *err)
{
    const char *problem = NULL;

    if (pt_standin_is_needed(options)) {
        return pt_standin_check(options, err);
    }
    if (!options->with_count && !options->report.with_functions &&
        !options->with_mem) {
        problem = "must specify one of --trace, --count, --report, "
                  "--listfuncs, or --trackcalls, or --mem";
    }
    else if (options->with_count && options->report.with_functions) {
        problem = "cannot specify both --listfuncs and (--trace or --count)";
    }
    else if (options->report.with_calls && !options->report.with_functions) {
        problem = "--call-counts can only be used with --listfuncs";
    }
    else if (options->report.with_summary && !options->with_count) {
        problem = "--summary can only be used with --count";
    }
    else if (options->report.fail_under != 0 && !options->with_count) {
        problem = "--fail-under can only be used with --count";
    }
    else if (find_scope(options) != NULL && !options->with_count &&
             !options->report.with_functions) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--%s can only be used with --count or --listfuncs",
                          find_scope(options));
    }
    else if (find_given(options, "mem-") != NULL && !options->with_mem) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--%s can only be used with --mem",
                          find_given(options, "mem-"));
    }
    else if (options->is_module && options->cmd != NULL) {
        problem = "cannot specify both --module and --cmd";
    }
    else if (program == NULL && options->cmd == NULL) {
        problem = "progname is missing: required with the main options";
    }
    if (problem != NULL) {
        return pt_err_set(err, PT_ERR_USAGE, "%s", problem);
    }
    if (options->engine != NULL &&
        check_engine(options->engine, err) != PT_OK) {
        return PT_ERR_USAGE;
    }
    return pt_options_check_report(options, err);
}
