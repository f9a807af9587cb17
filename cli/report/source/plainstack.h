/* SPDX-License-Identifier: MIT */
/* plainstack.h - the stack that unpickle.c works on, and what goes onto it.
 *
 * The first thing that fails sets `code`, with the reason in `err`; after that
 * everything else may be called and does no harm.
 */
#ifndef PT_CLI_REPORT_SOURCE_PLAINSTACK_H
#define PT_CLI_REPORT_SOURCE_PLAINSTACK_H

#include <stdint.h>

#include "cli/report/source/unpickle.h"

struct pt_plain_stack {
    struct pt_plain **value;
    uint32_t values;
    uint32_t room;
};

struct pt_plain_machine {
    const unsigned char *at;
    const unsigned char *end;
    struct pt_arena *arena;
    struct pt_plain_stack stack;  // a mark is a NULL
    struct pt_plain_stack memo;
    struct pt_err *err;
    int code;  // of the first thing that failed
};

/* The pickle is wrong. */
void pt_plain_refuse(struct pt_plain_machine *machine, const char *why);

/* A new value of the arena, or NULL. */
struct pt_plain *pt_plain_make(struct pt_plain_machine *machine,
                               enum pt_plain_kind kind);

/* Put a value onto the stack or the memo; take the last off the stack; look at
 * it. NULL: there is none, or a mark. */
void pt_plain_push(struct pt_plain_machine *machine,
                   struct pt_plain_stack *stack, struct pt_plain *value);
struct pt_plain *pt_plain_pop(struct pt_plain_machine *machine);
struct pt_plain *pt_plain_top(struct pt_plain_machine *machine);

/* Put a new value onto the stack: one without content, a number, a tuple of
 * the last `count` values, or of those behind the last mark. */
void pt_plain_push_new(struct pt_plain_machine *machine,
                       enum pt_plain_kind kind);
void pt_plain_push_number(struct pt_plain_machine *machine, int64_t number);
void pt_plain_push_row(struct pt_plain_machine *machine, uint32_t count);
void pt_plain_push_marked_row(struct pt_plain_machine *machine);

/* Put more items into a value: `count` that stand from `from` on; the last
 * `count` of the stack, or those behind the last mark, into what stands before
 * them, which must be of a kind. */
void pt_plain_append(struct pt_plain_machine *machine, struct pt_plain *value,
                     struct pt_plain *const *from, uint32_t count);
void pt_plain_append_last(struct pt_plain_machine *machine,
                          enum pt_plain_kind kind, uint32_t count);
void pt_plain_append_marked(struct pt_plain_machine *machine,
                            enum pt_plain_kind kind);

#endif
