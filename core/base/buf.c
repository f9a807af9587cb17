/* SPDX-License-Identifier: MIT */
/* buf.c - growing bytes. */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/rawmem.h"

#define FIRST_ROOM PT_SIZE(128u, 1u)

static int
reserve(struct pt_buf *buf, size_t more)
{
    size_t wanted, room = buf->room != 0 ? buf->room : FIRST_ROOM;
    char *data;

    // One byte more for the zero behind the content.
    if (buf->failed || pt_add_overflows(buf->used + 1, more, &wanted)) {
        buf->failed = 1;
        return 0;
    }
    if (wanted <= buf->room) {
        return 1;
    }
    while (room < wanted) {
        room = room > SIZE_MAX / 2 ? wanted : room * 2;
    }
    data = pt_rawmem_resize(buf->data, room, 1);
    if (data == NULL) {
        buf->failed = 1;
        return 0;
    }
    buf->data = data;
    buf->room = room;
    return 1;
}

void
pt_buf_add(struct pt_buf *buf, const void *bytes, size_t count)
{
    if (!reserve(buf, count)) {
        return;
    }
    if (count != 0) {
        memcpy(buf->data + buf->used, bytes, count);
    }
    buf->used += count;
    buf->data[buf->used] = '\0';
}

void
pt_buf_add_text(struct pt_buf *buf, const char *text)
{
    pt_buf_add(buf, text, strlen(text));
}

void
pt_buf_add_char(struct pt_buf *buf, char c)
{
    pt_buf_add(buf, &c, 1);
}

void
pt_buf_add_format(struct pt_buf *buf, const char *format, ...)
{
    va_list args;
    int wanted;

    va_start(args, format);
    wanted = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (wanted < 0 || !reserve(buf, (size_t)wanted)) {
        buf->failed = 1;
        return;
    }
    va_start(args, format);
    vsnprintf(buf->data + buf->used, (size_t)wanted + 1, format, args);
    va_end(args);
    buf->used += (size_t)wanted;
}

void
pt_buf_add_digits(struct pt_buf *buf, uint64_t number, uint32_t digits)
{
    char text[20];
    char *at = text + sizeof(text);
    const char *least = at - (digits < sizeof(text) ? digits : sizeof(text));

    for (; number != 0; number /= 10) {
        *--at = (char)('0' + number % 10);
    }
    while (at > least) {
        *--at = '0';
    }
    pt_buf_add(buf, at, (size_t)(text + sizeof(text) - at));
}

void
pt_buf_add_number(struct pt_buf *buf, uint64_t number)
{
    pt_buf_add_digits(buf, number, 1);
}

void
pt_buf_reset(struct pt_buf *buf)
{
    buf->used = 0;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

const char *
pt_buf_text(const struct pt_buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

int
pt_buf_check(const struct pt_buf *buf)
{
    return buf->failed ? PT_ERR_NOMEM : PT_OK;
}

void
pt_buf_release(struct pt_buf *buf)
{
    pt_rawmem_free(buf->data);
    *buf = (struct pt_buf)PT_BUF_INIT;
}
