/* SPDX-License-Identifier: MIT */
/* test_patterns.c - lists of patterns against paths. */
#include "tests/unit/support.h"

#include "cli/report/source/patterns.h"

static void
compiled_files_stand_for_their_sources(void **state)
{
    struct pt_patterns source = {{"/a/b.py"}, 1};
    struct pt_patterns compiled = {{"/a/b.pyc"}, 1};

    (void)state;
    assert_true(pt_patterns_match(&source, "/a/b.py"));
    assert_true(pt_patterns_match(&source, "/a/b.pyc"));
    assert_true(pt_patterns_match(&compiled, "/a/b.py"));
    assert_true(pt_patterns_match(&compiled, "/a/b.pyc"));
    assert_false(pt_patterns_match(&compiled, "/a/b.pyx"));
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
        cmocka_unit_test(compiled_files_stand_for_their_sources),
        cmocka_unit_test(one_of_several_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
