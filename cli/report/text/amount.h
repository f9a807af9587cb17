/* SPDX-License-Identifier: MIT */
/* amount.h - so many bytes in so many blocks, known or estimated.
 *
 * Of a process whose every block was recorded an amount is exact. Of one that
 * was sampled, each recorded block stands for several (core/base/poisson.h):
 * the amount is an estimate, without bias, and `variance` that of its bytes.
 */
#ifndef PT_CLI_REPORT_TEXT_AMOUNT_H
#define PT_CLI_REPORT_TEXT_AMOUNT_H

#include <stdint.h>

#include "cli/report/text/size_text.h"
#include "core/timeline/recording.h"

struct pt_amount {
    uint64_t bytes;
    uint64_t blocks;
    double part;      // of a block, to be added to `blocks`; -0.5 to 0.5
    double variance;  // of bytes; 0: they are exact
};

/* What one recorded block of some size stands for. */
struct pt_weight {
    uint64_t bytes;
    double blocks;
    double variance;
};

/* The weight of a pair's blocks in a process. Any thread. */
struct pt_weight pt_weight_of(const struct pt_process *process,
                              const struct pt_pair *pair);

/* Add so many recorded blocks, each of that weight. */
void pt_amount_add(struct pt_amount *amount, uint64_t blocks,
                   const struct pt_weight *weight);

/* Add another amount. */
void pt_amount_join(struct pt_amount *amount, const struct pt_amount *other);

/* The standard error of the bytes; 0 when they are exact. */
double pt_amount_error(const struct pt_amount *amount);

/* The bytes as they are printed: "820 KiB"; as an estimate in a column "~820
 * KiB", elsewhere "820 KiB +- 40.1 KiB". */
struct pt_size_text pt_amount_column(const struct pt_amount *amount);
struct pt_size_text pt_amount_text(const struct pt_amount *amount);

#endif
