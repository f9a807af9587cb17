/* SPDX-License-Identifier: MIT */
/* test_allowance.c - what is earned, kept and spent. */
#include "tests/unit/support.h"

#include "native/allowance.h"

#define SHARE PT_ALLOWANCE_SHARE

static void
test_earn(void **state)
{
    static const struct {
        int64_t left_ns, most_ns;
        uint64_t elapsed_ns;
        int64_t left_then_ns;
    } row[] = {{0, 0, 0, 0},
               {0, 10, 9 * SHARE, 9},
               {0, 10, 11 * SHARE, 10},
               {0, 10, 0, 0},
               {10, 10, SHARE, 10},
               {-50, 0, 20 * SHARE, -30},
               {-50, 0, 100 * SHARE, 0},
               {-50, 7, 100 * SHARE, 7},
               // Less may be kept than before; what is there stays.
               {30, 7, 100 * SHARE, 30},
               {0, 10, UINT64_MAX, 10},
               {-10, 10, 2 * SHARE - 1, -9}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct pt_allowance allowance = {row[i].left_ns, row[i].most_ns};

        pt_allowance_earn(&allowance, row[i].elapsed_ns);
        assert_int_equal(allowance.left_ns, row[i].left_then_ns);
        assert_int_equal(allowance.most_ns, row[i].most_ns);
    }
}

static void
test_wait(void **state)
{
    struct pt_allowance allowance = {100, 100};

    (void)state;
    assert_int_equal(pt_allowance_wait(&allowance, 0), 0);
    assert_int_equal(pt_allowance_wait(&allowance, 100), 0);
    assert_int_equal(pt_allowance_wait(&allowance, 101), SHARE);
    pt_allowance_spend(&allowance, 130);
    assert_int_equal(allowance.left_ns, -30);
    assert_int_equal(pt_allowance_wait(&allowance, 0), 30 * SHARE);
    assert_int_equal(pt_allowance_wait(&allowance, 70), 100 * SHARE);
    pt_allowance_earn(&allowance, 30 * SHARE);
    assert_int_equal(pt_allowance_wait(&allowance, 0), 0);
}

/* Whatever things cost and whenever they are asked for, no more is spent than
 * the share, and the last of them. */
static void
test_bound(void **state)
{
    struct pt_allowance allowance = {0, 5000};
    uint64_t time_ns = 0, spent_ns = 0, random = 1;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t elapsed_ns, cost_ns;

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        elapsed_ns = (random >> 40) % 50 * SHARE;
        cost_ns = (random >> 50) % 1000;
        time_ns += elapsed_ns;
        pt_allowance_earn(&allowance, elapsed_ns);
        if (pt_allowance_wait(&allowance, 0) == 0) {
            pt_allowance_spend(&allowance, cost_ns);
            spent_ns += cost_ns;
        }
        assert_true(spent_ns <= time_ns / SHARE + 1000);
    }
    // Nor much less, as something was always to be done.
    assert_true(spent_ns > time_ns / SHARE - 7000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_earn),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
