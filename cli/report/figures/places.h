/* SPDX-License-Identifier: MIT */
/* places.h - the files and lines of an aggregate while it is being added up.
 *
 * Owns the maps that find them again; the files and places themselves are the
 * aggregate's.
 */
#ifndef PT_CLI_REPORT_FIGURES_PLACES_H
#define PT_CLI_REPORT_FIGURES_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "cli/report/figures/aggregate.h"
#include "core/base/idmap.h"

struct pt_places {
    struct pt_aggregate *sum;
    struct pt_idmap file_map;   // path to index in sum->file
    struct pt_idmap place_map;  // file and line to index in sum->place
    uint32_t file_room;
    uint32_t place_room;
};

/* Begin with file 0 and place 0 in the empty `sum`. On PT_ERR_NOMEM there is
 * nothing to release but the sum. */
PT_MUST_CHECK int pt_places_init(struct pt_places *places,
                                 struct pt_aggregate *sum);

/* Give the maps back; the sum stays. */
void pt_places_release(struct pt_places *places);

/* The index of the file with this path, which is added if it is new; 0 for no
 * path at all. */
PT_MUST_CHECK int pt_places_file(struct pt_places *places, const char *path,
                                 size_t bytes, uint32_t *file);

/* The place of a line, added if it is new; NULL when there is no memory for
 * it. It moves when the next one is added. */
struct pt_place *pt_places_at(struct pt_places *places, uint32_t file,
                              uint32_t line);

/* So many hits more of a line with code. */
PT_MUST_CHECK int pt_places_add_hits(struct pt_places *places, uint32_t file,
                                     uint32_t line, uint64_t hits);

/* Sort the places and tell each file which are its own. No more is found
 * afterwards. */
void pt_places_sort(struct pt_aggregate *sum);

/* The file of a sum with a path; 0 if there is none. */
uint32_t pt_places_find(const struct pt_aggregate *sum, const char *path);

/* For qsort() of pointers to places of one sum: those with most hits, with
 * most memory kept first. */
int pt_places_by_hits(const void *left, const void *right);
int pt_places_by_memory(const void *left, const void *right);

#endif
