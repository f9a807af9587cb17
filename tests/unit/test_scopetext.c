/* SPDX-License-Identifier: MIT */
/* test_scopetext.c - what a command line wants counted, as recorded. */
#include "tests/unit/support.h"

#include "cli/options/scopetext.h"

/* The scope with a blank for each zero byte. */
static int
compose(const struct pt_options *options, char *text)
{
    struct pt_header header = {.directory = "/code/here"};
    int code = pt_scopetext_compose(options, &header, NULL);
    size_t used = 0;

    for (const char *at = header.scope; *at != '\0'; at += strlen(at) + 1) {
        used += (size_t)sprintf(text + used, "%s ", at);
    }
    text[used] = '\0';
    return code;
}

static void
relative_patterns_start_in_the_directory(void **state)
{
    struct pt_options options = {
        .include = {{"src", "./a/../b/*.py", "/x//y/", "*/z.py", "[a]"}, 5},
        .omit = {{"../other", "?", "../../../.."}, 3}};
    char text[1100];

    (void)state;
    assert_int_equal(compose(&options, text), PT_OK);
    assert_string_equal(text, "i/code/here/src i/code/here/b/*.py i/x/y "
                              "i*/z.py i[a] o/code/other o? o ");
}

static void
modules_are_taken_apart_at_commas(void **state)
{
    struct pt_options options = {
        .ignore_module = {{"a, b.c ,,d", "", "e"}, 3}};
    char text[1100];

    (void)state;
    assert_int_equal(compose(&options, text), PT_OK);
    assert_string_equal(text, "ma mb.c md me ");
}

static void
directories_are_expanded_as_in_trace(void **state)
{
    struct pt_options options = {
        .ignore_dir = {{"lib:/x/../y/", "~/l:~", "$PT_X/a:${PT_X}b:$PT_NO",
                        "$prefix:$exec_prefix/json/", "."},
                       5}};
    char text[1100];

    (void)state;
    setenv("HOME", "/home/me", 1);
    setenv("PT_X", "/v", 1);
    unsetenv("PT_NO");
    unsetenv("prefix");
    unsetenv("exec_prefix");
    assert_int_equal(compose(&options, text), PT_OK);
    assert_string_equal(text, "d/code/here/lib d/y d/home/me/l d/home/me "
                              "d/v/a d/vb d/code/here/$PT_NO "
                              "d$prefix d$exec_prefix/json d/code/here ");
}

static void
too_much_is_refused(void **state)
{
    struct pt_options options = {.include = {{NULL}, 2}};
    struct pt_header header = {.directory = "/"};
    struct pt_err err;
    char longest[1024] = "/";

    (void)state;
    memset(longest + 1, 'x', 1010);
    options.include.pattern[0] = longest;
    options.include.pattern[1] = "/123456789";
    assert_int_equal(pt_scopetext_compose(&options, &header, &err),
                     PT_ERR_USAGE);
    assert_string_equal(err.message,
                        "--include, --omit, --ignore-module and --ignore-dir "
                        "are 1025 bytes, over 1023; choose patterns that fit "
                        "more");
    options.include.pattern[1] = "/1234567";
    assert_int_equal(pt_scopetext_compose(&options, &header, &err), PT_OK);
    assert_int_equal(header.scope[1022], 0);
    assert_int_equal(header.scope[1023], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relative_patterns_start_in_the_directory),
        cmocka_unit_test(modules_are_taken_apart_at_commas),
        cmocka_unit_test(directories_are_expanded_as_in_trace),
        cmocka_unit_test(too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
