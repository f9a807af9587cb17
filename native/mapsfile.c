/* SPDX-License-Identifier: MIT */
/* mapsfile.c - reading by lines, without memory. */
#include "native/mapsfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"

struct lines {
    int fd;
    size_t used;
    size_t next;  // of the bytes not given out yet
    char buffer[8192];
};

static ssize_t
read_some(int fd, char *buffer, size_t bytes)
{
    ssize_t got;

    do {
        got = read(fd, buffer, bytes);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* The next line, ended by 0; NULL at the end. A longer one than the buffer is
 * cut into several, which nobody takes for what they are not: a path is last
 * in its line. */
static char *
next_line(struct lines *lines)
{
    for (;;) {
        char *start = lines->buffer + lines->next;
        char *end = memchr(start, '\n', lines->used - lines->next);
        ssize_t got;

        if (end != NULL) {
            *end = '\0';
            lines->next = (size_t)(end + 1 - lines->buffer);
            return start;
        }
        lines->used -= lines->next;
        memmove(lines->buffer, start, lines->used);
        lines->next = 0;
        if (lines->used == sizeof(lines->buffer)) {
            lines->used = 0;
        }
        got = read_some(lines->fd, lines->buffer + lines->used,
                        sizeof(lines->buffer) - lines->used);
        if (got <= 0) {
            return NULL;
        }
        lines->used += (size_t)got;
    }
}

static enum pt_mapsfile_kind
kind_of(const char *path)
{
    // What is shared and anonymous has a file that nobody else has.
    if (path[0] == '\0' || strncmp(path, "[anon", 5) == 0 ||
        strncmp(path, "/dev/zero", 9) == 0) {
        return PT_MAPSFILE_ANONYMOUS;
    }
    if (path[0] != '[') {
        return PT_MAPSFILE_FILE;
    }
    return strncmp(path, "[stack", 6) == 0 ? PT_MAPSFILE_STACK
                                           : PT_MAPSFILE_KERNEL;
}

/* "7f00-7f10 rw-p 00000000 00:00 0   /path"; 0 when it is another line. */
static int
read_head(char *line, struct pt_mapsfile_entry *entry)
{
    char *at;

    entry->start = strtoul(line, &at, 16);
    if (at == line || *at != '-') {
        return 0;
    }
    entry->end = strtoul(at + 1, &at, 16);
    entry->is_reserved = strncmp(at, " ---", 4) == 0;
    entry->rss_bytes = 0;
    // Behind rights, offset, device and inode.
    for (int i = 0; i < 4; i++) {
        at += strspn(at, " ");
        at += strcspn(at, " ");
    }
    entry->kind = kind_of(at + strspn(at, " "));
    return 1;
}

int
pt_mapsfile_read(pt_mapsfile_func func, void *context)
{
    // Too large for the stack, which may be that of a signal handler.
    static struct lines lines;
    struct pt_mapsfile_entry entry, next;
    int has_entry = 0;
    char *line;

    lines.fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    lines.used = lines.next = 0;
    if (lines.fd < 0) {
        return PT_ERR_IO;
    }
    while ((line = next_line(&lines)) != NULL) {
        if (has_entry && strncmp(line, "Rss:", 4) == 0) {
            entry.rss_bytes = strtoull(line + 4, NULL, 10) * 1024;
        }
        else if (line[0] >= '0' && read_head(line, &next)) {
            if (has_entry) {
                func(context, &entry);
            }
            entry = next;
            has_entry = 1;
        }
    }
    if (has_entry) {
        func(context, &entry);
    }
    close(lines.fd);
    return PT_OK;
}

struct pt_mapsfile_resident
pt_mapsfile_resident(void)
{
    struct pt_mapsfile_resident resident = {0};
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char text[128], *at;
    ssize_t got;

    if (fd < 0) {
        return resident;
    }
    got = read_some(fd, text, sizeof(text) - 1);
    close(fd);
    if (got > 0) {
        text[got] = '\0';
        strtoull(text, &at, 10);
        resident.rss_bytes = strtoull(at, &at, 10) * page;
        resident.shared_bytes = strtoull(at, &at, 10) * page;
    }
    return resident;
}
