/* SPDX-License-Identifier: MIT */
/* test_filter.c - whose lines are counted. */
#include "tests/unit/support.h"

#include <errno.h>

#include "linetrace/filter.h"

/* Decide with a scope whose entries are parted by blanks. */
static int
is_counted(const char *scope, const char *path)
{
    static const struct pt_filter_libraries libraries = {"/usr/lib/py",
                                                         "/venv/lib/py"};
    char entries[1024] = "";

    for (size_t i = 0; scope[i] != '\0'; i++) {
        entries[i] = scope[i];
        if (scope[i] == ' ') {
            entries[i] = '\0';
        }
    }
    pt_filter_init("/code/prog.py", "");
    assert_int_equal(pt_filter_ignore("/usr/lib/py", 0), 0);
    assert_int_equal(pt_filter_ignore("/tool", 1), 0);
    pt_filter_take_scope(entries, sizeof(entries), &libraries);
    return (pt_filter_decide(path, strlen(path)) & PT_SOURCE_TRACED) != 0;
}

static void
own_code_is_counted_unless_told_otherwise(void **state)
{
    static const struct {
        const char *scope, *path;
        int counted;
    } cases[] = {
        {"", "/code/prog.py", 1},
        {"", "/code/mod.py", 1},
        {"", "/usr/lib/py/json.py", 0},
        {"", "/venv/lib/py/site-packages/x.py", 0},
        {"", "/tool/x.py", 0},
        {"", "<string>", 0},
        {"i/code/a/*", "/code/a/x.py", 1},
        {"i/code/a", "/code/a/x.py", 1},
        {"i/code/a", "/code/ab.py", 0},
        {"i/code/a", "/code/prog.py", 0},
        {"i*/json.py", "/usr/lib/py/json.py", 1},
        {"i*", "/tool/x.py", 0},
        {"i*", "<string>", 0},
        {"i/code/a i/code/b", "/code/b/x.py", 1},
        {"o*/test_*", "/code/tests/test_x.py", 0},
        {"o*/test_*", "/code/x.py", 1},
        {"i/code o/code/tests", "/code/tests/x.py", 0},
        {"o/code/prog.py", "/code/prog.py", 0},
        {"mmod", "/code/mod.py", 0},
        {"mmod", "/code/mod.x.py", 0},
        {"mmod", "/code/module.py", 1},
        {"mmod", "/code/mod/x.py", 1},
        {"mprog", "/code/prog.py", 0},
        {"d/code/lib", "/code/lib/x.py", 0},
        {"d/code/lib", "/code/lib.py", 1},
        {"d/code", "/code/prog.py", 0},
        {"d$prefix i*", "/usr/lib/py/json.py", 0},
        {"d$prefix/json i*", "/usr/lib/py/json/x.py", 0},
        {"d$prefix/json i*", "/usr/lib/py/x.py", 1},
        {"d$exec_prefix i*", "/venv/lib/py/x.py", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (is_counted(cases[i].scope, cases[i].path) != cases[i].counted) {
            fail_msg("'%s' with '%s'", cases[i].path, cases[i].scope);
        }
    }
}

static void
packages_are_ignored_as_a_whole(void **state)
{
    char top[] = "/tmp/pytrace-filter-XXXXXX";
    char command[256], path[128];
    static const struct {
        const char *scope, *path;
        int counted;
    } cases[] = {
        {"mpkg", "pkg/__init__.py", 0},   {"mpkg", "pkg/sub/x.py", 0},
        {"mpkg", "other/x.py", 1},        {"mpkg.sub", "pkg/sub/x.py", 0},
        {"mpkg.sub", "pkg/x.py", 1},      {"mpkg.x", "pkg/x.py", 0},
        {"mpkg.x", "pkg/xx.py", 1},       {"mpk", "pkg/sub/x.py", 1},
        {"mplain", "plain/x.py", 1},      {"msub", "pkg/sub/x.py", 1},
        {"mpkg.sub", "pkg/subs/x.py", 1},
    };

    (void)state;
    assert_non_null(mkdtemp(top));
    sprintf(command,
            "cd %s && mkdir -p pkg/sub plain && touch pkg/__init__.py", top);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        sprintf(path, "%s/%s", top, cases[i].path);
        errno = 77;
        if (is_counted(cases[i].scope, path) != cases[i].counted) {
            fail_msg("'%s' with '%s'", cases[i].path, cases[i].scope);
        }
        assert_int_equal(errno, 77);
    }
    sprintf(command, "rm -rf %s", top);
    assert_int_equal(system(command), 0);
}

static void
the_program_is_known_even_if_it_is_ignored(void **state)
{
    (void)state;
    assert_false(is_counted("o*", "/code/prog.py"));
    assert_int_equal(pt_filter_decide("/code/prog.py", 13), PT_SOURCE_MAIN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_code_is_counted_unless_told_otherwise),
        cmocka_unit_test(packages_are_ignored_as_a_whole),
        cmocka_unit_test(the_program_is_known_even_if_it_is_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
