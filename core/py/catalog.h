/* SPDX-License-Identifier: MIT */
/* catalog.h - every source file and code object of the run, once.
 *
 * Both engines name places by the ids handed out here, so their figures meet
 * in the recording. Identity is by content (path, name, first line, length),
 * not by address: code that is made anew in a loop keeps its id, and a code
 * object may die while its record lives on.
 */
#ifndef PT_CORE_PY_CATALOG_H
#define PT_CORE_PY_CATALOG_H

#include "core/py/compat.h"

#include <pthread.h>
#include <stdint.h>

#include "core/base/idmap.h"
#include "core/timeline/timeline.h"

struct pt_catalog {
    struct pt_timeline *timeline;
    pthread_mutex_t lock;  // guards inserting into both maps
    struct pt_idmap sources;
    struct pt_idmap codes;
};

enum pt_catalog_search {
    PT_CATALOG_KNOWN,  // one with the same content, else a new one
    PT_CATALOG_NEW,    // a new one, which later searches do not find
};

/* The lines of a code object: from the lowest with code to the highest; line
 * 0 is an empty module's only one. */
struct pt_catalog_span {
    uint32_t first_line, lines;
};

/* Make an empty catalog over `timeline`, which must outlive it. On failure
 * there is nothing to release. */
PT_MUST_CHECK int pt_catalog_init(struct pt_catalog *catalog,
                                  struct pt_timeline *timeline);

/* Unmap the catalog. The records stay in the timeline. */
void pt_catalog_release(struct pt_catalog *catalog);

/* The id of the record of the file that a code object is from, made if it is
 * new; 0 when there is no memory for it. Hook-safe. Any thread, while `code`
 * is alive. */
uint32_t pt_catalog_source(struct pt_catalog *catalog,
                           const PyCodeObject *code);

/* The id of a code object's record, made if it is new; 0 when there is no
 * memory for it. Hook-safe. Any thread, while `code` is alive. */
uint32_t pt_catalog_code(struct pt_catalog *catalog, const PyCodeObject *code);

/* A new record for a code object that only looks like the one found: two
 * generator expressions of one line, say. Later look-ups do not find it.
 * Hook-safe. Any thread, while `code` is alive. */
uint32_t pt_catalog_another(struct pt_catalog *catalog,
                            const PyCodeObject *code);

/* Read the lines of a code object off its location table. Hook-safe. Any
 * thread, while `object` is alive. */
void pt_catalog_measure(const PyCodeObject *object,
                        struct pt_catalog_span *span);

/* As pt_catalog_code, for the record of what a code object is rewritten to,
 * under the original's name; its source, by id, and its lines are known
 * already. Hook-safe. Any thread, while `code` is alive. */
uint32_t pt_catalog_rewritten(struct pt_catalog *catalog,
                              const PyCodeObject *code, uint32_t source,
                              const struct pt_catalog_span *span,
                              enum pt_catalog_search search);

/* The records behind ids that were handed out. Hook-safe. */
PT_INLINE struct pt_code *
pt_catalog_code_at(const struct pt_catalog *catalog, uint32_t id)
{
    return pt_array_at(&catalog->timeline->array[PT_SEGMENT_CODE], id);
}

PT_INLINE struct pt_source *
pt_catalog_source_at(const struct pt_catalog *catalog, uint32_t id)
{
    return pt_array_at(&catalog->timeline->array[PT_SEGMENT_FILE], id);
}

/* The path of a source; *bytes is its length. Not ended by 0. Hook-safe. */
const char *pt_catalog_path(const struct pt_catalog *catalog, uint32_t source,
                            size_t *bytes);

/* To be called around fork: nobody may be inside the catalog then. */
void pt_catalog_before_fork(struct pt_catalog *catalog);
void pt_catalog_after_fork(struct pt_catalog *catalog);

#endif
