/* SPDX-License-Identifier: MIT */
/* sites.c - see sites.h. */
#include "linetrace/sites.h"

#include "core/base/rawmem.h"

#define ROOM PT_SIZE(256, 2)

int
pt_sites_init(struct pt_sites *sites)
{
    *sites = (struct pt_sites){.room = ROOM};
    sites->slot = pt_rawmem_array(ROOM, sizeof(struct pt_site *));
    if (sites->slot == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

void
pt_sites_release(struct pt_sites *sites)
{
    for (uint32_t i = 0; i < sites->room && sites->slot != NULL; i++) {
        pt_rawmem_free(sites->slot[i]);
    }
    pt_rawmem_free(sites->slot);
    *sites = (struct pt_sites){0};
}

static void
put(struct pt_site **slot, uint32_t room, struct pt_site *site)
{
    uint32_t at = pt_sites_hash(site->code);

    while (slot[at & (room - 1)] != NULL) {
        at++;
    }
    slot[at & (room - 1)] = site;
}

/* A bigger table, without the sites of dead code. */
PT_COLD static int
rebuild(struct pt_sites *sites)
{
    uint32_t room = sites->room, alive = 0;
    struct pt_site **slot;

    for (uint32_t i = 0; i < sites->room; i++) {
        alive += sites->slot[i] != NULL && sites->slot[i]->code != NULL;
    }
    while (alive >= room / 4) {
        room *= 2;
    }
    slot = pt_rawmem_array(room, sizeof(*slot));
    if (slot == NULL) {
        return -1;
    }
    for (uint32_t i = 0; i < sites->room; i++) {
        struct pt_site *site = sites->slot[i];

        if (site != NULL && site->code != NULL) {
            put(slot, room, site);
        }
        else {
            pt_rawmem_free(site);
        }
    }
    pt_rawmem_free(sites->slot);
    *sites = (struct pt_sites){slot, room, alive};
    return 0;
}

struct pt_site *
pt_sites_add(struct pt_sites *sites, PyCodeObject *code)
{
    struct pt_site *site;

    if ((sites->used + 1) * 2 > sites->room && rebuild(sites) < 0) {
        return NULL;
    }
    site = pt_rawmem_array(1, sizeof(*site));
    if (site != NULL) {
        site->code = code;
        put(sites->slot, sites->room, site);
        sites->used++;
    }
    return site;
}
