/* SPDX-License-Identifier: MIT */
/* nativesites.h - from which native code the blocks of a ledger's entries are.
 *
 * A site is a place in the file of a program or library, so that the same
 * place counts as one for all processes, wherever they have it mapped.
 */
#ifndef PT_CLI_REPORT_FIGURES_NATIVESITES_H
#define PT_CLI_REPORT_FIGURES_NATIVESITES_H

#include <stdint.h>

#include "cli/report/figures/ledger.h"
#include "core/base/error.h"
#include "core/base/idmap.h"
#include "core/timeline/reader.h"

/* A place in native code, and what called it. */
struct pt_nativecaller {
    uint32_t outer;   // the place it was called from; 0: not known
    uint32_t name;    // of the file, in the ledger; 0: not known
    uint64_t offset;  // as the file counts; the address if not known
};

struct pt_nativesite {
    uint32_t entry;   // of the ledger
    uint32_t caller;  // number of the place that called malloc()
    struct pt_amount kept;
    struct pt_amount allocated;
};

/* Which of what libraries have. */
enum pt_nativesites_what {
    PT_NATIVESITES_BLOCKS = 1u << 0,    // of malloc() and its family
    PT_NATIVESITES_MAPPINGS = 1u << 1,  // of mmap()
    PT_NATIVESITES_ALL = PT_NATIVESITES_BLOCKS | PT_NATIVESITES_MAPPINGS,
};

struct pt_nativesites {
    uint32_t what;  // enum pt_nativesites_what
    struct pt_nativesite *site;
    uint32_t sites;  // site 0, which is none, included
    uint32_t room;
    struct pt_idmap map;
    struct pt_nativecaller *caller;
    uint32_t callers;  // caller 0, which is none, included
    uint32_t caller_room;
    struct pt_idmap caller_map;
};

/* Make an empty list. PT_ERR_NOMEM leaves nothing to release. */
PT_MUST_CHECK int pt_nativesites_init(struct pt_nativesites *sites,
                                      enum pt_nativesites_what what);

/* Charge blocks of a native pair of a process, in the order of enum
 * pt_ledger_sum, to the site of the pair that belongs to `entry`. */
PT_MUST_CHECK int
pt_nativesites_charge(struct pt_nativesites *sites, struct pt_ledger *ledger,
                      const struct pt_reader *reader, uint32_t process,
                      const struct pt_native_pair *pair, uint32_t entry,
                      const uint64_t blocks[PT_LEDGER_SUMS]);

/* What a native pair is as one of Python's; 0 when it is not a library's own,
 * or none of `what`. */
int pt_nativesites_convert(const struct pt_native_pair *native,
                           enum pt_nativesites_what what,
                           struct pt_pair *pair);

/* Pair number `id` of Python's or, if `segment` is PT_SEGMENT_NATIVE, of
 * libraries' memory; 0 when there is no such pair. */
int pt_nativesites_read(const struct pt_reader *reader, uint32_t process,
                        enum pt_segment segment, uint32_t id,
                        struct pt_pair *pair);

/* Give it back. Harmless on a released one. */
void pt_nativesites_release(struct pt_nativesites *sites);

#endif
