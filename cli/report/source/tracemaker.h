/* SPDX-License-Identifier: MIT */
/* tracemaker.h - a recording made of traces of blocks, as tracemalloc has
 * them: of one process, without anything that ran.
 *
 * The first thing that fails is kept in `code_failed`; after it everything
 * else may be called and does no harm.
 */
#ifndef PT_CLI_REPORT_SOURCE_TRACEMAKER_H
#define PT_CLI_REPORT_SOURCE_TRACEMAKER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/idmap.h"
#include "core/timeline/recording.h"

/* The arrays of the recording, and maps from what their items are to their
 * numbers. */
struct pt_tracemaker {
    struct pt_buf text, source, code, node, pair;
    struct pt_idmap files;
    struct pt_idmap nodes;
    struct pt_process process;
    int code_failed;  // the first error
};

void pt_tracemaker_init(struct pt_tracemaker *maker);
void pt_tracemaker_release(struct pt_tracemaker *maker);

/* Keep a code that is not PT_OK, if it is the first. */
void pt_tracemaker_fail(struct pt_tracemaker *maker, int code);

/* The number of a file by its name in Python; 0 when that says that it is not
 * known. */
uint32_t pt_tracemaker_file(struct pt_tracemaker *maker, const char *text,
                            size_t bytes);

/* The node of a line below another; 0 is the root. */
uint32_t pt_tracemaker_node(struct pt_tracemaker *maker, uint32_t parent,
                            uint32_t file, uint32_t line);

/* The node of no more than the `limit` innermost frames of one. */
uint32_t pt_tracemaker_cut(struct pt_tracemaker *maker, uint32_t id,
                           uint32_t limit);

/* So many blocks of a size were allocated there. */
void pt_tracemaker_add(struct pt_tracemaker *maker, uint32_t node,
                       uint64_t size_bytes, uint64_t count, uint32_t domain);

/* Write the recording to an empty file; `path` is what it is made of.
 * PT_ERR_NOMEM, PT_ERR_IO, PT_ERR_NOSPACE, or what had failed. */
PT_MUST_CHECK int pt_tracemaker_write(struct pt_tracemaker *maker,
                                      const char *path, int fd);

#endif
