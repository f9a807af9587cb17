/* SPDX-License-Identifier: MIT */
/* test_countsums.c - what is told of a file of counts, and what is refused. */
#include "tests/unit/support.h"

#include "cli/report/figures/countsums.h"
#include "core/base/rawmem.h"

#define FIELDS(text) (text), sizeof(text)

// "b.py" is there twice: its lines are one file's.
static const char sums_of_two_files[] = "/one\n/two\0"
                                        "51118576\0"
                                        "a.py\0002\0003\0007\0001\00012\0"
                                        "b.py\0001\0002\0005\0"
                                        "b.py\0002\0002\0001\0004\0000";

static int
take(struct pt_countsums *sums, const char *text, size_t bytes)
{
    struct pt_buf buf = PT_BUF_INIT;
    int code;

    pt_buf_add(&buf, text, bytes);
    code = pt_buf_check(&buf);
    if (code == PT_OK) {
        code = pt_countsums_init(sums, &buf);
    }
    else {
        *sums = (struct pt_countsums){0};
    }
    // The search path is the text's, and not looked at behind this.
    pt_buf_release(&buf);
    return code;
}

static uint64_t
hits(const struct pt_countsums *sums, uint32_t file, uint32_t line)
{
    return pt_aggregate_find(&sums->sum, file, line)->hits;
}

static void
files_and_lines_are_added_up(void **state)
{
    struct pt_countsums sums;

    (void)state;
    assert_int_equal(take(&sums, FIELDS(sums_of_two_files)), PT_OK);
    assert_int_equal(sums.search_path_bytes, strlen("/one\n/two"));
    assert_int_equal(sums.python_version, 51118576);
    assert_int_equal(sums.sum.files, 3);
    assert_string_equal(sums.sum.file[1].path, "a.py");
    assert_int_equal(sums.sum.file[1].hits, 19);
    assert_int_equal(hits(&sums, 1, 1), 12);
    assert_int_equal(hits(&sums, 1, 3), 7);
    assert_int_equal(hits(&sums, 2, 2), 6);
    assert_int_equal(sums.sum.file[2].places, 2);
    assert_true(pt_aggregate_find(&sums.sum, 2, 4)->is_executable);
    assert_false(pt_aggregate_find(&sums.sum, 2, 3)->is_executable);
    pt_countsums_release(&sums);
    pt_countsums_release(&sums);
}

static void
what_is_no_answer_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        int code;
    } cases[] = {
        {"", 0, PT_ERR_FORMAT},
        {"/one", 4, PT_ERR_FORMAT},
        {FIELDS("/one"), PT_ERR_FORMAT},
        {FIELDS("/one\0none"), PT_ERR_FORMAT},
        {FIELDS("/one\0-1"), PT_ERR_FORMAT},
        {FIELDS("\0001"), PT_OK},
        {FIELDS("\0001\0a.py"), PT_ERR_FORMAT},
        {FIELDS("\0001\0a.py\0000"), PT_OK},
        {FIELDS("\0001\0a.py\0001\0001"), PT_ERR_FORMAT},
        {FIELDS("\0001\0a.py\0001\0001\0x"), PT_ERR_FORMAT},
        {FIELDS("\0001\0a.py\0001\0004294967296\0001"), PT_ERR_FORMAT},
        {FIELDS("\0001\0a.py\0001\0001\00099999999999999999999"),
         PT_ERR_FORMAT},
        {FIELDS("\0001\0a.py\00018446744073709551615\0001\0001"),
         PT_ERR_FORMAT},
    };
    struct pt_countsums sums;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(take(&sums, cases[i].text, cases[i].bytes),
                         cases[i].code);
        if (cases[i].code == PT_OK) {
            pt_countsums_release(&sums);
        }
    }
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct pt_countsums sums;
    int is_done = 0;

    (void)state;
    for (uint64_t nth = 1; !is_done; nth++) {
        int code;

        pt_rawmem_fail_at(nth);
        code = take(&sums, FIELDS(sums_of_two_files));
        if (code == PT_OK) {
            assert_int_equal(hits(&sums, 1, 1), 12);
            pt_countsums_release(&sums);
        }
        is_done = !pt_rawmem_has_failed();
        assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
    }
    pt_rawmem_fail_at(0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_lines_are_added_up),
        cmocka_unit_test(what_is_no_answer_is_refused),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
