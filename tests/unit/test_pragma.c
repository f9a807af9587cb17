/* SPDX-License-Identifier: MIT */
/* test_pragma.c - lines excused by a comment. */
#include "tests/unit/support.h"

#include "cli/report/source/pragma.h"

/* Each line of `text` that is excused must start with an "x". */
static void
assert_marked(const char *text, const char *wanted)
{
    unsigned char is_excused[64] = {0};
    char marked[64];
    uint32_t lines = 0;

    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    pt_pragma_mark(text, strlen(text), is_excused, lines);
    for (uint32_t i = 0; i < lines; i++) {
        marked[i] = is_excused[i + 1] ? 'x' : '.';
    }
    marked[lines] = '\0';
    assert_string_equal(marked, wanted);
}

static void
a_line_is_excused_in_every_spelling(void **state)
{
    (void)state;
    assert_marked("a = 1\n"
                  "a = 1  # pragma: no cover\n"
                  "a = 1  #pragma NO COVER\n"
                  "a = 1  # PRAGMA: NO COVER, as it never runs\n"
                  "a = 1  # pragma NO COVER\n"
                  "a = 1  # see below # pragma:no cover\n"
                  "a = 1  # pragma: nocover\n"
                  "a = 1  # pragma: cover\n"
                  "a = 1  # pragma no\n"
                  "a = 'pragma: no cover'\n",
                  ".xxx.xx...");
}

static void
a_block_is_excused_as_a_whole(void **state)
{
    (void)state;
    assert_marked("class A:\n"
                  "    def f(self):  # pragma: no cover\n"
                  "        a = 1\n"
                  "\n"
                  "# a comment\n"
                  "\tif a:\n"
                  "            b = 1\n"
                  "    def g(self):\n"
                  "        a = 1\n",
                  ".xxxxxx..");
    assert_marked("if a:  #pragma NO COVER\n"
                  "    b = 1\n",
                  "x.");
    assert_marked("a = {  # pragma: no cover\n"
                  "    1: 2}\n",
                  "x.");
    assert_marked("if a:  # pragma: no cover\n"
                  "    if b:  # pragma: no cover\n"
                  "        c = 1\n"
                  "    d = 1\n"
                  "e = 1\n",
                  "xxxx.");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_excused_in_every_spelling),
        cmocka_unit_test(a_block_is_excused_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
