/* SPDX-License-Identifier: MIT */
/* test_alignment.c - lines of two versions that are the same. */
#include "tests/unit/support.h"

#include "cli/report/source/alignment.h"
#include "core/base/rawmem.h"

#define LINES_MAX 16

struct version {
    struct pt_align_line line[LINES_MAX];
    uint32_t lines;
};

/* Each letter is a line; its text is the letter. Capital ones have an order,
 * the others stand at the distance of their place; blanks are no lines. */
static struct version
version_of(const char *letters, int has_text)
{
    struct version version = {.lines = 0};
    uint32_t order = 0;

    for (uint32_t i = 0; letters[i] != '\0'; i++) {
        int is_ordered = letters[i] >= 'A' && letters[i] <= 'Z';

        if (letters[i] == ' ') {
            continue;
        }
        version.line[version.lines++] =
            (struct pt_align_line){.text_hash = (uint64_t)letters[i],
                                   .position = is_ordered ? order++ : i,
                                   .is_ordered = is_ordered,
                                   .has_text = has_text};
    }
    return version;
}

/* `wanted` has for each line of the first the number of the other, or '-'. */
static void
assert_aligned(const char *first, const char *second, int has_text,
               const char *wanted)
{
    struct version a = version_of(first, has_text);
    struct version b = version_of(second, has_text);
    struct pt_alignment alignment;
    char got[LINES_MAX + 1] = "";

    assert_int_equal(pt_alignment_init(&alignment, a.line, a.lines, b.line,
                                       b.lines, sizeof(a.line[0])),
                     PT_OK);
    for (uint32_t i = 0; i < a.lines; i++) {
        got[i] = alignment.other[i] == PT_ALIGN_NONE
                     ? '-'
                     : (char)('0' + alignment.other[i]);
    }
    assert_string_equal(got, wanted);
    pt_alignment_release(&alignment);
}

static void
texts_meet_in_their_order(void **state)
{
    (void)state;
    assert_aligned("ABC", "ABC", 1, "012");
    assert_aligned("ABC", "AXBC", 1, "023");
    assert_aligned("AXBC", "ABC", 1, "0-12");
    assert_aligned("ABC", "", 1, "---");
    assert_aligned("", "ABC", 1, "");
    assert_aligned("ABC", "XYZ", 1, "---");
    // A line that moved up is new there and gone here.
    assert_aligned("ABCD", "DABC", 1, "123-");
    // Of equal lines as many meet as there are.
    assert_aligned("AAA", "AA", 1, "-01");
    assert_aligned("ABAB", "BABA", 1, "-012");
}

static void
without_texts_the_order_of_lines_with_code_decides(void **state)
{
    (void)state;
    assert_aligned("ABC", "A B  C", 0, "012");
    assert_aligned("AB", "ABC", 0, "01");
    assert_aligned("ABC", "AB", 0, "01-");
}

static void
without_an_order_the_distance_decides(void **state)
{
    (void)state;
    assert_aligned("ab c", "ab c", 0, "012");
    assert_aligned("ab c", "ab  c", 0, "01-");
    assert_aligned("a b", "ab", 0, "0-");
}

static void
nothing_ever_crosses(void **state)
{
    (void)state;
    assert_aligned("Ax", " xA", 0, "1-");
    assert_aligned(" xA", "Ax", 0, "-0");
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct version a = version_of("AXBC", 1), b = version_of("AYBC", 1);
    struct pt_alignment alignment;
    int is_done = 0;

    (void)state;
    for (uint64_t nth = 1; !is_done; nth++) {
        int code;

        pt_rawmem_fail_at(nth);
        code = pt_alignment_init(&alignment, a.line, a.lines, b.line, b.lines,
                                 sizeof(a.line[0]));
        is_done = !pt_rawmem_has_failed();
        assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
        if (is_done) {
            pt_alignment_release(&alignment);
        }
    }
    pt_rawmem_fail_at(0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_meet_in_their_order),
        cmocka_unit_test(without_texts_the_order_of_lines_with_code_decides),
        cmocka_unit_test(without_an_order_the_distance_decides),
        cmocka_unit_test(nothing_ever_crosses),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
