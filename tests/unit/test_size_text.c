/* SPDX-License-Identifier: MIT */
/* test_size_text.c - sizes in tracemalloc's words. */
#include "tests/unit/support.h"

#include "cli/report/text/size_text.h"

static void
sizes_are_those_of_tracemalloc(void **state)
{
    // From tracemalloc._format_size(size, False).
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1, "1 B"},
        {99.5, "100 B"},
        {839.68, "840 B"},
        {2.5, "2 B"},
        {10239, "10239 B"},
        {10240, "10.0 KiB"},
        {102399, "100.0 KiB"},
        {102400, "100 KiB"},
        {839680, "820 KiB"},
        {10485759, "10240 KiB"},
        {10485760, "10.0 MiB"},
        {1.5 * 1024 * 1024 * 1024, "1536 MiB"},
        {64.0 * 1024 * 1024 * 1024, "64.0 GiB"},
        {1e18, "909495 TiB"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(pt_size_text(cases[i].bytes).text, cases[i].text);
    }
}

static void
counts_have_commas(void **state)
{
    (void)state;
    assert_string_equal(pt_count_text(0).text, "0");
    assert_string_equal(pt_count_text(999).text, "999");
    assert_string_equal(pt_count_text(1000).text, "1,000");
    assert_string_equal(pt_count_text(1234567).text, "1,234,567");
    assert_string_equal(pt_count_text(UINT64_MAX).text,
                        "18,446,744,073,709,551,615");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_tracemalloc),
        cmocka_unit_test(counts_have_commas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
