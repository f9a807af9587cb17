/* SPDX-License-Identifier: MIT */
/* unpickle.c - the machine that a pickle is a program for, without the
 * instructions that call anything. */
#include "cli/report/source/unpickle.h"

#include <string.h>

#include "cli/report/source/plainstack.h"
#include "core/base/rawmem.h"

// -- Operands ----------------------------------------------------------------

/* An unsigned number of so many bytes, the lowest first. */
static uint64_t
take(struct pt_plain_machine *machine, uint32_t bytes)
{
    uint64_t number = 0;

    if ((size_t)(machine->end - machine->at) < bytes) {
        pt_plain_refuse(machine, "its end is missing");
        machine->at = machine->end;
        return 0;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        number |= (uint64_t)machine->at[i] << 8 * i;
    }
    machine->at += bytes;
    return number;
}

static void
push_bytes(struct pt_plain_machine *machine, enum pt_plain_kind kind,
           uint64_t count)
{
    struct pt_plain *value = pt_plain_make(machine, kind);

    if (count > (uint64_t)(machine->end - machine->at)) {
        pt_plain_refuse(machine, "its end is missing");
        return;
    }
    if (value != NULL) {
        value->text = (const char *)machine->at;
        value->bytes = (size_t)count;
        machine->at += count;
        pt_plain_push(machine, &machine->stack, value);
    }
}

/* An int of so many bytes, in two's complement. */
static void
push_long(struct pt_plain_machine *machine, uint64_t bytes)
{
    uint64_t number;

    if (bytes > 8) {
        pt_plain_refuse(machine, "it holds a number of more than 64 bits");
        return;
    }
    number = take(machine, (uint32_t)bytes);
    if (bytes != 0 && bytes < 8 && (number >> (8 * bytes - 1)) != 0) {
        number |= UINT64_MAX << 8 * bytes;
    }
    pt_plain_push_number(machine, (int64_t)number);
}

static void
remember(struct pt_plain_machine *machine, uint64_t index)
{
    struct pt_plain *value = pt_plain_top(machine);

    // Protocols 2 and 3 number what they remember, in this order.
    if (index > machine->memo.values) {
        pt_plain_refuse(machine, "it is damaged");
    }
    else if (index < machine->memo.values) {
        machine->memo.value[index] = value;
    }
    else if (value != NULL) {
        pt_plain_push(machine, &machine->memo, value);
    }
}

static void
recall(struct pt_plain_machine *machine, uint64_t index)
{
    if (index >= machine->memo.values) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    pt_plain_push(machine, &machine->stack, machine->memo.value[index]);
}

// -- Classes -----------------------------------------------------------------

static int
is_text(const struct pt_plain *value, const char *text)
{
    return value->bytes == strlen(text) &&
           memcmp(value->text, text, value->bytes) == 0;
}

/* Only what snapshots are made of may be named. */
static void
push_class(struct pt_plain_machine *machine, const struct pt_plain *module,
           const struct pt_plain *name)
{
    static const char *const known[] = {"Snapshot", "_Traces", "Trace",
                                        "Traceback", "Frame"};
    struct pt_plain *value = pt_plain_make(machine, PT_PLAIN_CLASS);
    int is_known = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        is_known |= is_text(name, known[i]);
    }
    if (!is_known || (!is_text(module, "tracemalloc") &&
                      !is_text(module, "pytrace.tracemalloc"))) {
        if (machine->code == PT_OK) {
            machine->code = pt_err_set(
                machine->err, PT_ERR_FORMAT,
                "'%.*s.%.*s' does not belong in the file of a snapshot",
                (int)(module->bytes < 80 ? module->bytes : 80), module->text,
                (int)(name->bytes < 80 ? name->bytes : 80), name->text);
        }
        return;
    }
    if (value != NULL) {
        value->text = name->text;
        value->bytes = name->bytes;
        pt_plain_push(machine, &machine->stack, value);
    }
}

static void
push_class_of_stack(struct pt_plain_machine *machine)
{
    const struct pt_plain *name = pt_plain_pop(machine);
    const struct pt_plain *module = name != NULL ? pt_plain_pop(machine)
                                                 : NULL;

    if (module == NULL || name->kind != PT_PLAIN_TEXT ||
        module->kind != PT_PLAIN_TEXT) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    push_class(machine, module, name);
}

static struct pt_plain
take_line(struct pt_plain_machine *machine)
{
    struct pt_plain line = {.kind = PT_PLAIN_TEXT,
                            .text = (const char *)machine->at};
    const unsigned char *newline =
        memchr(machine->at, '\n', (size_t)(machine->end - machine->at));

    if (newline == NULL) {
        pt_plain_refuse(machine, "its end is missing");
        return line;
    }
    line.bytes = (size_t)(newline - machine->at);
    machine->at = newline + 1;
    return line;
}

static void
push_class_of_lines(struct pt_plain_machine *machine)
{
    struct pt_plain module = take_line(machine);
    struct pt_plain name = take_line(machine);

    if (machine->code == PT_OK) {
        push_class(machine, &module, &name);
    }
}

/* An object without arguments: its class is item 0. */
static void
push_object(struct pt_plain_machine *machine)
{
    const struct pt_plain *arguments = pt_plain_pop(machine);
    struct pt_plain *of = arguments != NULL ? pt_plain_pop(machine) : NULL;
    struct pt_plain *object = pt_plain_make(machine, PT_PLAIN_OBJECT);

    if (of == NULL || of->kind != PT_PLAIN_CLASS ||
        arguments->kind != PT_PLAIN_ROW || arguments->items != 0) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    if (object != NULL) {
        pt_plain_append(machine, object, &of, 1);
        pt_plain_push(machine, &machine->stack, object);
    }
}

static void
set_state(struct pt_plain_machine *machine)
{
    struct pt_plain *state = pt_plain_pop(machine);
    struct pt_plain *object = state != NULL ? pt_plain_top(machine) : NULL;

    if (object == NULL || object->kind != PT_PLAIN_OBJECT ||
        object->items != 1) {
        pt_plain_refuse(machine, "it is damaged");
        return;
    }
    pt_plain_append(machine, object, &state, 1);
}

// -- The machine -------------------------------------------------------------

/* Instructions that push one value. */
static int
step_value(struct pt_plain_machine *machine, unsigned char opcode)
{
    switch (opcode) {
    case 'N':
    case 'G':  // a float
        (void)take(machine, opcode == 'G' ? 8 : 0);
        pt_plain_push_new(machine, PT_PLAIN_NONE);
        return 1;
    case 0x88:
    case 0x89:
        pt_plain_push_number(machine, opcode == 0x88);
        return 1;
    case 'K':
    case 'M':
        pt_plain_push_number(machine,
                             (int64_t)take(machine, opcode == 'K' ? 1 : 2));
        return 1;
    case 'J':
        push_long(machine, 4);
        return 1;
    case 0x8a:
        push_long(machine, take(machine, 1));
        return 1;
    case 0x8c:
        push_bytes(machine, PT_PLAIN_TEXT, take(machine, 1));
        return 1;
    case 'X':
        push_bytes(machine, PT_PLAIN_TEXT, take(machine, 4));
        return 1;
    case 0x8d:
        push_bytes(machine, PT_PLAIN_TEXT, take(machine, 8));
        return 1;
    case 'C':
        push_bytes(machine, PT_PLAIN_BYTES, take(machine, 1));
        return 1;
    case 'B':
        push_bytes(machine, PT_PLAIN_BYTES, take(machine, 4));
        return 1;
    case 0x8e:
        push_bytes(machine, PT_PLAIN_BYTES, take(machine, 8));
        return 1;
    case ')':
    case ']':
        pt_plain_push_new(machine, PT_PLAIN_ROW);
        return 1;
    case '}':
        pt_plain_push_new(machine, PT_PLAIN_DICT);
        return 1;
    default:
        return 0;
    }
}

/* Instructions that make rows and dicts of what is there. */
static int
step_items(struct pt_plain_machine *machine, unsigned char opcode)
{
    switch (opcode) {
    case '(':
        pt_plain_push(machine, &machine->stack, NULL);
        return 1;
    case 't':
        pt_plain_push_marked_row(machine);
        return 1;
    case 0x85:
    case 0x86:
    case 0x87:
        pt_plain_push_row(machine, opcode - 0x84u);
        return 1;
    case 'a':
        pt_plain_append_last(machine, PT_PLAIN_ROW, 1);
        return 1;
    case 'e':
        pt_plain_append_marked(machine, PT_PLAIN_ROW);
        return 1;
    case 's':
        pt_plain_append_last(machine, PT_PLAIN_DICT, 2);
        return 1;
    case 'u':
        pt_plain_append_marked(machine, PT_PLAIN_DICT);
        return 1;
    case '0':
        (void)pt_plain_pop(machine);
        return 1;
    default:
        return 0;
    }
}

static void
step_rest(struct pt_plain_machine *machine, unsigned char opcode)
{
    switch (opcode) {
    case 0x80:  // the protocol
        (void)take(machine, 1);
        break;
    case 0x95:  // a frame, of so many bytes
        (void)take(machine, 8);
        break;
    case 0x94:
        remember(machine, machine->memo.values);
        break;
    case 'q':
    case 'r':
        remember(machine, take(machine, opcode == 'q' ? 1 : 4));
        break;
    case 'h':
    case 'j':
        recall(machine, take(machine, opcode == 'h' ? 1 : 4));
        break;
    case 0x93:
        push_class_of_stack(machine);
        break;
    case 'c':
        push_class_of_lines(machine);
        break;
    case 0x81:
        push_object(machine);
        break;
    case 'b':
        set_state(machine);
        break;
    default:
        pt_plain_refuse(machine, "it asks for more than plain values");
    }
}

int
pt_unpickle(const char *data, size_t bytes, struct pt_arena *arena,
            struct pt_plain **value, struct pt_err *err)
{
    struct pt_plain_machine machine = {.at = (const unsigned char *)data,
                                       .end =
                                           (const unsigned char *)data + bytes,
                                       .arena = arena,
                                       .err = err};
    int has_stopped = 0;

    while (machine.code == PT_OK && !has_stopped) {
        unsigned char opcode = (unsigned char)take(&machine, 1);

        has_stopped = machine.code == PT_OK && opcode == '.';
        if (machine.code == PT_OK && !has_stopped &&
            !step_value(&machine, opcode) && !step_items(&machine, opcode)) {
            step_rest(&machine, opcode);
        }
    }
    *value = machine.code == PT_OK ? pt_plain_pop(&machine) : NULL;
    pt_rawmem_free(machine.stack.value);
    pt_rawmem_free(machine.memo.value);
    return machine.code;
}

const struct pt_plain *
pt_plain_get(const struct pt_plain *dict, const char *key)
{
    if (dict == NULL || dict->kind != PT_PLAIN_DICT) {
        return NULL;
    }
    for (uint32_t i = 0; i + 1 < dict->items; i += 2) {
        if (dict->item[i]->kind == PT_PLAIN_TEXT &&
            is_text(dict->item[i], key)) {
            return dict->item[i + 1];
        }
    }
    return NULL;
}
