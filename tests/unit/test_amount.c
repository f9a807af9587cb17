/* SPDX-License-Identifier: MIT */
/* test_amount.c - exact sums, estimated sums, and how they are printed. */
#include "cli/report/text/amount.h"

#include <math.h>

#include "tests/unit/support.h"

#define MEAN 1000u

static void
exact_blocks_weigh_themselves(void **state)
{
    struct pt_process process = {0};
    struct pt_pair pair = {.size_bytes = 48};
    struct pt_weight weight = pt_weight_of(&process, &pair);
    struct pt_amount amount = {0};

    (void)state;
    pt_amount_add(&amount, UINT64_C(1) << 57, &weight);
    pt_amount_add(&amount, 1, &weight);
    assert_int_equal(amount.blocks, (UINT64_C(1) << 57) + 1);
    assert_int_equal(amount.bytes, 48 * ((UINT64_C(1) << 57) + 1));
    assert_true(pt_amount_error(&amount) == 0);
}

/* Of blocks as large as the mean 1 - 1/e are in the sample. */
static void
blocks_of_a_sample_stand_for_several(void **state)
{
    struct pt_process process = {.sample_bytes = MEAN};
    struct pt_pair pair = {.size_bytes = MEAN};
    struct pt_weight weight = pt_weight_of(&process, &pair);
    struct pt_amount amount = {0}, sum = {0};
    double share = 1 - exp(-1);

    (void)state;
    assert_int_equal(weight.bytes, 1582);
    for (int i = 0; i < 1000; i++) {
        pt_amount_add(&amount, 1, &weight);
    }
    assert_int_equal(amount.blocks, 1582);
    assert_int_equal(amount.bytes, 1582000);
    assert_true(fabs(pt_amount_error(&amount) -
                     1000 * sqrt(1000 * (1 - share)) / share) < 0.01);
    for (int i = 0; i < 5; i++) {
        struct pt_amount one = {0};

        pt_amount_add(&one, 1, &weight);
        assert_int_equal(one.blocks, 2);
        pt_amount_join(&sum, &one);
    }
    // 5 / share = 7.91
    assert_int_equal(sum.blocks, 8);
}

static void
large_and_empty_blocks_are_exact(void **state)
{
    struct pt_process process = {.sample_bytes = MEAN};
    struct pt_pair large = {.size_bytes = 100 * MEAN};
    struct pt_pair empty = {.size_bytes = 0};
    struct pt_weight weight = pt_weight_of(&process, &large);

    (void)state;
    assert_int_equal(weight.bytes, 100 * MEAN);
    assert_true(weight.blocks == 1);
    assert_true(weight.variance == 0);
    weight = pt_weight_of(&process, &empty);
    assert_int_equal(weight.bytes, 0);
    assert_true(weight.blocks == 1);
}

/* What a damaged recording may hold does no harm. */
static void
absurd_amounts_are_survived(void **state)
{
    struct pt_process process = {.sample_bytes = UINT32_MAX};
    struct pt_pair pair = {.size_bytes = 1};
    struct pt_weight weight = pt_weight_of(&process, &pair);
    struct pt_amount amount = {0};

    (void)state;
    pt_amount_add(&amount, UINT64_MAX, &weight);
    pt_amount_join(&amount, &amount);
    assert_true(fabs(amount.part) <= 1);
}

static void
estimates_are_printed_as_such(void **state)
{
    struct pt_amount exact = {.bytes = 10000, .blocks = 1};
    struct pt_amount estimate = {
        .bytes = 300 << 20, .blocks = 7, .variance = 0x1p46};
    struct pt_amount none = {.variance = 1};

    (void)state;
    assert_string_equal(pt_amount_text(&exact).text, "10000 B");
    assert_string_equal(pt_amount_column(&exact).text, "10000 B");
    assert_string_equal(pt_amount_text(&estimate).text, "300 MiB +- 8192 KiB");
    assert_string_equal(pt_amount_column(&estimate).text, "~300 MiB");
    assert_string_equal(pt_amount_column(&none).text, "0 B");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_blocks_weigh_themselves),
        cmocka_unit_test(blocks_of_a_sample_stand_for_several),
        cmocka_unit_test(large_and_empty_blocks_are_exact),
        cmocka_unit_test(absurd_amounts_are_survived),
        cmocka_unit_test(estimates_are_printed_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
