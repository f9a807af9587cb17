/* SPDX-License-Identifier: MIT */
/* amount.c - sums of blocks, each of which may stand for several. */
#include "cli/report/text/amount.h"

#include <math.h>
#include <stdio.h>

#include "core/base/poisson.h"

struct pt_weight
pt_weight_of(const struct pt_process *process, const struct pt_pair *pair)
{
    struct pt_weight weight = {pair->size_bytes, 1, 0};

    if (process->sample_bytes != 0 && pair->size_bytes != 0) {
        double bytes = (double)pair->size_bytes;
        double share =
            pt_poisson_share(pair->size_bytes, process->sample_bytes);

        weight.bytes =
            pt_poisson_bytes(pair->size_bytes, process->sample_bytes);
        weight.blocks = 1 / share;
        weight.variance = bytes * bytes * (1 - share) / (share * share);
    }
    return weight;
}

/* Whole blocks are counted as such, so that exact counts stay exact. */
static void
add_part(struct pt_amount *amount, double part)
{
    double whole;

    amount->part += part;
    whole = rint(amount->part);
    amount->part -= whole;
    // More than that only a damaged recording has.
    if (fabs(whole) < 0x1p62) {
        amount->blocks += (uint64_t)(int64_t)whole;
    }
}

void
pt_amount_add(struct pt_amount *amount, uint64_t blocks,
              const struct pt_weight *weight)
{
    amount->bytes += blocks * weight->bytes;
    amount->blocks += blocks;
    if (weight->variance != 0) {
        amount->variance += (double)blocks * weight->variance;
        add_part(amount, (double)blocks * (weight->blocks - 1));
    }
}

void
pt_amount_join(struct pt_amount *amount, const struct pt_amount *other)
{
    amount->bytes += other->bytes;
    amount->blocks += other->blocks;
    amount->variance += other->variance;
    add_part(amount, other->part);
}

double
pt_amount_error(const struct pt_amount *amount)
{
    return sqrt(amount->variance);
}

struct pt_size_text
pt_amount_column(const struct pt_amount *amount)
{
    struct pt_size_text size = pt_size_text((double)amount->bytes), result;

    if (amount->variance == 0 || amount->bytes == 0) {
        return size;
    }
    snprintf(result.text, sizeof(result.text), "~%.*s",
             (int)sizeof(result.text) - 2, size.text);
    return result;
}

struct pt_size_text
pt_amount_text(const struct pt_amount *amount)
{
    struct pt_size_text size = pt_size_text((double)amount->bytes);
    struct pt_size_text error = pt_size_text(pt_amount_error(amount));
    struct pt_size_text result;

    if (amount->variance == 0) {
        return size;
    }
    snprintf(result.text, sizeof(result.text), "%.13s +- %.13s", size.text,
             error.text);
    return result;
}
