/* SPDX-License-Identifier: MIT */
/* test_error.c - codes, their sentences, and messages. */
#include "tests/unit/support.h"

static const int codes[] = {
#define CODE(name, number, sentence) PT_ERR_##name,
    PT_ERROR_LIST(CODE)
#undef CODE
};

static void
codes_are_negative_and_count_down_from_minus_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        assert_int_equal(codes[i], -(int)i - 1);
    }
}

static void
every_code_has_a_sentence_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        assert_string_not_equal(pt_error_text(codes[i]), "unknown error");
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(pt_error_text(codes[i]),
                                    pt_error_text(codes[j]));
        }
    }
    assert_string_equal(pt_error_text(PT_OK), "no error");
}

static void
a_code_that_is_none_is_unknown(void **state)
{
    static const int others[] = {1, -(int)COUNT_OF(codes) - 1, INT32_MAX,
                                 INT32_MIN};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_string_equal(pt_error_text(others[i]), "unknown error");
    }
}

static void
setting_fills_the_error_and_returns_the_code(void **state)
{
    struct pt_err err;

    (void)state;
    assert_int_equal(
        pt_err_set(&err, PT_ERR_IO, "cannot open '%s': %d", "x", 7),
        PT_ERR_IO);
    assert_int_equal(err.code, PT_ERR_IO);
    assert_string_equal(err.message, "cannot open 'x': 7");
}

static void
nobody_has_to_want_the_message(void **state)
{
    (void)state;
    assert_int_equal(pt_err_set(NULL, PT_ERR_NOMEM, "%s", "x"), PT_ERR_NOMEM);
}

static void
a_long_message_is_cut_and_still_ended(void **state)
{
    struct pt_err err;
    char text[2 * sizeof(err.message)];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    pt_err_set(&err, PT_ERR_IO, "%s", text);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_negative_and_count_down_from_minus_one),
        cmocka_unit_test(every_code_has_a_sentence_of_its_own),
        cmocka_unit_test(a_code_that_is_none_is_unknown),
        cmocka_unit_test(setting_fills_the_error_and_returns_the_code),
        cmocka_unit_test(nobody_has_to_want_the_message),
        cmocka_unit_test(a_long_message_is_cut_and_still_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
