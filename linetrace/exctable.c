/* SPDX-License-Identifier: MIT */
/* exctable.c - see exctable.h. */
#include "linetrace/exctable.h"

static int
read_value(const uint8_t **next, const uint8_t *end, int32_t *value)
{
    uint32_t sum = 0;
    uint8_t byte;

    do {
        if (*next == end || sum >= 1u << 24) {
            return PT_FLOW_STRANGE;
        }
        byte = *(*next)++;
        sum = sum << 6 | (byte & 63);
    } while (byte & 64);
    *value = (int32_t)sum;
    return PT_FLOW_OK;
}

int
pt_exctable_read(const uint8_t **next, const uint8_t *end,
                 struct pt_range *range)
{
    int32_t length, depth;

    if (*next == end) {
        return 0;
    }
    if (read_value(next, end, &range->from) < 0 ||
        read_value(next, end, &length) < 0 ||
        read_value(next, end, &range->handler) < 0 ||
        read_value(next, end, &depth) < 0) {
        return PT_FLOW_STRANGE;
    }
    range->to = range->from + length;
    range->depth = (uint32_t)depth;
    return 1;
}

static uint8_t *
put_value(uint8_t *next, uint32_t value, uint8_t mark)
{
    int shift = 24;

    while (shift > 0 && value >> shift == 0) {
        shift -= 6;
    }
    for (; shift >= 0; shift -= 6) {
        uint8_t more = shift > 0 ? 64 : 0;

        *next++ = (uint8_t)(mark | more | (value >> shift & 63));
        mark = 0;
    }
    return next;
}

uint8_t *
pt_exctable_write(uint8_t *next, const struct pt_range *range)
{
    next = put_value(next, (uint32_t)range->from, 128);
    next = put_value(next, (uint32_t)(range->to - range->from), 0);
    next = put_value(next, (uint32_t)range->handler, 0);
    return put_value(next, range->depth, 0);
}
