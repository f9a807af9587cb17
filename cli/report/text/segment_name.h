/* SPDX-License-Identifier: MIT */
/* segment_name.h - the parts of a recording, in words. */
#ifndef PT_CLI_REPORT_TEXT_SEGMENT_NAME_H
#define PT_CLI_REPORT_TEXT_SEGMENT_NAME_H

#include <stdint.h>

/* The name of a segment in texts: "pair"; "unknown" for one of a newer
 * format. */
const char *pt_segment_name(uint32_t segment);

#endif
