/* SPDX-License-Identifier: MIT */
/* census.c - mappings by their owners, blocks by their kinds.
 *
 *     resident pages of the allocator
 *         = Python's blocks + libraries' + ours - what was never touched
 *           + slack
 */
#include "native/census.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"
#include "native/mapsfile.h"
#include "native/regions.h"
#include "native/tracker.h"

// Of one owner: pages of more are not looked at for every moment.
#define LOOKED_AT_MAX ((uint64_t)512 << 20)

struct counting {
    struct pt_moment *moment;
    uint64_t owner_bytes[PT_REGION_OWNERS];  // resident
    // Of the mapping that is being looked at:
    struct pt_mapsfile_entry entry;
    uint64_t part_bytes[PT_REGION_OWNERS];
    // Of the one before it:
    uintptr_t file_end;      // 0: it was no file
    uintptr_t reserved_end;  // 0: it was no guard page
};

/* Pages of mappings are being looked at. */
struct looking {
    struct pt_census_extent *extent;
    struct pt_region run;  // one, or some of the tool side by side
};

static void
add_mapped(void *context, struct pt_region *region)
{
    struct pt_census_extent *extent = context;

    if (region->kind != PT_REGION_FILE) {
        extent[region->owner].mapped_bytes += region->end - region->start;
    }
}

static int
is_looked_at(const struct pt_census_extent *extent, uint32_t owner)
{
    return owner != PT_REGION_ALLOCATOR &&
           extent[owner].mapped_bytes <= LOOKED_AT_MAX;
}

static void
end_run(struct looking *looking)
{
    struct pt_census_extent *extent = &looking->extent[looking->run.owner];
    uint64_t bytes =
        pt_rawmem_resident_bytes((const void *)looking->run.start,
                                 looking->run.end - looking->run.start);

    extent->resident_bytes += bytes;
    if (looking->run.kind == PT_REGION_SHARED) {
        extent->shared_bytes += bytes;
    }
    looking->run.start = looking->run.end = 0;
}

/* The system is asked once for the tool's regions that lie side by side, of
 * which there are many small ones. */
static void
add_to_run(struct looking *looking, const struct pt_region *region)
{
    struct pt_region *run = &looking->run;

    if (run->owner == PT_REGION_TOOL && run->owner == region->owner &&
        run->kind == region->kind && run->end == region->start) {
        run->end = region->end;
        return;
    }
    end_run(looking);
    *run = *region;
}

/* Nobody gives back a part of an arena: once all of it is there it stays. */
static void
add_arena(struct looking *looking, struct pt_region *region)
{
    uint64_t bytes = region->end - region->start, resident = bytes;

    if (!region->is_full) {
        resident =
            pt_rawmem_resident_bytes((const void *)region->start, bytes);
        region->is_full = resident == bytes;
    }
    looking->extent[PT_REGION_PYTHON].resident_bytes += resident;
}

static void
add_resident(void *context, struct pt_region *region)
{
    struct looking *looking = context;

    if (region->kind == PT_REGION_FILE ||
        !is_looked_at(looking->extent, region->owner)) {
        return;
    }
    if (region->owner == PT_REGION_PYTHON &&
        region->kind == PT_REGION_PRIVATE) {
        add_arena(looking, region);
    }
    else {
        add_to_run(looking, region);
    }
}

/* With pages looked at both times their difference is what changed; else that
 * of the mappings, at most. */
uint64_t
pt_census_carry_on(const struct pt_census *then, const struct pt_census *now,
                   enum pt_region_owner owner, uint64_t bytes)
{
    const struct pt_census_extent *old = &then->extent[owner];
    const struct pt_census_extent *new = &now->extent[owner];
    int64_t sum = (int64_t)bytes;

    if (is_looked_at(then->extent, owner) &&
        is_looked_at(now->extent, owner)) {
        sum += (int64_t)(new->resident_bytes - old->resident_bytes);
    }
    else {
        sum += (int64_t)(new->mapped_bytes - old->mapped_bytes);
    }
    return sum > 0 ? (uint64_t)sum : 0;
}

void
pt_census_look(struct pt_census *census)
{
    struct looking looking = {.extent = census->extent};

    memset(census->extent, 0, sizeof(census->extent));
    pt_regions_visit(0, UINTPTR_MAX, add_mapped, census->extent);
    pt_regions_visit(0, UINTPTR_MAX, add_resident, &looking);
    end_run(&looking);
}

void
pt_census_count(struct pt_census *census)
{
    struct pt_tracker_sums sums = pt_tracker_sum();

    pt_census_look(census);
    census->python_bytes =
        sums.kind_bytes[PT_NATIVE_PYTHON] + sums.kind_bytes[PT_NATIVE_TRACKED];
    census->library_bytes = sums.kind_bytes[PT_NATIVE_LIBRARY] +
                            sums.kind_bytes[PT_NATIVE_EARLY] +
                            sums.loose_bytes;
    census->own_bytes = sums.own_bytes;
    census->usable_bytes = sums.usable_bytes;
}

static void
add_part(void *context, struct pt_region *region)
{
    struct counting *counting = context;
    const struct pt_mapsfile_entry *entry = &counting->entry;
    uintptr_t start = region->start > entry->start ? region->start
                                                   : entry->start;
    uintptr_t end = region->end < entry->end ? region->end : entry->end;

    counting->part_bytes[region->owner] +=
        pt_rawmem_resident_bytes((const void *)start, end - start);
}

/* Share an anonymous mapping out to the regions in it; what nobody mapped
 * through us is returned. */
static uint64_t
share_out(struct counting *counting)
{
    uint64_t rss = counting->entry.rss_bytes, sum = 0, shared = 0;

    memset(counting->part_bytes, 0, sizeof(counting->part_bytes));
    pt_regions_visit(counting->entry.start, counting->entry.end, add_part,
                     counting);
    for (int i = 0; i < PT_REGION_OWNERS; i++) {
        sum += counting->part_bytes[i];
    }
    for (int i = 0; i < PT_REGION_OWNERS; i++) {
        uint64_t part = counting->part_bytes[i];

        // Pages that were read and never written are in memory for mincore(),
        // but cost nothing.
        if (sum > rss) {
            part = (uint64_t)((double)part / (double)sum * (double)rss);
        }
        counting->owner_bytes[i] += part;
        shared += part;
    }
    return sum >= rss ? 0 : rss - shared;
}

static void
note_tool(void *context, struct pt_region *region)
{
    int *is_tool = context;

    *is_tool = region->owner == PT_REGION_TOOL;
}

static void
count_entry(void *context, const struct pt_mapsfile_entry *entry)
{
    struct counting *counting = context;
    uint64_t *row = counting->moment->row_bytes;
    int is_tool = 0;

    counting->entry = *entry;
    counting->moment->rss_bytes += entry->rss_bytes;
    pt_regions_visit(entry->start, entry->start + 1, note_tool, &is_tool);
    if (is_tool) {
        row[PT_ROW_TOOL] += entry->rss_bytes;
    }
    else if (entry->kind == PT_MAPSFILE_STACK) {
        row[PT_ROW_STACKS] += entry->rss_bytes;
    }
    else if (entry->kind != PT_MAPSFILE_ANONYMOUS) {
        row[PT_ROW_FILES] += entry->rss_bytes;
    }
    else {
        uint64_t rest = share_out(counting);

        // Data that a library starts with zeros follow its file; a thread's
        // stack follows its guard page.
        if (entry->start == counting->file_end) {
            row[PT_ROW_FILES] += rest;
        }
        else if (entry->start == counting->reserved_end) {
            row[PT_ROW_STACKS] += rest;
        }
    }
    counting->file_end = entry->kind == PT_MAPSFILE_FILE ? entry->end : 0;
    counting->reserved_end = entry->is_reserved ? entry->end : 0;
}

uint64_t
pt_census_take_from(uint64_t *row, uint64_t bytes)
{
    uint64_t taken = bytes < *row ? bytes : *row;

    *row -= taken;
    return bytes - taken;
}

static void
explain_blocks(const struct pt_census *census, struct counting *counting)
{
    struct pt_moment *moment = counting->moment;
    uint64_t *row = moment->row_bytes;
    uint64_t pages = counting->owner_bytes[PT_REGION_ALLOCATOR];
    struct pt_tracker_untouched untouched = pt_tracker_untouched();
    uint64_t blocks, missing;

    row[PT_ROW_PYTHON] = census->python_bytes;
    row[PT_ROW_LIBRARY] = census->library_bytes;
    moment->untouched_bytes = untouched.python_bytes + untouched.other_bytes;
    (void)pt_census_take_from(&row[PT_ROW_PYTHON], untouched.python_bytes);
    (void)pt_census_take_from(&row[PT_ROW_LIBRARY], untouched.other_bytes);
    blocks = row[PT_ROW_PYTHON] + row[PT_ROW_LIBRARY] + census->own_bytes;
    if (blocks <= pages) {
        row[PT_ROW_SLACK] = pages - blocks;
    }
    else {
        // Smaller blocks were not touched, either.
        missing = pt_census_take_from(&row[PT_ROW_LIBRARY], blocks - pages);
        (void)pt_census_take_from(&row[PT_ROW_PYTHON], missing);
        moment->untouched_bytes += blocks - pages;
    }
    row[PT_ROW_TOOL] += census->own_bytes;
    row[PT_ROW_PYTHON] += counting->owner_bytes[PT_REGION_PYTHON];
    row[PT_ROW_MAPPED] = counting->owner_bytes[PT_REGION_LIBRARY];
    row[PT_ROW_TOOL] += counting->owner_bytes[PT_REGION_TOOL];
    moment->usable_bytes = census->usable_bytes;
}

int
pt_census_take(struct pt_census *census, struct pt_moment *moment)
{
    struct counting counting = {.moment = moment};
    int code;

    pt_census_count(census);
    code = pt_mapsfile_read(count_entry, &counting);
    if (code == PT_OK) {
        explain_blocks(census, &counting);
    }
    return code;
}
