/* SPDX-License-Identifier: MIT */
/* series.c - points thinned out as they come, and a line laid through them. */
#include "cli/report/figures/series.h"

#include <string.h>

#include "core/base/rawmem.h"

#define PARTS 4u           // of the second half
#define LEAST_FIT 0.8      // R^2 of a straight line
#define LEAST_LASTING 0.5  // of the growth of the first half
#define FULL 0.95
#define EARLY 8u  // part of the work, at its begin or end

int
pt_series_init(struct pt_series *series, uint32_t lines)
{
    size_t cells = (size_t)PT_SERIES_POINTS * (lines != 0 ? lines : 1);

    *series = (struct pt_series){.lines = lines, .stride = 1};
    series->bytes = pt_rawmem_array(cells, sizeof(*series->bytes));
    series->blocks = pt_rawmem_array(cells, sizeof(*series->blocks));
    if (series->bytes == NULL || series->blocks == NULL) {
        pt_series_release(series);
        return PT_ERR_NOMEM;
    }
    return PT_OK;
}

static void
copy_point(struct pt_series *series, uint32_t to, const int64_t *bytes,
           const int64_t *blocks)
{
    size_t row = (size_t)series->lines * sizeof(*bytes);

    memmove(series->bytes + (size_t)to * series->lines, bytes, row);
    memmove(series->blocks + (size_t)to * series->lines, blocks, row);
}

/* Keep every other point, the first among them. */
static void
thin(struct pt_series *series)
{
    for (uint32_t i = 1; 2 * i < series->points; i++) {
        series->work[i] = series->work[2 * i];
        copy_point(series, i, series->bytes + (size_t)2 * i * series->lines,
                   series->blocks + (size_t)2 * i * series->lines);
    }
    series->points = (series->points + 1) / 2;
    series->stride *= 2;
}

void
pt_series_take(struct pt_series *series, uint64_t work, const int64_t *bytes,
               const int64_t *blocks)
{
    if (work % series->stride != 0) {
        return;
    }
    if (series->points == PT_SERIES_POINTS) {
        thin(series);
        if (work % series->stride != 0) {
            return;
        }
    }
    series->work[series->points] = work;
    copy_point(series, series->points, bytes, blocks);
    series->points++;
}

static int64_t
held(const struct pt_series *series, uint32_t point, uint32_t line)
{
    return series->bytes[(size_t)point * series->lines + line];
}

/* What was gained from one point to another for each unit of work. */
static double
rate(const struct pt_series *series, const int64_t *of, uint32_t line,
     uint32_t from, uint32_t to)
{
    double work = (double)(series->work[to] - series->work[from]);
    int64_t gained = of[(size_t)to * series->lines + line] -
                     of[(size_t)from * series->lines + line];

    return work > 0 ? (double)gained / work : 0;
}

static int
grows_in_each_part(const struct pt_series *series, uint32_t line,
                   uint32_t first)
{
    uint32_t last = series->points - 1;

    for (uint32_t i = 0; i < PARTS; i++) {
        uint32_t from = first + (last - first) * i / PARTS;
        uint32_t to = first + (last - first) * (i + 1) / PARTS;

        if (held(series, to, line) <= held(series, from, line)) {
            return 0;
        }
    }
    return 1;
}

/* R^2 of a straight line through the points from `first` on. */
static double
fit(const struct pt_series *series, const int64_t *of, uint32_t line,
    uint32_t first)
{
    double n = series->points - first;
    double x_mean = 0, y_mean = 0, xx = 0, xy = 0, yy = 0;

    for (uint32_t i = first; i < series->points; i++) {
        x_mean += (double)series->work[i] / n;
        y_mean += (double)of[(size_t)i * series->lines + line] / n;
    }
    for (uint32_t i = first; i < series->points; i++) {
        double x = (double)series->work[i] - x_mean;
        double y = (double)of[(size_t)i * series->lines + line] - y_mean;

        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0;
}

/* Straight, and not much slower than in the first half. */
static int
goes_on(const struct pt_series *series, const int64_t *of, uint32_t line)
{
    uint32_t last = series->points - 1, middle = last / 2;

    return rate(series, of, line, middle, last) >=
               LEAST_LASTING * rate(series, of, line, 0, middle) &&
           fit(series, of, line, middle) >= LEAST_FIT;
}

static int
is_leak(const struct pt_series *series, uint32_t line)
{
    return series->points >= PT_SERIES_LEAST &&
           grows_in_each_part(series, line, (series->points - 1) / 2) &&
           (goes_on(series, series->bytes, line) ||
            goes_on(series, series->blocks, line));
}

/* The first point at which a line had nearly all that it ever gained. */
static uint32_t
find_full(const struct pt_series *series, uint32_t line)
{
    int64_t start = held(series, 0, line), most = start;
    uint32_t full = 0;

    for (uint32_t i = 1; i < series->points; i++) {
        most = held(series, i, line) > most ? held(series, i, line) : most;
    }
    while ((double)(held(series, full, line) - start) <
           FULL * (double)(most - start)) {
        full++;
    }
    return full;
}

/* Of what is no leak. */
static enum pt_growth_shape
shape_of(const struct pt_series *series, uint32_t line, uint32_t full)
{
    uint64_t all = series->work[series->points - 1];
    int64_t start = held(series, 0, line);
    int64_t gained = held(series, full, line) - start;

    for (uint32_t i = full; i < series->points; i++) {
        if (held(series, i, line) - start < gained / 2) {
            return PT_GROWTH_UNEVEN;
        }
    }
    if (series->work[full] > all - all / EARLY) {
        return PT_GROWTH_UNEVEN;
    }
    return series->work[full] <= all / EARLY ? PT_GROWTH_WARM_UP
                                             : PT_GROWTH_CACHE;
}

struct pt_growth
pt_series_judge(const struct pt_series *series, uint32_t line)
{
    struct pt_growth growth = {0};
    uint32_t last = series->points - 1, middle = last / 2, full;

    if (series->points == 0) {
        return growth;
    }
    growth.grown_bytes = held(series, last, line) - held(series, 0, line);
    growth.grown_blocks = series->blocks[(size_t)last * series->lines + line] -
                          series->blocks[line];
    growth.held_blocks = series->blocks[(size_t)last * series->lines + line];
    growth.bytes_per_work = rate(series, series->bytes, line, middle, last);
    growth.blocks_per_work = rate(series, series->blocks, line, middle, last);
    full = find_full(series, line);
    growth.full_work = series->work[full];
    growth.shape = is_leak(series, line) ? PT_GROWTH_LEAK
                                         : shape_of(series, line, full);
    return growth;
}

void
pt_series_release(struct pt_series *series)
{
    pt_rawmem_free(series->bytes);
    pt_rawmem_free(series->blocks);
    *series = (struct pt_series){0};
}
