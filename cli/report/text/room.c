/* SPDX-License-Identifier: MIT */
/* room.c - twice the room whenever it is used up. */
#include "cli/report/text/room.h"

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define FIRST_ROOM PT_SIZE(256u, 1u)

int
pt_room_reserve(void **array, uint32_t used, uint32_t *room, size_t item_bytes)
{
    uint32_t wanted = *room != 0 ? *room * 2 : FIRST_ROOM;
    void *larger;

    if (used < *room) {
        return PT_OK;
    }
    if (*room > UINT32_MAX / 2) {
        return PT_ERR_NOMEM;
    }
    larger = pt_rawmem_resize(*array, wanted, item_bytes);
    if (larger == NULL) {
        return PT_ERR_NOMEM;
    }
    *array = larger;
    *room = wanted;
    return PT_OK;
}
