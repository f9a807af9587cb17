/* SPDX-License-Identifier: MIT */
/* test_utf8.c - every character, and all that looks like one and is none. */
#include "tests/unit/support.h"

#include "core/base/utf8.h"

/* The UTF-8 form of a character, as the Unicode standard has it (table 3-6);
 * its length. */
static size_t
encode(uint32_t character, char *text)
{
    if (character < 0x80) {
        text[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        text[0] = (char)(0xc0 | character >> 6);
        text[1] = (char)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        text[0] = (char)(0xe0 | character >> 12);
        text[1] = (char)(0x80 | (character >> 6 & 0x3f));
        text[2] = (char)(0x80 | (character & 0x3f));
        return 3;
    }
    text[0] = (char)(0xf0 | character >> 18);
    text[1] = (char)(0x80 | (character >> 12 & 0x3f));
    text[2] = (char)(0x80 | (character >> 6 & 0x3f));
    text[3] = (char)(0x80 | (character & 0x3f));
    return 4;
}

static void
every_character_has_its_length(void **state)
{
    char text[8] = {0};

    (void)state;
    for (uint32_t character = 0; character < 0x110000; character++) {
        size_t bytes = encode(character, text);
        int is_surrogate = character >= 0xd800 && character < 0xe000;
        size_t expected = is_surrogate ? 0 : bytes;

        if (pt_utf8_bytes(text, bytes) != expected ||
            pt_utf8_bytes(text, sizeof(text)) != expected) {
            fail_msg("U+%04X", character);
        }
    }
}

static void
what_is_cut_off_is_none(void **state)
{
    static const uint32_t table[] = {0xe9, 0x7ff, 0x800, 0xfffd, 0x1f600};
    char text[8];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        size_t bytes = encode(table[i], text);

        for (size_t left = 1; left < bytes; left++) {
            assert_int_equal(pt_utf8_bytes(text, left), 0);
        }
    }
}

static void
what_is_ill_formed_is_none(void **state)
{
    static const char *const table[] = {
        "\x80",              // a byte from the middle
        "\xbf",              //
        "\xc0\x80",          // too long a form of 0,
        "\xc1\xbf",          // of 0x7f,
        "\xe0\x80\x80",      // of 0,
        "\xe0\x9f\xbf",      // of 0x7ff,
        "\xf0\x80\x80\x80",  // of 0,
        "\xf0\x8f\xbf\xbf",  // and of 0xffff
        "\xed\xa0\x80",      // a surrogate
        "\xf4\x90\x80\x80",  // past the last character
        "\xf5\x80\x80\x80",  //
        "\xff",              //
        "\xc3(",             // not gone on with
        "\xe2\x82(",         //
        "\xf0\x9f\x98(",     //
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_int_equal(pt_utf8_bytes(table[i], strlen(table[i])), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_has_its_length),
        cmocka_unit_test(what_is_cut_off_is_none),
        cmocka_unit_test(what_is_ill_formed_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
