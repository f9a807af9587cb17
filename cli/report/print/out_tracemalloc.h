/* SPDX-License-Identifier: MIT */
/* out_tracemalloc.h - what a program held, as a file of pytrace.tracemalloc.
 *
 * The bytes that Snapshot.dump() writes and Snapshot.load() reads (see
 * docs/python.md): a line, then a pickle of plain values, among them the two
 * arrays below.
 */
#ifndef PT_CLI_REPORT_PRINT_OUT_TRACEMALLOC_H
#define PT_CLI_REPORT_PRINT_OUT_TRACEMALLOC_H

#include "core/base/buf.h"
#include "core/timeline/reader.h"

/* Append the file of the blocks that the program itself held in the end. What
 * there is no memory for shows in `out`. */
void pt_out_tracemalloc(const struct pt_reader *reader, struct pt_buf *out);

#endif
