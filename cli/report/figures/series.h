/* SPDX-License-Identifier: MIT */
/* series.h - what each line held, at points along the work of a program.
 *
 * Points are taken as work is done (a span ends, a snapshot is made). There is
 * room for so many; when it is used up every other point is dropped, and from
 * then on half as many are taken. So memory is bounded, and the points stand
 * evenly over the whole run.
 *
 * A line leaks when what it holds grows with the work, to the end. Over the
 * second half of the points, cut into quarters:
 *
 *     its bytes grew in each quarter;
 *     a straight line explains its bytes, or its blocks (R^2 >= 0.8);
 *     for the same work these grew at least half as much as before.
 *
 * Blocks are looked at because what fills a dict or a set does so evenly,
 * while the table, which is on the same line, doubles now and then.
 *
 * A cache that has filled, or what is made once for all, grew in the first
 * half only. A cache that is still filling at the end looks like a leak, as
 * nothing tells that it will stop.
 *
 * What grew and is no leak has a shape. It was full at the first point with
 * 95 % of all it ever gained:
 *
 *     warm-up: in the first eighth of the work;
 *     cache:   later, but not in the last eighth;
 *     uneven:  not until then, or it has lost half of that again since.
 */
#ifndef PT_CLI_REPORT_FIGURES_SERIES_H
#define PT_CLI_REPORT_FIGURES_SERIES_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/base/error.h"

#define PT_SERIES_POINTS 128u
#define PT_SERIES_LEAST 8u  // fewer points tell nothing

struct pt_series {
    uint32_t lines;
    uint32_t points;
    uint64_t stride;  // a point is taken when this much work was done
    uint64_t work[PT_SERIES_POINTS];
    int64_t *bytes;  // of point p and line i: [p * lines + i]
    int64_t *blocks;
};

enum pt_growth_shape {
    PT_GROWTH_LEAK,
    PT_GROWTH_WARM_UP,
    PT_GROWTH_CACHE,
    PT_GROWTH_UNEVEN,
};

struct pt_growth {
    enum pt_growth_shape shape;
    uint64_t full_work;   // the work after which it was full
    int64_t grown_bytes;  // from the first point to the last
    int64_t grown_blocks;
    int64_t held_blocks;  // at the last point
    // Over the second half, for each unit of work:
    double bytes_per_work;
    double blocks_per_work;
};

/* Begin without points. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_series_init(struct pt_series *series, uint32_t lines);

/* So much work has been done, and this is what the lines hold now: take a
 * point if it is time to. */
void pt_series_take(struct pt_series *series, uint64_t work,
                    const int64_t *bytes, const int64_t *blocks);

/* Judge a line. With fewer points than PT_SERIES_LEAST it is no leak; the
 * shape of one that has not grown means nothing. */
struct pt_growth pt_series_judge(const struct pt_series *series,
                                 uint32_t line);

/* Give it all back. Harmless on a released one. */
void pt_series_release(struct pt_series *series);

#endif
