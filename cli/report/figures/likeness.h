/* SPDX-License-Identifier: MIT */
/* likeness.h - whether figures of two recordings can be added up.
 *
 * What would make sums mean nothing is refused; what makes them mean something
 * else than one might think is only said.
 */
#ifndef PT_CLI_REPORT_FIGURES_LIKENESS_H
#define PT_CLI_REPORT_FIGURES_LIKENESS_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/timeline/reader.h"

struct pt_likeness {
    const struct pt_reader *reader;
    const char *name;
};

/* May `other` be added to `first`? PT_ERR_USAGE with the reason in `err`: a
 * run is in both, or they did not record in the same way. */
PT_MUST_CHECK int pt_likeness_check(const struct pt_likeness *first,
                                    const struct pt_likeness *other,
                                    struct pt_err *err);

/* Say on stderr in what else they differ: the version of Python, the files
 * that were counted, their content. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_likeness_say(const struct pt_likeness *first,
                                  const struct pt_likeness *other);

#endif
