/* SPDX-License-Identifier: MIT */
/* test_suggest.c - the word that was meant. */
#include "tests/unit/support.h"

#include "cli/options/suggest.h"

static void
distances_are_damerau_s(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "abc", 0},
        {"count", "cuont", 1},
        {"count", "coun", 1},
        {"count", "counts", 1},
        {"mem", "men", 1},
        {"missing", "mising", 1},
        {"kitten", "sitting", 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(pt_suggest_distance(cases[i].a, cases[i].b),
                         cases[i].distance);
        assert_int_equal(pt_suggest_distance(cases[i].b, cases[i].a),
                         cases[i].distance);
    }
    assert_true(pt_suggest_distance(
                    "x", "0123456789012345678901234567890123") == SIZE_MAX);
}

static void
only_what_is_near_is_suggested(void **state)
{
    static const char *const known[] = {"count",   "coverdir", "mem",
                                        "mem-top", "missing",  "summary"};
    static const struct {
        const char *word, *meant;
    } cases[] = {
        {"cuont", "count"},    {"counts", "count"},   {"cover", "coverdir"},
        {"memtop", "mem-top"}, {"men", "mem"},        {"sumary", "summary"},
        {"listfuncs", NULL},   {"x", NULL},           {"", NULL},
        {"mem", "mem"},        {"missing-all", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *meant = pt_suggest(cases[i].word, known, COUNT_OF(known));

        if (cases[i].meant == NULL) {
            assert_null(meant);
        }
        else {
            assert_non_null(meant);
            assert_string_equal(meant, cases[i].meant);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_damerau_s),
        cmocka_unit_test(only_what_is_near_is_suggested),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
