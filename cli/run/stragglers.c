/* SPDX-License-Identifier: MIT */
/* stragglers.c - which processes are still there, and what do they do? */
#include "cli/run/stragglers.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/timeline/reader.h"

#define LOOK_NS 2000000L

enum activity { GONE, ASLEEP, AT_WORK, ACTIVITIES };

/* How many looks that find no more than this are enough. */
static const int looks_for[ACTIVITIES] = {[ASLEEP] = 75, [AT_WORK] = 1500};

/* What the kernel says of a process: in the state behind its name. */
static enum activity
activity_of(uint32_t pid)
{
    char path[32], text[128] = "";
    const char *name_end;
    ssize_t got;
    int fd;

    snprintf(path, sizeof(path), "/proc/%u/stat", (unsigned)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return GONE;
    }
    got = read(fd, text, sizeof(text) - 1);
    close(fd);
    name_end = got > 0 ? strrchr(text, ')') : NULL;
    if (name_end == NULL || name_end[1] != ' ' || name_end[2] == 'Z' ||
        name_end[2] == 'X') {
        return GONE;
    }
    return name_end[2] == 'R' || name_end[2] == 'D' ? AT_WORK : ASLEEP;
}

/* What a process does whose number was handed out. Without a record it is just
 * being forked, unless one before it found no space for its record. */
static enum activity
activity_by(const struct pt_process *record, int is_full)
{
    if (record == NULL) {
        return is_full ? GONE : AT_WORK;
    }
    return activity_of(record->pid);
}

/* The most that any of them does. */
static enum activity
look(struct pt_stragglers *stragglers)
{
    uint32_t processes = atomic_load(&stragglers->header->processes);
    enum activity most = GONE;
    struct pt_reader *reader;
    int is_full = 0;

    stragglers->count = 0;
    if (processes < 2 || pt_reader_open(&reader, stragglers->fd,
                                        "the recording", NULL) != PT_OK) {
        return GONE;
    }
    for (uint32_t i = 0; i < processes; i++) {
        const struct pt_process *record = pt_reader_process(reader, i);
        // The first is the program, which is gone.
        enum activity activity = i == 0 ? GONE : activity_by(record, is_full);

        is_full |=
            record != NULL && atomic_load(&record->trouble) & PT_TROUBLE_SPACE;
        most = activity > most ? activity : most;
        if (record != NULL && activity != GONE) {
            if (stragglers->count < PT_STRAGGLERS_NAMED) {
                stragglers->pid[stragglers->count] = record->pid;
            }
            stragglers->count++;
        }
    }
    pt_reader_close(reader);
    return most;
}

void
pt_stragglers_wait(struct pt_stragglers *stragglers,
                   const struct pt_beat *beat)
{
    static const struct timespec pause = {0, LOOK_NS};
    int looks[ACTIVITIES] = {0};
    enum activity activity = look(stragglers);

    for (int i = 1; activity != GONE; i++) {
        if (++looks[activity] > looks_for[activity]) {
            return;
        }
        nanosleep(&pause, NULL);
        if (beat != NULL && i % 5 == 0) {
            beat->func(beat->context);
        }
        activity = look(stragglers);
    }
}

void
pt_stragglers_name(const struct pt_stragglers *stragglers,
                   char text[PT_STRAGGLERS_NAME_BYTES])
{
    uint32_t count = stragglers->count;
    uint32_t named = count < PT_STRAGGLERS_NAMED ? count : PT_STRAGGLERS_NAMED;
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < named; i++) {
        used += (size_t)snprintf(text + used, PT_STRAGGLERS_NAME_BYTES - used,
                                 "%s%u", i == 0 ? "" : ", ",
                                 (unsigned)stragglers->pid[i]);
    }
    if (count > named) {
        snprintf(text + used, PT_STRAGGLERS_NAME_BYTES - used, " and %u more",
                 (unsigned)(count - named));
    }
}
