/* SPDX-License-Identifier: MIT */
/* test_patterns.c - what fits a pattern, as Python's fnmatch has it. */
#include "tests/unit/support.h"

#include "cli/report/patterns.h"

static void
patterns_fit_as_in_python(void **state)
{
    static const struct {
        const char *pattern;
        const char *path;
        int fits;
    } cases[] = {
        {"/a/b.py", "/a/b.py", 1},
        {"/a/b.py", "/a/b.pyc", 1},
        {"/a/b.pyc", "/a/b.py", 1},
        {"/a/b.py", "/a/bb.py", 0},
        {"*", "/a/b.py", 1},
        {"*.py", "/a/b.py", 1},
        {"*/b.py", "/a/x/b.py", 1},
        {"b.py", "/a/b.py", 0},
        {"/a/?.py", "/a/b.py", 1},
        {"/a/[abc].py", "/a/b.py", 1},
        {"/a/[!abc].py", "/a/b.py", 0},
        {"/a\\b.py", "/a\\b.py", 1},
        {"/a/[.py", "/a/[.py", 1},
        {"*/.x/*", "/a/.x/b.py", 1},
        {"<*>", "<unknown>", 1},
        {"", "", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_patterns patterns = {{cases[i].pattern}, 1};

        assert_int_equal(pt_patterns_match(&patterns, cases[i].path),
                         cases[i].fits);
    }
}

static void
one_of_several_is_enough(void **state)
{
    struct pt_patterns patterns = {{"/a/*", "/b/*"}, 2};
    struct pt_patterns none = {{NULL}, 0};

    (void)state;
    assert_true(pt_patterns_match(&patterns, "/b/x.py"));
    assert_false(pt_patterns_match(&patterns, "/c/x.py"));
    assert_false(pt_patterns_match(&none, "/c/x.py"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_fit_as_in_python),
        cmocka_unit_test(one_of_several_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
