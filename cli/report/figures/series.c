/* SPDX-License-Identifier: MIT */
/* series.c - points thinned out as they come, and a line laid through them. */
#include "cli/report/figures/series.h"

#include <string.h>

#include "core/base/rawmem.h"

#define PARTS 4u           // of the second half
#define LEAST_FIT 0.8      // R^2 of a straight line
#define LEAST_LASTING 0.5  // of the growth of the first half

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
fit(const struct pt_series *series, uint32_t line, uint32_t first)
{
    double n = series->points - first;
    double x_mean = 0, y_mean = 0, xx = 0, xy = 0, yy = 0;

    for (uint32_t i = first; i < series->points; i++) {
        x_mean += (double)series->work[i] / n;
        y_mean += (double)held(series, i, line) / n;
    }
    for (uint32_t i = first; i < series->points; i++) {
        double x = (double)series->work[i] - x_mean;
        double y = (double)held(series, i, line) - y_mean;

        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0;
}

struct pt_growth
pt_series_judge(const struct pt_series *series, uint32_t line)
{
    struct pt_growth growth = {0};
    uint32_t last = series->points - 1, middle = last / 2;
    double before;

    if (series->points == 0) {
        return growth;
    }
    growth.grown_bytes = held(series, last, line) - held(series, 0, line);
    growth.grown_blocks = series->blocks[(size_t)last * series->lines + line] -
                          series->blocks[line];
    growth.held_blocks = series->blocks[(size_t)last * series->lines + line];
    growth.bytes_per_work = rate(series, series->bytes, line, middle, last);
    growth.blocks_per_work = rate(series, series->blocks, line, middle, last);
    before = rate(series, series->bytes, line, 0, middle);
    growth.is_leak = series->points >= PT_SERIES_LEAST &&
                     growth.bytes_per_work >= LEAST_LASTING * before &&
                     grows_in_each_part(series, line, middle) &&
                     fit(series, line, middle) >= LEAST_FIT;
    return growth;
}

void
pt_series_release(struct pt_series *series)
{
    pt_rawmem_free(series->bytes);
    pt_rawmem_free(series->blocks);
    *series = (struct pt_series){0};
}
