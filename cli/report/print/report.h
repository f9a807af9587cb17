/* SPDX-License-Identifier: MIT */
/* report.h - one report in the making: what every output reads, and where it
 * puts its text. render.h makes it and calls the outputs, each of which takes
 * it as its only argument.
 */
#ifndef PT_CLI_REPORT_PRINT_REPORT_H
#define PT_CLI_REPORT_PRINT_REPORT_H

#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/figures/arctable.h"
#include "cli/report/print/reportoptions.h"
#include "cli/report/source/naming.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"
#include "core/timeline/reader.h"

/* `options`, `reader` and `header` are borrowed for as long as it lives. */
struct pt_report {
    const struct pt_report_options *options;
    const struct pt_reader *reader;
    const struct pt_header *header;
    struct pt_aggregate sum;
    struct pt_arctable arcs;
    struct pt_naming naming;
    uint32_t python_version;  // PY_VERSION_HEX of who ran the program
    struct pt_buf out;        // for stdout
    enum pt_escape escape;
    int has_failed;  // some output could not be made; it was said why
    int is_under;    // coverage is, and it was said
};

#endif
