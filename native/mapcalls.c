/* SPDX-License-Identifier: MIT */
/* mapcalls.c - anonymous mappings, by whom they were made.
 *
 * The system is called directly, not libc, whose own function we stand before.
 * Files that others map are not followed: they are the same to the accounts of
 * the process, whoever maps them.
 */
#include "native/mapcalls.h"

#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/compiler.h"
#include "native/inner.h"
#include "native/moments.h"
#include "native/regions.h"
#include "native/tracker.h"

/* The code of one shared object. */
struct span {
    uintptr_t start;
    uintptr_t bytes;
};

static struct span allocator, own, helper;
static _Atomic uintptr_t arena_site;  // where Python maps arenas; 0: unknown

struct span_of {
    uintptr_t address;
    struct span span;
};

static int
find_span(struct dl_phdr_info *info, size_t bytes, void *data)
{
    struct span_of *wanted = data;

    (void)bytes;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;

        if (header->p_type == PT_LOAD &&
            wanted->address - start < header->p_memsz) {
            wanted->span = (struct span){start, header->p_memsz};
            return 1;
        }
    }
    return 0;
}

static struct span
span_at(uintptr_t address)
{
    struct span_of wanted = {.address = address};

    dl_iterate_phdr(find_span, &wanted);
    return wanted.span;
}

static int
is_in(const struct span *span, uintptr_t address)
{
    return address - span->start < span->bytes;
}

static enum pt_region_owner
owner_of(uintptr_t site)
{
    const struct pt_door *door = pt_tracker.door;

    if (is_in(&allocator, site)) {
        return PT_REGION_ALLOCATOR;
    }
    if (is_in(&own, site) || is_in(&helper, site) ||
        (door != NULL && site - door->tool_start < door->tool_bytes)) {
        return PT_REGION_TOOL;
    }
    return site == atomic_load_explicit(&arena_site, memory_order_relaxed)
               ? PT_REGION_PYTHON
               : PT_REGION_LIBRARY;
}

static void
settle(void *unused, struct pt_region *region)
{
    (void)unused;
    region->owner = owner_of(region->site);
    if (region->owner != PT_REGION_LIBRARY && region->pair != 0) {
        pt_tracker_died(region->pair, 0);
        region->pair = 0;
    }
}

void
pt_mapcalls_start(void)
{
    own = span_at((uintptr_t)pt_mapcalls_start);
    allocator = span_at((uintptr_t)mallocx);
    pt_regions_visit(0, UINTPTR_MAX, settle, NULL);
}

void
pt_mapcalls_add_tool(uintptr_t address)
{
    helper = span_at(address);
}

/* The interpreter was found to take its arenas through this call of mmap():
 * those it took before get their owner. */
static void
know_arenas(uintptr_t site)
{
    atomic_store(&arena_site, site);
    pt_regions_visit(0, UINTPTR_MAX, settle, NULL);
}

/* Pairs of mappings that are gone, for when the regions are unlocked: their
 * events may need room that must be mapped. */
struct ended {
    uint32_t pair[16];
    uint32_t pairs;
};

static void
end(void *context, struct pt_region *region)
{
    struct ended *ended = context;

    // After the end the figures stay as they are.
    if (region->pair == 0 || !pt_tracker_is_on()) {
        return;
    }
    if (ended->pairs < sizeof(ended->pair) / sizeof(ended->pair[0])) {
        ended->pair[ended->pairs++] = region->pair;
    }
    else {
        pt_tracker_died(region->pair, 0);
    }
}

static void
set_pair(void *pair, struct pt_region *region)
{
    region->pair = *(const uint32_t *)pair;
}

/* True if there was something known in the range. What is left of a mapping is
 * one of its own size now, made at the same place. */
static int
forget(void *start, size_t bytes)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    struct ended ended = {.pairs = 0};
    struct pt_regions_rest rest = pt_regions_remove(
        (uintptr_t)start, ((uintptr_t)start + bytes + page) & ~page, end,
        &ended);

    for (uint32_t i = 0; i < ended.pairs; i++) {
        pt_tracker_died(ended.pair[i], 0);
    }
    for (uint32_t i = 0; i < rest.regions; i++) {
        struct pt_region *left = &rest.region[i];

        if (left->pair != 0 && pt_tracker_is_on()) {
            uint32_t pair =
                pt_tracker_born_like(left->pair, left->end - left->start);

            pt_regions_visit(left->start, left->end, set_pair, &pair);
        }
    }
    return rest.removed != 0;
}

static void
note(void *start, size_t bytes, uintptr_t site, enum pt_region_kind kind)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    struct pt_region region = {
        .start = (uintptr_t)start,
        .end = ((uintptr_t)start + bytes + page) & ~page,
        .site = site,
        .owner = owner_of(site),
        .kind = kind,
    };

    if (region.owner == PT_REGION_LIBRARY && pt_tracker_is_on()) {
        int is_python = 0;

        region.pair =
            pt_tracker_map(region.end - region.start, site, &is_python);
        if (is_python) {
            region.owner = PT_REGION_PYTHON;
            if (atomic_load(&arena_site) == 0) {
                know_arenas(site);
            }
        }
    }
    pt_regions_add(&region);
    // Not while the allocator maps, which has locks then, or the tool.
    if (pt_tracker_is_on() && (region.owner == PT_REGION_LIBRARY ||
                               region.owner == PT_REGION_PYTHON)) {
        pt_moments_step(bytes);
    }
}

static enum pt_region_kind
kind_of(int flags)
{
    return (flags & MAP_ANONYMOUS) == 0 ? PT_REGION_FILE
           : flags & MAP_SHARED         ? PT_REGION_SHARED
                                        : PT_REGION_PRIVATE;
}

static void
note_kind(void *kind, struct pt_region *region)
{
    *(enum pt_region_kind *)kind = region->kind;
}

static void *
map(void *address, size_t bytes, int protection, int flags, int fd,
    off_t offset, uintptr_t site)
{
    void *start = (void *)syscall(SYS_mmap, address, bytes, protection, flags,
                                  fd, offset);

    if (start == MAP_FAILED) {
        return start;
    }
    if (flags & MAP_FIXED) {
        forget(start, bytes);
    }
    // Of files only our own count. A range that cannot be touched is no
    // memory yet, whoever reserves it.
    if (owner_of(site) == PT_REGION_TOOL ||
        ((flags & MAP_ANONYMOUS) != 0 && protection != PROT_NONE)) {
        note(start, bytes, site, kind_of(flags));
    }
    return start;
}

PT_EXPORT void *
mmap(void *address, size_t bytes, int protection, int flags, int fd,
     off_t offset)
{
    return map(address, bytes, protection, flags, fd, offset,
               PT_RETURN_ADDRESS);
}

PT_EXPORT void *
mmap64(void *address, size_t bytes, int protection, int flags, int fd,
       off64_t offset)
{
    return map(address, bytes, protection, flags, fd, offset,
               PT_RETURN_ADDRESS);
}

PT_EXPORT int
munmap(void *start, size_t bytes)
{
    // Before it is done: the moment after, another thread may map there.
    forget(start, bytes);
    return (int)syscall(SYS_munmap, start, bytes);
}

PT_EXPORT void *
mremap(void *old, size_t old_bytes, size_t bytes, int flags, ...)
{
    enum pt_region_kind kind = PT_REGION_PRIVATE;
    void *wanted = NULL, *start;
    va_list arguments;

    if (flags & MREMAP_FIXED) {
        va_start(arguments, flags);
        wanted = va_arg(arguments, void *);
        va_end(arguments);
    }
    pt_regions_visit((uintptr_t)old, (uintptr_t)old + 1, note_kind, &kind);
    start = (void *)syscall(SYS_mremap, old, old_bytes, bytes, flags, wanted);
    if (start != MAP_FAILED) {
        int is_known = forget(old, old_bytes);

        if (flags & MREMAP_FIXED) {
            forget(start, bytes);
        }
        if (is_known) {
            note(start, bytes, PT_RETURN_ADDRESS, kind);
        }
    }
    return start;
}
