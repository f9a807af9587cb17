/* SPDX-License-Identifier: MIT */
/* nativesum.h - native memory of all processes, by whose it is. */
#ifndef PT_CLI_REPORT_FIGURES_NATIVESUM_H
#define PT_CLI_REPORT_FIGURES_NATIVESUM_H

#include "cli/report/figures/aggregate.h"
#include "core/timeline/reader.h"

struct pt_nativesum {
    struct pt_memory kind[PT_NATIVE_KINDS];
};

/* Add up a recording. What a fork inherited is its parent's. */
struct pt_nativesum pt_nativesum_of(const struct pt_reader *reader,
                                    const struct pt_aggregate *aggregate);

/* Of libraries and of the interpreter's own start. */
struct pt_memory pt_nativesum_libraries(const struct pt_nativesum *sum);

#endif
