/* SPDX-License-Identifier: MIT */
/* nativesites.c - a growing array and its index. */
#include "cli/report/figures/nativesites.h"

#include <string.h>

#include "cli/report/figures/account.h"
#include "cli/report/text/room.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

// A damaged recording may have longer rows.
#define CALLERS_MAX 256u

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

static int
append_caller(struct pt_nativesites *sites,
              const struct pt_nativecaller *caller)
{
    void *array = sites->caller;
    int code = pt_room_reserve(&array, sites->callers, &sites->caller_room,
                               sizeof(*sites->caller));

    sites->caller = array;
    if (code == PT_OK) {
        sites->caller[sites->callers++] = *caller;
    }
    return code;
}

int
pt_nativesites_init(struct pt_nativesites *sites,
                    enum pt_nativesites_what what)
{
    static const struct pt_nativesite none;
    static const struct pt_nativecaller nobody;
    int code;

    *sites = (struct pt_nativesites){.what = what};
    code = pt_idmap_init(&sites->map);
    if (code == PT_OK) {
        code = pt_idmap_init(&sites->caller_map);
    }
    if (code == PT_OK) {
        code = append(sites, &none);
    }
    if (code == PT_OK) {
        code = append_caller(sites, &nobody);
    }
    if (code != PT_OK) {
        pt_nativesites_release(sites);
    }
    return code;
}

/* Where an address lies in which file. */
static int
locate(struct pt_ledger *ledger, const struct pt_reader *reader,
       uint32_t process, uint64_t address, uint32_t module_id,
       struct pt_nativecaller *caller)
{
    struct pt_module module;
    const char *path;
    size_t bytes;

    caller->offset = address;
    if (!pt_reader_copy(reader, process, PT_SEGMENT_MODULE, module_id, &module,
                        sizeof(module))) {
        return PT_OK;
    }
    path = pt_reader_text(reader, process, module.path, &bytes);
    caller->offset -= module.base_bytes;
    return pt_account_name(ledger, path, bytes, &caller->name);
}

static int
find_caller(struct pt_nativesites *sites, const struct pt_nativecaller *wanted,
            uint32_t *id)
{
    uint64_t hash = pt_hash_pair((uint64_t)wanted->outer << 32 | wanted->name,
                                 wanted->offset);
    struct pt_idmap_walk walk;
    int code;

    for (*id = pt_idmap_first(&sites->caller_map, hash, &walk); *id != 0;
         *id = pt_idmap_next(&walk)) {
        const struct pt_nativecaller *caller = &sites->caller[*id];

        if (caller->outer == wanted->outer && caller->name == wanted->name &&
            caller->offset == wanted->offset) {
            return PT_OK;
        }
    }
    code = append_caller(sites, wanted);
    if (code == PT_OK) {
        *id = sites->callers - 1;
        code = pt_idmap_insert(&sites->caller_map, hash, *id);
    }
    return code;
}

/* The frames of a stack from `id` outward; how many. One that is not below its
 * number would be without end. */
static uint32_t
read_frames(const struct pt_reader *reader, uint32_t process, uint32_t id,
            struct pt_native_frame frame[CALLERS_MAX])
{
    uint32_t frames = 0;

    while (id != 0 && frames < CALLERS_MAX &&
           pt_reader_copy(reader, process, PT_SEGMENT_FRAME, id,
                          &frame[frames], sizeof(frame[frames]))) {
        id = frame[frames].parent < id ? frame[frames].parent : 0;
        frames++;
    }
    return frames;
}

/* The place that called malloc() for a pair, under all that called it. */
static int
find_callers(struct pt_nativesites *sites, struct pt_ledger *ledger,
             const struct pt_reader *reader, uint32_t process,
             const struct pt_native_pair *pair, uint32_t *id)
{
    struct pt_native_frame frame[CALLERS_MAX];
    uint32_t frames = read_frames(reader, process, pair->stack, frame);
    int code = PT_OK;

    if (frames == 0) {
        frame[frames++] = (struct pt_native_frame){.address = pair->site,
                                                   .module = pair->module};
    }
    *id = 0;
    while (frames-- != 0 && code == PT_OK) {
        struct pt_nativecaller wanted = {.outer = *id};

        code = locate(ledger, reader, process, frame[frames].address,
                      frame[frames].module, &wanted);
        if (code == PT_OK) {
            code = find_caller(sites, &wanted, id);
        }
    }
    return code;
}

static int
find(struct pt_nativesites *sites, const struct pt_nativesite *wanted,
     struct pt_nativesite **site)
{
    uint64_t hash = pt_hash_pair(wanted->entry, wanted->caller);
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&sites->map, hash, &walk);
    int code = PT_OK;

    for (; id != 0; id = pt_idmap_next(&walk)) {
        *site = &sites->site[id];
        if ((*site)->entry == wanted->entry &&
            (*site)->caller == wanted->caller) {
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
                      const uint64_t blocks[PT_LEDGER_SUMS])
{
    uint64_t kept = blocks[PT_LEDGER_KEPT];
    uint64_t allocated = blocks[PT_LEDGER_ALLOCATED];
    struct pt_nativesite wanted = {.entry = entry}, *site;
    int code = PT_OK;

    if (kept != 0 || allocated != 0) {
        code =
            find_callers(sites, ledger, reader, process, pair, &wanted.caller);
        if (code == PT_OK) {
            code = find(sites, &wanted, &site);
        }
        if (code == PT_OK) {
            site->kept.blocks += kept;
            site->kept.bytes += kept * pair->size_bytes;
            site->allocated.blocks += allocated;
            site->allocated.bytes += allocated * pair->size_bytes;
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
    pt_idmap_release(&sites->caller_map);
    pt_rawmem_free(sites->site);
    pt_rawmem_free(sites->caller);
    *sites = (struct pt_nativesites){0};
}
