/* SPDX-License-Identifier: MIT */
/* listing.h - the text of a .cover file: counts beside a source.
 *
 * Every line of the source stands behind a field for its count, at least 7
 * characters wide, as `trace` writes it: "%5d: ", or ">>>>>> " for a line that
 * has code and did not run, or blanks. With memory a column of exactly
 * PT_LISTING_MEMORY_BYTES follows: what the line allocated over the run and
 * what of it was live at the end. Before it stands, with branches, a column of
 * PT_WAYS_COLUMN_BYTES, in lines that run and decide where to go on: each line
 * they may go to, and how often they did, behind a '!' if one was never taken.
 * With times a column of PT_LISTING_TIME_BYTES comes first: the line's own
 * time, and that for each hit. Without these columns the listing is, byte for
 * byte, the one made without them.
 */
#ifndef PT_CLI_REPORT_FIGURES_LISTING_H
#define PT_CLI_REPORT_FIGURES_LISTING_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/figures/arctable.h"
#include "core/base/buf.h"

#define PT_LISTING_MEMORY_BYTES 23u
#define PT_LISTING_TIME_BYTES 21u

struct pt_listing_style {
    int with_missing;
    int with_memory;
    int with_branches;
    int with_times;
    const struct pt_arc_sum *arc;  // of the source, sorted
    uint32_t arcs;
    uint32_t python_version;  // PY_VERSION_HEX of who ran the program
};

/* What the summary wants to know of a listing. */
struct pt_listing_lines {
    uint64_t hit;
    uint64_t missing;  // marked as that, or would be
    uint64_t shown;    // hit, or marked as missing
    uint64_t ways;     // out of lines that decide,
    uint64_t taken;    // those that were taken,
    uint64_t partial;  // and lines that ran and have others
};

/* Which lines of `text` are excused from being missing: is_excused[line]
 * for lines 1 to *lines; *lines is 0 if there are none. Free the array with
 * pt_rawmem_free. NULL: no memory. */
unsigned char *pt_listing_excuse(const struct pt_buf *text,
                                 uint32_t python_version, uint32_t *lines);

/* Append the listing of `text` to `out`. `place` are the source's places,
 * sorted by line. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_listing_compose(struct pt_buf *out,
                                     const struct pt_buf *text,
                                     const struct pt_place *place,
                                     uint32_t places,
                                     const struct pt_listing_style *style,
                                     struct pt_listing_lines *lines);

#endif
