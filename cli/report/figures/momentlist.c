/* SPDX-License-Identifier: MIT */
/* momentlist.c - going through moments, and choosing one. */
#include "cli/report/figures/momentlist.h"

/* A moment whose pages were counted stands for one that was estimated, and had
 * up to a 50th more. */
#define NEARLY(bytes) ((bytes) - (bytes) / 50)

const char *const pt_momentlist_row[PT_ROWS] = {
    [PT_ROW_PYTHON] = "Python",
    [PT_ROW_LIBRARY] = "libraries, malloc",
    [PT_ROW_MAPPED] = "libraries, mmap",
    [PT_ROW_SLACK] = "allocator's slack",
    [PT_ROW_FILES] = "code and files",
    [PT_ROW_STACKS] = "stacks",
    [PT_ROW_TOOL] = "pytrace",
};

const char *const pt_momentlist_row_key[PT_ROWS] = {
    [PT_ROW_PYTHON] = "python", [PT_ROW_LIBRARY] = "libraries",
    [PT_ROW_MAPPED] = "mapped", [PT_ROW_SLACK] = "slack",
    [PT_ROW_FILES] = "files",   [PT_ROW_STACKS] = "stacks",
    [PT_ROW_TOOL] = "pytrace",
};

const char *const pt_momentlist_stat[PT_STATS] = {
    [PT_STAT_ALLOCATED] = "allocated", [PT_STAT_ACTIVE] = "active",
    [PT_STAT_METADATA] = "metadata",   [PT_STAT_RESIDENT] = "resident",
    [PT_STAT_MAPPED] = "mapped",       [PT_STAT_RETAINED] = "retained",
};

struct pt_momentlist
pt_momentlist_of(const struct pt_reader *reader, uint32_t process)
{
    return (struct pt_momentlist){.reader = reader, .process = process};
}

int
pt_momentlist_next(struct pt_momentlist *list, struct pt_moment *moment)
{
    uint32_t moments =
        pt_reader_items(list->reader, list->process, PT_SEGMENT_MOMENT);

    while (++list->at < moments) {
        // Unwritten when the process was killed while it wrote it.
        if (pt_reader_copy(list->reader, list->process, PT_SEGMENT_MOMENT,
                           list->at, moment, sizeof(*moment)) &&
            moment->at_ns != 0) {
            return 1;
        }
    }
    list->at = moments;
    return 0;
}

int
pt_momentlist_end(const struct pt_reader *reader, uint32_t process,
                  struct pt_moment *moment)
{
    struct pt_momentlist list = pt_momentlist_of(reader, process);
    struct pt_moment next;
    int has_any = 0;

    while (pt_momentlist_next(&list, &next)) {
        *moment = next;
        has_any = 1;
    }
    return has_any;
}

static int
is_exact(const struct pt_moment *moment)
{
    return (moment->flags & PT_MOMENT_EXACT) != 0;
}

int
pt_momentlist_peak(const struct pt_reader *reader, uint32_t process,
                   struct pt_moment *moment)
{
    struct pt_momentlist list = pt_momentlist_of(reader, process);
    struct pt_moment next;
    uint64_t highest_bytes = 0;
    int has_any = 0;

    while (pt_momentlist_next(&list, &next)) {
        if (next.rss_bytes > highest_bytes) {
            highest_bytes = next.rss_bytes;
        }
    }
    list = pt_momentlist_of(reader, process);
    while (pt_momentlist_next(&list, &next)) {
        if (next.rss_bytes >= NEARLY(highest_bytes) &&
            (!has_any || is_exact(&next) > is_exact(moment) ||
             (is_exact(&next) == is_exact(moment) &&
              next.rss_bytes > moment->rss_bytes))) {
            *moment = next;
            has_any = 1;
        }
    }
    return has_any;
}

static uint64_t
distance(const struct pt_moment *moment, uint64_t at_ns)
{
    return moment->at_ns > at_ns ? moment->at_ns - at_ns
                                 : at_ns - moment->at_ns;
}

int
pt_momentlist_nearest(const struct pt_reader *reader, uint32_t process,
                      uint64_t at_ns, struct pt_moment *moment)
{
    struct pt_momentlist list = pt_momentlist_of(reader, process);
    struct pt_moment next;
    int has_any = 0;

    while (pt_momentlist_next(&list, &next)) {
        if (!has_any || distance(&next, at_ns) < distance(moment, at_ns)) {
            *moment = next;
            has_any = 1;
        }
    }
    return has_any;
}

int64_t
pt_momentlist_unexplained(const struct pt_moment *moment)
{
    uint64_t sum = 0;

    for (int i = 0; i < PT_ROWS; i++) {
        sum += moment->row_bytes[i];
    }
    return (int64_t)(moment->rss_bytes - sum);
}
