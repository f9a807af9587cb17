/* SPDX-License-Identifier: MIT */
/* nativesites.c - a growing array and its index. */
#include "cli/report/figures/nativesites.h"

#include <string.h>

#include "cli/report/figures/account.h"
#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

static int
append(struct pt_nativesites *sites, const struct pt_nativesite *site)
{
    void *array = sites->site;
    int code = pt_room_reserve(&array, sites->sites, &sites->room,
                               sizeof(*sites->site));

    sites->site = array;
    if (code == PT_OK) {
        sites->site[sites->sites++] = *site;
    }
    return code;
}

int
pt_nativesites_init(struct pt_nativesites *sites,
                    enum pt_nativesites_what what)
{
    static const struct pt_nativesite none;
    int code;

    *sites = (struct pt_nativesites){.what = what};
    code = pt_idmap_init(&sites->map);
    if (code == PT_OK) {
        code = append(sites, &none);
    }
    if (code != PT_OK) {
        pt_nativesites_release(sites);
    }
    return code;
}

/* Where the pair's site lies in which file. */
static int
locate(struct pt_ledger *ledger, const struct pt_reader *reader,
       uint32_t process, const struct pt_native_pair *pair,
       struct pt_nativesite *site)
{
    const void *found =
        pt_reader_item(reader, process, PT_SEGMENT_MODULE, pair->module);
    struct pt_module module;
    const char *path;
    size_t bytes;

    site->offset = pair->site;
    if (found == NULL) {
        return PT_OK;
    }
    memcpy(&module, found, sizeof(module));
    path = pt_reader_text(reader, process, module.path, &bytes);
    site->offset -= module.base_bytes;
    return pt_account_name(ledger, path, bytes, &site->name);
}

static int
find(struct pt_nativesites *sites, const struct pt_nativesite *wanted,
     struct pt_nativesite **site)
{
    uint64_t hash = pt_hash_pair((uint64_t)wanted->entry << 32 | wanted->name,
                                 wanted->offset);
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&sites->map, hash, &walk);
    int code = PT_OK;

    for (; id != 0; id = pt_idmap_next(&walk)) {
        *site = &sites->site[id];
        if ((*site)->entry == wanted->entry && (*site)->name == wanted->name &&
            (*site)->offset == wanted->offset) {
            return PT_OK;
        }
    }
    code = append(sites, wanted);
    if (code == PT_OK) {
        *site = &sites->site[sites->sites - 1];
        code = pt_idmap_insert(&sites->map, hash, sites->sites - 1);
    }
    return code;
}

int
pt_nativesites_charge(struct pt_nativesites *sites, struct pt_ledger *ledger,
                      const struct pt_reader *reader, uint32_t process,
                      const struct pt_native_pair *pair, uint32_t entry,
                      uint64_t blocks)
{
    struct pt_nativesite wanted = {.entry = entry}, *site;
    int code = PT_OK;

    if (blocks != 0) {
        code = locate(ledger, reader, process, pair, &wanted);
        if (code == PT_OK) {
            code = find(sites, &wanted, &site);
        }
        if (code == PT_OK) {
            site->kept.blocks += blocks;
            site->kept.bytes += blocks * pair->size_bytes;
        }
    }
    return code;
}

int
pt_nativesites_convert(const struct pt_native_pair *native,
                       enum pt_nativesites_what what, struct pt_pair *pair)
{
    uint64_t allocated = atomic_load(&native->allocated);

    *pair = (struct pt_pair){
        .size_bytes = native->size_bytes,
        .node = native->node,
        // A block that was told to tracemalloc may have been inherited.
        .allocated = (int64_t)allocated < 0 ? 0 : allocated,
        .live = (int64_t)(native->inherited + allocated -
                          atomic_load(&native->freed)),
        .inherited = (int64_t)native->inherited,
    };
    switch (native->kind) {
    case PT_NATIVE_LIBRARY:
    case PT_NATIVE_EARLY:
        return (what & PT_NATIVESITES_BLOCKS) != 0;
    case PT_NATIVE_MAP:
        return (what & PT_NATIVESITES_MAPPINGS) != 0;
    default:
        return 0;
    }
}

int
pt_nativesites_read(const struct pt_reader *reader, uint32_t process,
                    enum pt_segment segment, uint32_t id, struct pt_pair *pair)
{
    struct pt_native_pair native;

    if (segment != PT_SEGMENT_NATIVE) {
        return pt_reader_copy(reader, process, segment, id, pair,
                              sizeof(*pair));
    }
    return pt_reader_copy(reader, process, segment, id, &native,
                          sizeof(native)) &&
           pt_nativesites_convert(&native, PT_NATIVESITES_ALL, pair);
}

void
pt_nativesites_release(struct pt_nativesites *sites)
{
    pt_idmap_release(&sites->map);
    pt_rawmem_free(sites->site);
    *sites = (struct pt_nativesites){0};
}
