/* SPDX-License-Identifier: MIT */
/* room.h - growing the arrays of a report. */
#ifndef PT_CLI_REPORT_TEXT_ROOM_H
#define PT_CLI_REPORT_TEXT_ROOM_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"

/* See that `*array`, of which `used` items are in use, has room for one more;
 * `*room` counts items. PT_ERR_NOMEM: all is as it was. */
PT_MUST_CHECK int pt_room_reserve(void **array, uint32_t used, uint32_t *room,
                                  size_t item_bytes);

#endif
