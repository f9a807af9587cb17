/* SPDX-License-Identifier: MIT */
/* framelist.h - the frames of stacks, each line and each native place once,
 * with numbers. */
#ifndef PT_CLI_REPORT_FIGURES_FRAMELIST_H
#define PT_CLI_REPORT_FIGURES_FRAMELIST_H

#include <stdint.h>

#include "cli/report/figures/fullstacks.h"
#include "core/base/idmap.h"

struct pt_framelist {
    const struct pt_fullstacks *stacks;
    struct pt_fullframe *frame;  // by number, from 1
    uint32_t frames;             // number 0 included
    uint32_t room;
    struct pt_idmap map;
};

/* Begin with none. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_framelist_init(struct pt_framelist *list,
                                    const struct pt_fullstacks *stacks);

/* The number of a frame, given when it is first asked for. A native place has
 * one, whoever called it. */
PT_MUST_CHECK int pt_framelist_number(struct pt_framelist *list,
                                      const struct pt_fullframe *frame,
                                      uint32_t *number);

/* Give it all back. Harmless on a released one. */
void pt_framelist_release(struct pt_framelist *list);

#endif
