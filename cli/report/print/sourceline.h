/* SPDX-License-Identifier: MIT */
/* sourceline.h - the line of source below a frame, as tracebacks have it. */
#ifndef PT_CLI_REPORT_PRINT_SOURCELINE_H
#define PT_CLI_REPORT_PRINT_SOURCELINE_H

#include "cli/report/figures/dossier.h"
#include "cli/report/text/escape.h"
#include "core/base/buf.h"

/* Append it indented and ended; nothing when it is blank or cannot be had. */
void pt_sourceline_add(struct pt_dossier *dossier, uint32_t file,
                       uint32_t line, enum pt_escape escape,
                       struct pt_buf *out);

#endif
