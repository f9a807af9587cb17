/* SPDX-License-Identifier: MIT */
/* out_info.h - what a recording is: of which run, of what size, holding what.
 */
#ifndef PT_CLI_REPORT_PRINT_OUT_INFO_H
#define PT_CLI_REPORT_PRINT_OUT_INFO_H

#include <stdint.h>

#include "cli/report/text/escape.h"
#include "core/base/buf.h"
#include "core/timeline/reader.h"

struct pt_info {
    const char *name;     // the file
    uint64_t file_bytes;  // its size
    enum pt_escape escape;
};

/* Append it in words, one item a line. */
void pt_out_info(const struct pt_reader *reader, const struct pt_info *info,
                 struct pt_buf *out);

/* Append it as one JSON object. */
void pt_out_info_json(const struct pt_reader *reader,
                      const struct pt_info *info, struct pt_buf *out);

#endif
