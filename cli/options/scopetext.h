/* SPDX-License-Identifier: MIT */
/* scopetext.h - which lines are to be counted, as the recording tells it. */
#ifndef PT_CLI_OPTIONS_SCOPETEXT_H
#define PT_CLI_OPTIONS_SCOPETEXT_H

#include "cli/options/options.h"
#include "core/base/error.h"
#include "core/timeline/recording.h"

/* Write header->scope from --include, --omit, --ignore-module and
 * --ignore-dir; what is relative starts in header->directory. PT_ERR_USAGE
 * when that is too much for it. */
PT_MUST_CHECK int pt_scopetext_compose(const struct pt_options *options,
                                       struct pt_header *header,
                                       struct pt_err *err);

#endif
