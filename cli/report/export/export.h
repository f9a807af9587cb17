/* SPDX-License-Identifier: MIT */
/* export.h - what every format of `pytrace export` is given.
 *
 * A format is one function, in a file of its own, that appends a whole file of
 * that format to `out`; what tells of each event pours it into `outlet` on the
 * way, so that it takes little memory. Failures are PT_ERR_NOMEM, those of
 * pouring, or of the library it writes with; `err` has a message if there is
 * more to say than pt_error_text() does.
 */
#ifndef PT_CLI_REPORT_EXPORT_EXPORT_H
#define PT_CLI_REPORT_EXPORT_EXPORT_H

#include "cli/report/figures/dossier.h"
#include "cli/report/figures/split.h"
#include "cli/report/figures/stacks.h"
#include "cli/report/source/patterns.h"
#include "cli/report/text/outlet.h"
#include "core/base/buf.h"
#include "core/base/error.h"

struct pt_export {
    struct pt_dossier *dossier;
    struct pt_filter filter;  // of files, as they are shown
    struct pt_split split;    // of no parts: processes are not told apart
    enum pt_stack_value value;
    struct pt_buf *out;
    struct pt_outlet *outlet;
    struct pt_err err;
};

typedef int (*pt_export_format)(struct pt_export *request);

int pt_out_lcov(struct pt_export *request);
int pt_out_cobertura(struct pt_export *request);
int pt_out_coveragepy(struct pt_export *request);
int pt_out_csv(struct pt_export *request);
int pt_out_json(struct pt_export *request);
int pt_out_collapsed(struct pt_export *request);
int pt_out_speedscope(struct pt_export *request);
int pt_out_pprof(struct pt_export *request);
int pt_out_chrome(struct pt_export *request);
int pt_out_perfetto(struct pt_export *request);

#endif
