/* SPDX-License-Identifier: MIT */
/* plainstack.c - values pushed, popped and put into each other. */
#include "cli/report/source/plainstack.h"

#include <string.h>

#include "core/base/rawmem.h"

#define STACK_MAX (1u << 24)

void
pt_plain_refuse(struct pt_plain_machine *machine, const char *why)
{
    if (machine->code == PT_OK) {
        machine->code = pt_err_set(machine->err, PT_ERR_FORMAT, "%s", why);
    }
}

static void
fail_memory(struct pt_plain_machine *machine)
{
    if (machine->code == PT_OK) {
        machine->code =
            pt_err_set(machine->err, PT_ERR_NOMEM, "out of memory; free some");
    }
}

void
pt_plain_push(struct pt_plain_machine *machine, struct pt_plain_stack *stack,
              struct pt_plain *value)
{
    if (stack->values == stack->room) {
        uint32_t room = stack->room != 0 ? 2 * stack->room : 256;
        void *grown = stack->values < STACK_MAX
                          ? pt_rawmem_resize(stack->value, room,
                                             sizeof(struct pt_plain *))
                          : NULL;

        if (grown == NULL) {
            fail_memory(machine);
            return;
        }
        stack->value = grown;
        stack->room = room;
    }
    stack->value[stack->values++] = value;
}

struct pt_plain *
pt_plain_pop(struct pt_plain_machine *machine)
{
    struct pt_plain_stack *stack = &machine->stack;
    struct pt_plain *value = stack->values != 0 ? stack->value[--stack->values]
                                                : NULL;

    if (value == NULL) {
        pt_plain_refuse(machine, "it is damaged");
    }
    return value;
}

struct pt_plain *
pt_plain_top(struct pt_plain_machine *machine)
{
    struct pt_plain *value = pt_plain_pop(machine);

    if (value != NULL) {
        machine->stack.values++;
    }
    return value;
}

struct pt_plain *
pt_plain_make(struct pt_plain_machine *machine, enum pt_plain_kind kind)
{
    struct pt_plain *value = pt_arena_array(machine->arena, 1, sizeof(*value));

    if (value == NULL) {
        fail_memory(machine);
        return NULL;
    }
    *value = (struct pt_plain){.kind = kind};
    return value;
}

void
pt_plain_push_new(struct pt_plain_machine *machine, enum pt_plain_kind kind)
{
    pt_plain_push(machine, &machine->stack, pt_plain_make(machine, kind));
}

void
pt_plain_push_number(struct pt_plain_machine *machine, int64_t number)
{
    struct pt_plain *value = pt_plain_make(machine, PT_PLAIN_NUMBER);

    if (value != NULL) {
        value->number = number;
        pt_plain_push(machine, &machine->stack, value);
    }
}

/* Put `count` more items into a value, as they stand from `from` on. */
void
pt_plain_append(struct pt_plain_machine *machine, struct pt_plain *value,
                struct pt_plain *const *from, uint32_t count)
{
    if (count > value->room - value->items) {
        uint32_t room = value->room > count ? 2 * value->room
                                            : value->room + count;
        struct pt_plain **item =
            pt_arena_array(machine->arena, room, sizeof(*item));

        if (item == NULL) {
            fail_memory(machine);
            return;
        }
        if (value->items != 0) {
            memcpy(item, value->item, value->items * sizeof(*item));
        }
        value->item = item;
        value->room = room;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (from[i] == NULL) {
            pt_plain_refuse(machine, "it is damaged");
            return;
        }
        value->item[value->items++] = from[i];
    }
}

/* The items behind the last mark, which goes with them: how many. */
static uint32_t
pop_to_mark(struct pt_plain_machine *machine)
{
    struct pt_plain_stack *stack = &machine->stack;
    uint32_t count = 0;

    while (count < stack->values &&
           stack->value[stack->values - 1 - count] != NULL) {
        count++;
    }
    if (count == stack->values) {
        pt_plain_refuse(machine, "it is damaged");
        return 0;
    }
    stack->values -= count + 1;
    return count;
}

/* A tuple of the last `count` items. */
void
pt_plain_push_row(struct pt_plain_machine *machine, uint32_t count)
{
    struct pt_plain_stack *stack = &machine->stack;
    struct pt_plain *row = pt_plain_make(machine, PT_PLAIN_ROW);

    if (row == NULL || stack->values < count) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    stack->values -= count;
    pt_plain_append(machine, row, stack->value + stack->values, count);
    pt_plain_push(machine, stack, row);
}

void
pt_plain_push_marked_row(struct pt_plain_machine *machine)
{
    uint32_t count = pop_to_mark(machine);
    struct pt_plain *row = pt_plain_make(machine, PT_PLAIN_ROW);

    if (row != NULL && machine->code == PT_OK) {
        pt_plain_append(machine, row,
                        machine->stack.value + machine->stack.values + 1,
                        count);
        pt_plain_push(machine, &machine->stack, row);
    }
}

void
pt_plain_append_marked(struct pt_plain_machine *machine,
                       enum pt_plain_kind kind)
{
    uint32_t count = pop_to_mark(machine);
    struct pt_plain *const *from =
        machine->stack.value + machine->stack.values + 1;
    struct pt_plain *value = machine->code == PT_OK ? pt_plain_top(machine)
                                                    : NULL;

    if (value == NULL || value->kind != kind ||
        (kind == PT_PLAIN_DICT && count % 2 != 0)) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    pt_plain_append(machine, value, from, count);
}

void
pt_plain_append_last(struct pt_plain_machine *machine, enum pt_plain_kind kind,
                     uint32_t count)
{
    struct pt_plain_stack *stack = &machine->stack;
    struct pt_plain *value;

    if (stack->values <= count) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    stack->values -= count;
    value = pt_plain_top(machine);
    if (value == NULL || value->kind != kind) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    pt_plain_append(machine, value, stack->value + stack->values, count);
}
