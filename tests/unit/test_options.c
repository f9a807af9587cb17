/* SPDX-License-Identifier: MIT */
/* test_options.c - command lines read, and refused. */
#include "tests/unit/support.h"

#include "cli/options/help.h"
#include "cli/options/options.h"

#define WORDS_MAX 160

struct line {
    char text[1024];
    char *argv[WORDS_MAX];
    int argc;
    int at;
    struct pt_options options;
    struct pt_err err;
};

/* Cut a command line at its blanks and read its options. */
static int
parse(struct line *line, const char *text)
{
    snprintf(line->text, sizeof(line->text), "pytrace %s", text);
    line->argc = 0;
    line->at = 1;
    for (char *word = strtok(line->text, " "); word != NULL;
         word = strtok(NULL, " ")) {
        line->argv[line->argc++] = word;
    }
    line->argv[line->argc] = NULL;
    line->err.message[0] = '\0';
    pt_options_init(&line->options);
    return pt_options_parse(&line->options, PT_SCOPE_RUN, line->argc,
                            line->argv, &line->at, &line->err);
}

static void
letters_and_words_mean_the_same(void **state)
{
    static const char *const texts[] = {
        "-c -m -s -C dir prog.py",
        "--count --missing --summary --coverdir dir prog.py",
        "--count --missing --summary --coverdir=dir prog.py",
        "-cms -Cdir prog.py",
        "-cmsC dir prog.py",
        "-cmsC dir -- prog.py",
        "-cmsC=dir prog.py",
        "--coun --mis --sum --cov dir prog.py",
    };
    struct line line;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(parse(&line, texts[i]), PT_OK);
        assert_true(line.options.with_count);
        assert_false(line.options.mem != PT_MEM_OFF);
        assert_true(line.options.report.with_missing);
        assert_true(line.options.report.with_summary);
        assert_string_equal(line.options.report.coverdir, "dir");
        assert_string_equal(line.argv[line.at], "prog.py");
    }
}

static void
options_may_be_cut_short(void **state)
{
    struct line line;

    (void)state;
    // What they mean in trace comes first: there is --fail-under as well.
    assert_int_equal(parse(&line, "--r --f=counts --su x"), PT_OK);
    assert_true(line.options.from_counts);
    assert_false(line.options.with_results);
    assert_string_equal(line.options.counts, "counts");
    assert_true(line.options.report.with_summary);
    assert_int_equal(parse(&line, "--mem --mem-t=3 --bran x"), PT_OK);
    assert_int_equal(line.options.report.mem_top, 3);
    assert_true(line.options.with_branches);
}

static void
options_end_at_the_program(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "--mem prog.py --count --nonsense"), PT_OK);
    assert_false(line.options.with_count);
    assert_string_equal(line.argv[line.at], "prog.py");
    assert_int_equal(parse(&line, "--mem - -x"), PT_OK);
    assert_string_equal(line.argv[line.at], "-");
    assert_int_equal(parse(&line, "--mem -- -odd.py"), PT_OK);
    assert_string_equal(line.argv[line.at], "-odd.py");
}

static void
code_may_start_with_a_minus(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "--cmd -1 --mem a"), PT_OK);
    assert_string_equal(line.options.cmd, "-1");
    assert_true(line.options.mem != PT_MEM_OFF);
}

static void
numbers_are_numbers(void **state)
{
    struct line line;

    (void)state;
    assert_int_equal(parse(&line, "--mem-top 25 x"), PT_OK);
    assert_int_equal(line.options.report.mem_top, 25);
    assert_int_equal(parse(&line, "--mem x"), PT_OK);
    assert_int_equal(line.options.report.mem_top, PT_MEM_TOP_DEFAULT);
}

static void
choices_and_lists_are_read(void **state)
{
    struct line line;
    char words[1024] = "";

    (void)state;
    assert_int_equal(parse(&line, "--mem-group function --mem-omit=/a "
                                  "--mem-omit b --mem-filter c x"),
                     PT_OK);
    assert_int_equal(line.options.report.mem.group, PT_LEDGER_FUNCTION);
    assert_int_equal(line.options.report.mem.filter.omit.patterns, 2);
    assert_string_equal(line.options.report.mem.filter.omit.pattern[0], "/a");
    assert_string_equal(line.options.report.mem.filter.omit.pattern[1], "b");
    assert_int_equal(line.options.report.mem.filter.only.patterns, 1);
    for (uint32_t i = 0; i <= PT_PATTERNS_MAX; i++) {
        strcat(words, "--mem-omit x ");
    }
    assert_int_equal(parse(&line, words), PT_ERR_USAGE);
    assert_string_equal(line.err.message,
                        "too many of option '--mem-omit'; 64 at most");
}

static void
a_value_may_be_left_out(void **state)
{
    static const struct {
        const char *text;
        enum pt_mem_tier tier;
    } cases[] = {
        {"-c x", PT_MEM_OFF},
        {"--mem x", PT_MEM_EXACT},
        {"--mem off", PT_MEM_EXACT},
        {"--mem=exact x", PT_MEM_EXACT},
        {"--mem=sample x", PT_MEM_SAMPLE},
        {"--mem --mem=sample -c --mem=off x", PT_MEM_OFF},
        {"--mem=off --mem x", PT_MEM_EXACT},
    };
    struct line line;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(parse(&line, cases[i].text), PT_OK);
        assert_int_equal(line.options.mem, cases[i].tier);
    }
}

static void
what_is_wrong_is_said(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"--cuont x", "unknown option '--cuont': did you mean '--count'?"},
        {"--summery=1 x",
         "unknown option '--summery': did you mean '--summary'?"},
        {"--tr x", "ambiguous option: --tr could match --trace, --trackcalls"},
        {"--mem-o=a --mem-f=b x",
         "ambiguous option: --mem-f could match --mem-frames, --mem-filter"},
        {"--=1 x", "unknown option '--'; options of the program stand behind "
                   "its name"},
        {"--frobnicate x", "unknown option '--frobnicate'; options of the "
                           "program stand behind its name"},
        {"-cx y",
         "unrecognized arguments: -x; options of the program stand behind "
         "its name"},
        {"--count=1 x", "option '--count' takes no value; write just "
                        "--count"},
        {"--mem=all x", "option '--mem' knows no 'all'; choose one of "
                        "off|exact|sample"},
        {"--coverdir", "option '--coverdir' needs a value: --coverdir DIR"},
        {"-C", "option '--coverdir' needs a value: --coverdir DIR"},
        {"-C -m x", "option '--coverdir' needs a value, not the option '-m'; "
                    "if that is meant, write --coverdir=-m"},
        {"--mem-top ten x", "option '--mem-top' needs a number, not 'ten'"},
        {"--mem-top=-1 x", "option '--mem-top' needs a number, not '-1'"},
        {"--mem-top=4294967295 x",
         "option '--mem-top' needs a number, not '4294967295'"},
        {"--mem-top= x", "option '--mem-top' needs a number, not ''"},
        {"--mem-group line x",
         "option '--mem-group' knows no 'line'; choose one of "
         "lineno|filename|function|traceback"},
        {"--mem-group= x", "option '--mem-group' knows no ''; choose one of "
                           "lineno|filename|function|traceback"},
    };
    struct line line;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(parse(&line, cases[i].text), PT_ERR_USAGE);
        assert_string_equal(line.err.message, cases[i].message);
    }
}

static const struct {
    const char *text, *message;
} misfits[] = {
    {"prog.py",
     "must specify one of --trace, --count, --report, --listfuncs, or "
     "--trackcalls, or --mem, --calls or --line-times; put it in front of the "
     "program"},
    {"--mem -s prog.py",
     "--summary can only be used with --count or --report"},
    {"--mem=sample --native x",
     "cannot specify both --native and --mem=sample"},
    {"-c --mem-top 3 prog.py", "--mem-top can only be used with --mem"},
    {"-c", "progname is missing: required with the main options; name a "
           "script behind them, or --module NAME, or --cmd CODE"},
    {"-c --module --cmd x", "cannot specify both --module and --cmd"},
    {"-c --engine monitorin x",
     "unknown line engine 'monitorin': did you mean 'monitoring'?"},
    {"-c --engine dtrace x",
     "unknown line engine 'dtrace'; there are probe, monitoring (on "
     "CPython >= 3.12) and settrace"},
    {"-c --engine settrace x", ""},
    {"-c --cmd pass", ""},
    {"--mem --mem-top 0 x", ""},
    {"-c --mem-group lineno x", "--mem-group can only be used with --mem"},
    {"--mem --mem-cumulative --mem-group traceback x",
     "cannot specify both --mem-cumulative and --mem-group traceback"},
    {"-lc x", "cannot specify both --listfuncs and (--trace or --count)"},
    {"-lt x", "cannot specify both --listfuncs and (--trace or --count)"},
    {"-t --calls x",
     "cannot specify both --trace and --calls: what they print would be one "
     "flow; run once for each"},
    {"-l --line-times x", ""},
    {"-t --mem --omit x --cmd pass", ""},
    {"-c -f counts --mem x", ""},
    {"-c -f counts --branch x",
     "--branch cannot be combined with --file: such a file has hits of lines "
     "and names of functions and callers, no more; keep each run with -o, and "
     "add up with pytrace combine"},
    {"-l -f counts --call-counts x",
     "--call-counts cannot be combined with --file: such a file has hits of "
     "lines and names of functions and callers, no more; keep each run with "
     "-o, and add up with pytrace combine"},
    {"-c -f counts -s --summary-format json --fail-under 9 x", ""},
    {"-lT -f counts --mem x", ""},
    {"-rms -f counts --fail-under 9", ""},
    {"-r -f counts --mem",
     "--mem cannot be combined with --report and --file, which run nothing; "
     "leave it out, or --report"},
    {"-rR -f counts",
     "argument -R/--no-report: not allowed with argument -r/--report"},
    {"-r -f counts -c x", ""},
    {"-r -c x", ""},
    {"-r", "-r/--report requires -f/--file"},
    {"-t --timing-digits 10 x",
     "--timing-digits is at most 9: the clock has no more"},
    {"-c --call-counts x",
     "--call-counts can only be used with --listfuncs or --trackcalls"},
    {"-l --call-counts --omit x x", ""},
    {"-c --summary-format json x",
     "--summary-format can only be used with --summary"},
    {"-c --fail-under 101 x", "--fail-under is a percentage, at most 100"},
    {"--mem --fail-under 10 x",
     "--fail-under can only be used with --count or --report"},
    {"--mem --omit x --ignore-dir y x",
     "--omit can only be used with --count, --listfuncs, --trackcalls, "
     "--trace, --calls or --line-times"},
    {"--mem --ignore-dir y x",
     "--ignore-dir can only be used with "
     "--count, --listfuncs, --trackcalls, --trace, --calls or --line-times"},
    {"--mem --mem-frames 3 x",
     "--mem-frames can only be used with --mem-group traceback or "
     "--mem-cumulative"},
    {"--mem --mem-cumulative --mem-frames 0 x",
     "--mem-frames must be at least 1"},
    {"--mem --mem-cumulative --mem-frames 3 x", ""},
    {"-c --mem-top 3 --mem --mem=off x", ""},
};

static void
options_must_fit_each_other(void **state)
{
    struct line line;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(misfits); i++) {
        int code;

        assert_int_equal(parse(&line, misfits[i].text), PT_OK);
        code =
            pt_options_check_run(&line.options, line.argv[line.at], &line.err);
        assert_int_equal(code,
                         misfits[i].message[0] != '\0' ? PT_ERR_USAGE : PT_OK);
        assert_string_equal(line.err.message, misfits[i].message);
    }
}

static void
a_command_knows_its_own_options_only(void **state)
{
    char *argv[] = {"report", "--count", "x", NULL};
    struct pt_options options;
    struct pt_err err;
    int at = 1;

    (void)state;
    pt_options_init(&options);
    assert_int_equal(
        pt_options_parse(&options, PT_SCOPE_REPORT, 3, argv, &at, &err),
        PT_ERR_USAGE);
}

/* The text of a page; the caller releases it. */
static struct pt_buf
page(enum pt_help_page which)
{
    struct pt_buf out = PT_BUF_INIT;

    pt_help_add(&out, which);
    assert_int_equal(pt_buf_check(&out), PT_OK);
    return out;
}

static void
check_options_are_in(const struct pt_buf *help, int scope)
{
    for (const struct pt_option *option = pt_options_table(); option->name;
         option++) {
        char words[64];

        if ((option->scopes & scope) == 0) {
            continue;
        }
        if (option->letter != 0) {
            snprintf(words, sizeof(words), "  -%c, --%s ", option->letter,
                     option->name);
        }
        else if (option->kind == PT_OPTION_MAYBE) {
            snprintf(words, sizeof(words), "      --%s[=", option->name);
        }
        else {
            snprintf(words, sizeof(words), "      --%s ", option->name);
        }
        // Values that may be left out have explanations of their own.
        if (option->value != NULL && option->kind != PT_OPTION_MAYBE) {
            strcat(words, option->value);
        }
        if (strstr(pt_buf_text(help), words) == NULL) {
            fail_msg("the help does not have '%s'", words);
        }
    }
}

static void
every_option_is_in_the_help(void **state)
{
    struct pt_buf all = page(PT_HELP_ALL), report = page(PT_HELP_REPORT);

    (void)state;
    check_options_are_in(&all, PT_SCOPE_RUN);
    check_options_are_in(&report, PT_SCOPE_REPORT);
    pt_buf_release(&all);
    pt_buf_release(&report);
}

/* Every "--word" of a page is an option, be it of a run or of a report. */
static void
check_options_exist(const char *at)
{
    while ((at = strstr(at, "--")) != NULL) {
        size_t length = strspn(at += 2, "abcdefghijklmnopqrstuvwxyz-");
        int is_known = length == 0;

        for (const struct pt_option *option = pt_options_table();
             option->name != NULL && !is_known; option++) {
            is_known = strlen(option->name) == length &&
                       memcmp(option->name, at, length) == 0;
        }
        if (!is_known) {
            fail_msg("there is no option '--%.*s'", (int)length, at);
        }
    }
}

static void
the_short_help_is_true_and_short(void **state)
{
    struct pt_buf help = page(PT_HELP_SHORT);
    int lines = 0;

    (void)state;
    check_options_exist(pt_buf_text(&help));
    for (const char *at = pt_buf_text(&help); *at != '\0'; at++) {
        lines += *at == '\n';
    }
    assert_in_range(lines, 20, 50);
    pt_buf_release(&help);
}

static void
the_help_has_79_columns(void **state)
{
    static const enum pt_help_page pages[] = {PT_HELP_SHORT, PT_HELP_ALL,
                                              PT_HELP_REPORT};

    (void)state;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        struct pt_buf help = page(pages[i]);
        const char *line = pt_buf_text(&help);

        while (*line != '\0') {
            const char *end = strchr(line, '\n');

            assert_non_null(end);
            assert_in_range(end - line, 0, 79);
            line = end + 1;
        }
        pt_buf_release(&help);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_and_words_mean_the_same),
        cmocka_unit_test(options_may_be_cut_short),
        cmocka_unit_test(options_end_at_the_program),
        cmocka_unit_test(code_may_start_with_a_minus),
        cmocka_unit_test(numbers_are_numbers),
        cmocka_unit_test(choices_and_lists_are_read),
        cmocka_unit_test(a_value_may_be_left_out),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(options_must_fit_each_other),
        cmocka_unit_test(a_command_knows_its_own_options_only),
        cmocka_unit_test(every_option_is_in_the_help),
        cmocka_unit_test(the_short_help_is_true_and_short),
        cmocka_unit_test(the_help_has_79_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
