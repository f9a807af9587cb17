/* SPDX-License-Identifier: MIT */
/* poisson.c - exponential gaps, and what a block in the sample stands for. */
#include "core/base/poisson.h"

#include <math.h>

/* The next of splitmix64: every state is a good one. */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

uint64_t
pt_poisson_gap(uint64_t *state, uint32_t mean)
{
    // In (0, 1), never at its ends; the whole part of an exponential gap is
    // at least b with probability exp(-b / mean), for every whole b.
    double chance = ((double)(next_random(state) >> 12) + 0.5) * 0x1p-52;

    return (uint64_t)(-log(chance) * mean);
}

double
pt_poisson_share(uint64_t bytes, uint32_t mean)
{
    return -expm1(-(double)bytes / mean);
}

uint64_t
pt_poisson_bytes(uint64_t bytes, uint32_t mean)
{
    double share = pt_poisson_share(bytes, mean);

    return bytes == 0 || share == 1 ? bytes
                                    : (uint64_t)llround((double)bytes / share);
}
