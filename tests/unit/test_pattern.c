/* SPDX-License-Identifier: MIT */
/* test_pattern.c - what fits a pattern, as Python's fnmatch has it. */
#include "tests/unit/support.h"

#include "core/base/pattern.h"

static void
patterns_fit_as_in_python(void **state)
{
    static const struct {
        const char *pattern, *text;
        int fits;
    } cases[] = {
        {"/a/b.py", "/a/b.py", 1},
        {"/a/b.py", "/a/bb.py", 0},
        {"/a/b.py", "/a/b.p", 0},
        {"*", "", 1},
        {"*", "/a/b.py", 1},
        {"**.py", "/a/.b.py", 1},
        {"*/b.py", "/a/x/b.py", 1},
        {"*a*a*b", "aaaaaaaaaaaaaaaaab", 1},
        {"*a*a*b", "aaaaaaaaaaaaaaaaaa", 0},
        {"b.py", "/a/b.py", 0},
        {"", "", 1},
        {"", "a", 0},
        {"a", "", 0},
        {"?", "\xc3\xa4", 1},
        {"??", "\xc3\xa4", 0},
        {"\xc3\xa4*", "\xc3\xa4\xc3\xb6", 1},
        {"?", "\xa4", 1},
        {"[abc].py", "b.py", 1},
        {"[!abc].py", "b.py", 0},
        {"[!abc].py", "d.py", 1},
        {"[a-c]", "b", 1},
        {"[a-c]", "d", 0},
        {"[c-a]", "b", 0},
        {"[a-]", "-", 1},
        {"[]]", "]", 1},
        {"[!]]", "]", 0},
        {"[!]]", "x", 1},
        {"[\xc3\xa4-\xc3\xb6]", "\xc3\xa5", 1},
        {"[\xc3\xa4-\xc3\xb6]", "o", 0},
        {"[ab", "[ab", 1},
        {"a\\*b", "a\\xb", 1},
        {"\\*", "*", 0},
        {"<*>", "<unknown>", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (pt_pattern_match(cases[i].pattern, cases[i].text,
                             strlen(cases[i].text)) != cases[i].fits) {
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
        }
    }
}

static void
the_text_may_go_on(void **state)
{
    (void)state;
    assert_true(pt_pattern_match("/a/*", "/a/bcd", 4));
    assert_true(pt_pattern_match("/a", "/a/bcd", 2));
    assert_false(pt_pattern_match("/a/b", "/a/bcd", 3));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_fit_as_in_python),
        cmocka_unit_test(the_text_may_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
