/* SPDX-License-Identifier: MIT */
/* test_docstring.c - which lines trace takes for docstrings.
 *
 * Each line of a sample that is one has a "#D".
 */
#include "tests/unit/support.h"

#include "cli/report/source/docstring.h"

#define BOTH_KINDS 2

struct sample {
    int kind;  // enum pt_fstring, or BOTH_KINDS
    const char *text;
};

static const struct sample samples[] = {
    {BOTH_KINDS, "'module'#D\nx = 1\n"},
    {BOTH_KINDS, "'''module#D\nmore'''#D\nx = 1\n"},
    {BOTH_KINDS, "\n'not the first token'\n"},
    {BOTH_KINDS, "# comment\n'not the first token'\n"},
    {BOTH_KINDS, "def f():\n    'doc' #D\n    'not'\n"},
    {BOTH_KINDS, "def f():\n\n    # comment\n    '''doc#D\nmore#D\n '''#D\n"},
    {BOTH_KINDS, "def f(): 'not'\n'not'\n"},
    {BOTH_KINDS, "if x:\n  rb'yes' + g( #D\n 'not')\n"},
    {BOTH_KINDS, "if x:\n    pass\nelse:\n\t'yes' #D\n"},
    {BOTH_KINDS, "def f(\n        a='not'):\n    pass\n    'not'\n"},
    {BOTH_KINDS, "def f():\n    x = '''\n    'not'\n'''\n    'not'\n"},
    {BOTH_KINDS, "def f():\n    'a\\\\' #D\n    'b\\'#not'\n"},
    {BOTH_KINDS, "def f():\n    'joined #D \\\n    line' #D\n    'not'\n"},
    {BOTH_KINDS, "def f():\n    x = \\\n       'not'\n"},
    {BOTH_KINDS, "class A:\n    '#D\\'' #D\n    def f(self):\n"
                 "        U\"yes\" #D\n    'not'\n"},
    {BOTH_KINDS, "def f():\n    print'not'\n"},
    {BOTH_KINDS, "def f():\n    'unclosed #D\n    'not'\n"},
    {BOTH_KINDS, "x = {\n  'not': [\n    'not']}\nif 1:\n  'yes' #D\n"},
    {PT_FSTRING_IS_STRING, "def f():\n    f'yes' #D\n"},
    {PT_FSTRING_IS_OWN, "def f():\n    f'not'\n    'not'\n"},
    {PT_FSTRING_IS_OWN, "def f():\n    rF'''not {x!r:>{w}} {{\n'''\n"},
    {PT_FSTRING_IS_OWN, "x = f'{a['b'] + f\"{'c'}\"}'\nif 1:\n  'yes' #D\n"},
    {PT_FSTRING_IS_OWN,
     "x = f'{ {1: \"}\"}[1] }' '\\N{DASH}' f'\\N{DASH}\\{y}'\n"
     "if 1:\n  'yes' #D\n"},
    {PT_FSTRING_IS_OWN, "x = f'{\ny # '}\n}'\nif 1:\n  'yes' #D\n"},
};

static void
check(const char *text, enum pt_fstring kind)
{
    unsigned char marks[64] = {0};
    uint32_t lines = 0;

    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    pt_docstring_mark(text, strlen(text), kind, marks, lines);
    for (uint32_t number = 1; number <= lines; number++) {
        const char *end = strchr(text, '\n');
        int is_wanted = memmem(text, (size_t)(end - text), "#D", 2) != NULL;

        if (marks[number] != is_wanted) {
            fail_msg("line %u: %.*s", number, (int)(end - text), text);
        }
        text = end + 1;
    }
}

static void
strings_first_in_a_block_are_docstrings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        if (samples[i].kind != PT_FSTRING_IS_OWN) {
            check(samples[i].text, PT_FSTRING_IS_STRING);
        }
        if (samples[i].kind != PT_FSTRING_IS_STRING) {
            check(samples[i].text, PT_FSTRING_IS_OWN);
        }
    }
}

static void
any_text_gives_some_answer(void **state)
{
    static const char letters[] = "ab \t\n\n'\"\\#f{}()[]:Nr\f\0x";
    unsigned char marks[300];
    char text[256];
    uint32_t random = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint32_t lines = 0;

        for (size_t i = 0; i < sizeof(text); i++) {
            random = random * 1664525u + 1013904223u;
            text[i] = letters[(random >> 16) % sizeof(letters)];
        }
        text[sizeof(text) - 1] = '\n';
        for (size_t i = 0; i < sizeof(text); i++) {
            lines += text[i] == '\n';
        }
        memset(marks, 0, sizeof(marks));
        pt_docstring_mark(text, sizeof(text), round % 2, marks, lines);
        for (uint32_t i = lines + 1; i < sizeof(marks); i++) {
            assert_int_equal(marks[i], 0);
        }
    }
}

static void
deep_nesting_is_survived(void **state)
{
    static char text[100001];
    unsigned char marks[3] = {0};

    (void)state;
    for (size_t i = 0; i + 4 < sizeof(text); i += 3) {
        memcpy(text + i, "f'{", 3);
    }
    text[sizeof(text) - 2] = '\n';
    pt_docstring_mark(text, sizeof(text) - 1, PT_FSTRING_IS_OWN, marks, 1);
    assert_int_equal(marks[1], 0);
    assert_int_equal(marks[2], 0);  // there is no such line
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_first_in_a_block_are_docstrings),
        cmocka_unit_test(any_text_gives_some_answer),
        cmocka_unit_test(deep_nesting_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
