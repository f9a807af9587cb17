/* SPDX-License-Identifier: MIT */
/* test_poisson.c - gaps, shares and estimates, from a fixed seed. */
#include "core/base/poisson.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MEAN 1000u
#define BLOCKS 400000u

static int
is_near(double value, double wanted, double tolerance)
{
    return fabs(value - wanted) <= tolerance;
}

/* The mean of an exponential's whole part is 1 / (exp(1 / mean) - 1), its
 * standard deviation about the mean. */
static void
test_gaps(void **state)
{
    uint64_t seed = 1;
    double sum = 0, wanted = 1 / expm1(1.0 / MEAN);

    (void)state;
    for (unsigned i = 0; i < BLOCKS; i++) {
        sum += (double)pt_poisson_gap(&seed, MEAN);
    }
    assert_true(is_near(sum / BLOCKS, wanted, 5 * MEAN / sqrt(BLOCKS)));
}

static void
test_gap_of_any_seed(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 64; i++) {
        uint64_t seed = i == 0 ? 0 : UINT64_MAX << i;

        // exp(-53 * ln 2) is the smallest chance there is.
        assert_true(pt_poisson_gap(&seed, MEAN) <= 37 * MEAN);
    }
}

static void
test_shares(void **state)
{
    (void)state;
    assert_true(pt_poisson_share(0, MEAN) == 0);
    assert_true(is_near(pt_poisson_share(MEAN, MEAN), 1 - exp(-1), 1e-15));
    assert_true(is_near(pt_poisson_share(1, 1u << 31), 0x1p-31, 1e-18));
    assert_true(pt_poisson_share(UINT64_MAX, MEAN) == 1);
    assert_int_equal(0, pt_poisson_bytes(0, MEAN));
    assert_int_equal(UINT64_C(1) << 40,
                     pt_poisson_bytes(UINT64_C(1) << 40, MEAN));
    // A small block stands for the mean and half its own size.
    assert_int_equal((1u << 19) + 24, pt_poisson_bytes(48, 1u << 19));
}

/* Take a sample of equal blocks as the engine does: the bytes it stands for,
 * and the variance that is estimated from it. */
static double
estimate(uint64_t bytes, uint64_t *seed, double *variance)
{
    uint64_t left = pt_poisson_gap(seed, MEAN);
    double share = pt_poisson_share(bytes, MEAN), sum = 0;

    *variance = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (left >= bytes) {
            left -= bytes;
            continue;
        }
        left = pt_poisson_gap(seed, MEAN);
        sum += (double)pt_poisson_bytes(bytes, MEAN);
        *variance +=
            (double)bytes * (double)bytes * (1 - share) / (share * share);
    }
    return sum;
}

/* True figures lie within 5 standard errors; the estimated variance is near
 * that of the true sum, BLOCKS * bytes^2 * (1 - share) / share. */
static void
test_estimates(void **state)
{
    static const uint64_t sizes[] = {1, 16, 100, 512, 1000, 3000, 8000};
    uint64_t seed = 7;

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        double bytes = (double)sizes[i], variance;
        double share = pt_poisson_share(sizes[i], MEAN);
        double wanted = BLOCKS * bytes * bytes * (1 - share) / share;
        double sum = estimate(sizes[i], &seed, &variance);

        assert_true(
            is_near(sum, BLOCKS * bytes, 5 * sqrt(wanted) + BLOCKS * share));
        assert_true(
            is_near(variance, wanted, 5 * wanted / sqrt(BLOCKS * share)));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_gap_of_any_seed),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_estimates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
