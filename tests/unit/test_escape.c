/* SPDX-License-Identifier: MIT */
/* test_escape.c - what a terminal must not obey. */
#include "tests/unit/support.h"

#include "cli/report/text/escape.h"

static void
controls_are_shown_on_a_terminal(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"plain \xc3\xa4 \xf0\x9f\x98\x80", "plain \xc3\xa4 \xf0\x9f\x98\x80"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"a\tb\nc\x7f", "a\\x09b\\x0ac\\x7f"},
        {"\xc2\x85", "\\x85"},                // next line, of C1
        {"\xe2\x80\xae", "\\u202e"},          // turns the direction
        {"\xff\xc3", "\\xff\\xc3"},           // not UTF-8
        {"\xc0\x9b", "\\xc0\\x9b"},           // overlong escape
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_buf buf = PT_BUF_INIT;

        pt_escape_add(&buf, cases[i].text, strlen(cases[i].text),
                      PT_ESCAPE_CONTROLS);
        assert_string_equal(pt_buf_text(&buf), cases[i].shown);
        pt_buf_release(&buf);
    }
}

static void
a_file_gets_the_bytes_as_they_are(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;
    FILE *file = tmpfile();

    (void)state;
    pt_escape_add(&buf, "\x1b\xff", 2, PT_ESCAPE_NOTHING);
    assert_string_equal(pt_buf_text(&buf), "\x1b\xff");
    assert_int_equal(pt_escape_for(fileno(file)), PT_ESCAPE_NOTHING);
    pt_buf_release(&buf);
    fclose(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_are_shown_on_a_terminal),
        cmocka_unit_test(a_file_gets_the_bytes_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
