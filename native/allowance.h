/* SPDX-License-Identifier: MIT */
/* allowance.h - how much time may be spent, of that which goes by.
 *
 * Of T ns, T / PT_ALLOWANCE_SHARE may be spent; what is not is kept, up to
 * `most_ns`. So in all of a run
 *
 *     spent <= T / PT_ALLOWANCE_SHARE + what there was at first
 *              + what one thing took more than was left
 *
 * and in any part of it `most_ns` more. No lock: the caller has one.
 */
#ifndef PT_NATIVE_ALLOWANCE_H
#define PT_NATIVE_ALLOWANCE_H

#include <stdint.h>

#include "core/base/compiler.h"

#define PT_ALLOWANCE_SHARE 400

struct pt_allowance {
    int64_t left_ns;  // less than 0: too much was spent
    int64_t most_ns;
};

/* So much time went by. */
PT_INLINE void
pt_allowance_earn(struct pt_allowance *allowance, uint64_t elapsed_ns)
{
    int64_t earned_ns = (int64_t)(elapsed_ns / PT_ALLOWANCE_SHARE);

    if (allowance->left_ns < allowance->most_ns - earned_ns) {
        allowance->left_ns += earned_ns;
    }
    else if (allowance->left_ns < allowance->most_ns) {
        allowance->left_ns = allowance->most_ns;
    }
}

PT_INLINE void
pt_allowance_spend(struct pt_allowance *allowance, uint64_t cost_ns)
{
    allowance->left_ns -= (int64_t)cost_ns;
}

/* How much time must go by until `cost_ns` can be spent, at least. */
PT_INLINE uint64_t
pt_allowance_wait(const struct pt_allowance *allowance, uint64_t cost_ns)
{
    int64_t missing_ns = (int64_t)cost_ns - allowance->left_ns;

    return missing_ns > 0 ? (uint64_t)missing_ns * PT_ALLOWANCE_SHARE : 0;
}

#endif
