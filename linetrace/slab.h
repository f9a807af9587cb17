/* SPDX-License-Identifier: MIT */
/* slab.h - counters and terms of rewritten code, filed in the recording. */
#ifndef PT_LINETRACE_SLAB_H
#define PT_LINETRACE_SLAB_H

#include "core/py/compat.h"

#include <stdint.h>

#include "core/py/catalog.h"
#include "linetrace/plan.h"

/* Begin to file over `catalog`, which must outlive all rewritten code. Needs
 * the GIL. */
void pt_slab_start(struct pt_catalog *catalog);

/* Counters for `code` as `plan` wants them: those of an earlier code object
 * with the same content and plan, or new ones; `*record` is its record's id.
 * NULL when there is no memory. Needs the GIL. */
uint64_t *pt_slab_of_plan(const PyCodeObject *code, const struct pt_plan *plan,
                          uint32_t *record);

/* File the late terms of a record: those of `plan`, if they are not there yet.
 * Without a plan there was no memory for it. Needs the GIL. */
void pt_slab_add_late(uint32_t record, const struct pt_plan *plan);

#endif
