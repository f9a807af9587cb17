/* SPDX-License-Identifier: MIT */
/* test_time_text.c - spans of time in words. */
#include "tests/unit/support.h"

#include "cli/report/text/time_text.h"

static void
units_and_digits(void **state)
{
    static const struct {
        double ns;
        const char *text;
    } cases[] = {
        {0, "0 ns"},         {1.4, "1 ns"},       {999, "999 ns"},
        {999.6, "1.00 us"},  {1234, "1.23 us"},   {12345, "12.3 us"},
        {99949, "99.9 us"},  {99960, "100 us"},   {123456, "123 us"},
        {999499, "999 us"},  {999500, "1.00 ms"}, {4.56e6, "4.56 ms"},
        {9.999e9, "10.0 s"}, {7.5e10, "75.0 s"},  {1.2e12, "1200 s"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(pt_time_text(cases[i].ns).text, cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_and_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
