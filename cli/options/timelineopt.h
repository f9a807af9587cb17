/* SPDX-License-Identifier: MIT */
/* timelineopt.h - --timeline, --ring and --last in words of the recording. */
#ifndef PT_CLI_OPTIONS_TIMELINEOPT_H
#define PT_CLI_OPTIONS_TIMELINEOPT_H

#include "cli/options/options.h"
#include "core/timeline/recording.h"

/* Add to `header`, whose `wanted` says what else is recorded, what the three
 * options ask for. PT_ERR_USAGE says what is wrong with them. */
PT_MUST_CHECK int pt_timelineopt_compose(const struct pt_options *options,
                                         struct pt_header *header,
                                         struct pt_err *err);

#endif
