/* SPDX-License-Identifier: MIT */
/* linetable.c - see linetable.h. */
#include "linetrace/linetable.h"

#include <stdbool.h>

enum {
    CODE_ONE_LINE_0 = 10,  // 10, 11, 12: the line moves on by 0, 1, 2
    CODE_NO_COLUMNS = 13,
    CODE_LONG = 14,
    CODE_NONE = 15,
};

static const struct pt_spot nowhere = {PT_NONE, PT_NONE, PT_NONE, PT_NONE};

static int
read_byte(struct pt_linetable_reader *reader, uint32_t *value)
{
    if (reader->next == reader->end) {
        return PT_FLOW_STRANGE;
    }
    *value = *reader->next++;
    return PT_FLOW_OK;
}

static int
read_varint(struct pt_linetable_reader *reader, uint32_t *value)
{
    uint32_t byte, sum = 0;
    unsigned shift = 0;

    do {
        if (shift > 24 || read_byte(reader, &byte) < 0) {
            return PT_FLOW_STRANGE;
        }
        sum |= (byte & 63) << shift;
        shift += 6;
    } while (byte & 64);
    *value = sum;
    return PT_FLOW_OK;
}

static int
read_line(struct pt_linetable_reader *reader)
{
    uint32_t value, delta;

    if (read_varint(reader, &value) < 0) {
        return PT_FLOW_STRANGE;
    }
    delta = value & 1 ? 0u - (value >> 1) : value >> 1;
    reader->line = (int32_t)((uint32_t)reader->line + delta);
    return PT_FLOW_OK;
}

static int
read_long(struct pt_linetable_reader *reader, struct pt_spot *spot)
{
    uint32_t lines, column, end_column;

    if (read_line(reader) < 0 || read_varint(reader, &lines) < 0 ||
        read_varint(reader, &column) < 0 ||
        read_varint(reader, &end_column) < 0) {
        return PT_FLOW_STRANGE;
    }
    spot->end_line = reader->line + (int32_t)lines;
    spot->column = (int32_t)column - 1;
    spot->end_column = (int32_t)end_column - 1;
    return PT_FLOW_OK;
}

static int
read_short(struct pt_linetable_reader *reader, struct pt_spot *spot,
           uint32_t code)
{
    uint32_t first, second;

    if (read_byte(reader, &first) < 0) {
        return PT_FLOW_STRANGE;
    }
    if (code >= CODE_ONE_LINE_0) {
        if (read_byte(reader, &second) < 0) {
            return PT_FLOW_STRANGE;
        }
        reader->line += (int32_t)code - CODE_ONE_LINE_0;
        spot->column = (int32_t)first;
        spot->end_column = (int32_t)second;
    }
    else {
        spot->column = (int32_t)(code << 3 | first >> 4);
        spot->end_column = spot->column + (int32_t)(first & 15);
    }
    spot->end_line = reader->line;
    return PT_FLOW_OK;
}

int
pt_linetable_read(struct pt_linetable_reader *reader, struct pt_spot *spot)
{
    uint32_t head, code;
    int status = PT_FLOW_OK;

    if (reader->next == reader->end) {
        return 0;
    }
    head = *reader->next++;
    code = head >> 3 & 15;
    *spot = nowhere;
    if (!(head & 128)) {
        return PT_FLOW_STRANGE;
    }
    if (code == CODE_LONG) {
        status = read_long(reader, spot);
    }
    else if (code == CODE_NO_COLUMNS) {
        status = read_line(reader);
        spot->end_line = reader->line;
    }
    else if (code != CODE_NONE) {
        status = read_short(reader, spot, code);
    }
    if (status < 0) {
        return status;
    }
    if (code != CODE_NONE) {
        spot->line = reader->line;
    }
    return (int)(head & 7) + 1;
}

int
pt_linetable_skip(struct pt_linetable_reader *reader, struct pt_entry *entry)
{
    const uint8_t *at = reader->next;
    unsigned code, size_bytes;

    entry->at = at;
    entry->before = reader->line;
    if (reader->end - at < 3 || !(*at & 128)) {
        code = CODE_NONE;
    }
    else {
        code = *at >> 3 & 15;
    }
    if (code > CODE_ONE_LINE_0 + 2) {
        struct pt_spot spot = nowhere;
        int units = pt_linetable_read(reader, &spot);

        entry->line = spot.line;
        return units;
    }
    // Most are of these two forms.
    size_bytes = code < CODE_ONE_LINE_0 ? 2 : 3;
    reader->line += code < CODE_ONE_LINE_0 ? 0 : (int)code - CODE_ONE_LINE_0;
    reader->next = at + size_bytes;
    entry->line = reader->line;
    return (*at & 7) + 1;
}

static void
put_varint(struct pt_linetable_writer *writer, uint32_t value)
{
    while (value >= 64) {
        *writer->next++ = (uint8_t)(64 | (value & 63));
        value >>= 6;
    }
    *writer->next++ = (uint8_t)value;
}

static void
put_line(struct pt_linetable_writer *writer, int32_t delta)
{
    uint32_t size = delta < 0 ? 0u - (uint32_t)delta : (uint32_t)delta;

    put_varint(writer, size << 1 | (delta < 0));
}

static void
put_head(struct pt_linetable_writer *writer, unsigned code, int32_t units)
{
    *writer->next++ = (uint8_t)(128u | code << 3 | (unsigned)(units - 1));
}

// An absent column is spelt 0.
static void
put_long(struct pt_linetable_writer *writer, const struct pt_spot *spot,
         int32_t units)
{
    put_head(writer, CODE_LONG, units);
    put_line(writer, spot->line - writer->line);
    put_varint(writer, (uint32_t)(spot->end_line - spot->line));
    put_varint(writer, (uint32_t)(spot->column + 1));
    put_varint(writer, (uint32_t)(spot->end_column + 1));
}

static void
put_columns(struct pt_linetable_writer *writer, const struct pt_spot *spot,
            int32_t units)
{
    int32_t delta = spot->line - writer->line;
    int32_t column = spot->column, width = spot->end_column - column;
    bool one_line = spot->end_line == spot->line;

    if (one_line && delta == 0 && column < 80 && width >= 0 && width < 16) {
        put_head(writer, (unsigned)column >> 3, units);
        *writer->next++ = (uint8_t)((column & 7) << 4 | width);
    }
    else if (one_line && delta >= 0 && delta < 3 && column < 128 &&
             spot->end_column < 128) {
        put_head(writer, CODE_ONE_LINE_0 + (unsigned)delta, units);
        *writer->next++ = (uint8_t)column;
        *writer->next++ = (uint8_t)spot->end_column;
    }
    else {
        put_long(writer, spot, units);
    }
}

static void
put_entry(struct pt_linetable_writer *writer, const struct pt_spot *spot,
          int32_t units)
{
    if (spot->column >= 0 && spot->end_column >= 0) {
        put_columns(writer, spot, units);
    }
    else if (spot->column < 0 && spot->end_column < 0 &&
             spot->end_line == spot->line) {
        put_head(writer, CODE_NO_COLUMNS, units);
        put_line(writer, spot->line - writer->line);
    }
    else {
        put_long(writer, spot, units);
    }
    writer->line = spot->line;
}

void
pt_linetable_write(struct pt_linetable_writer *writer,
                   const struct pt_spot *spot, int32_t units)
{
    for (; units > 0; units -= 8) {
        int32_t some = units < 8 ? units : 8;

        if (spot->line == PT_NONE) {
            put_head(writer, CODE_NONE, some);
        }
        else {
            put_entry(writer, spot, some);
        }
    }
}

void
pt_linetable_write_again(struct pt_linetable_writer *writer,
                         const struct pt_entry *entry, int32_t units)
{
    struct pt_linetable_reader reader = {entry->at, entry[1].at,
                                         entry->before};
    struct pt_spot spot;

    if (pt_linetable_read(&reader, &spot) > 0) {
        pt_linetable_write(writer, &spot, units);
    }
}
