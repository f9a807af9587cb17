/* SPDX-License-Identifier: MIT */
/* shutter.c - answering requests for snapshots. */
#include "cli/run/shutter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/report/text/say.h"
#include "core/base/rawmem.h"
#include "core/timeline/instant.h"
#include "core/timeline/reader.h"
#include "core/timeline/timeline.h"

static const int signals[] = {0, SIGUSR1, SIGUSR2};
static const char *const signal_names[] = {"", "SIGUSR1", "SIGUSR2"};

uint32_t
pt_shutter_signal(int choice)
{
    return (uint32_t)signals[choice];
}

static const char *
name_of(uint32_t number)
{
    return signal_names[number == SIGUSR2 ? 2 : 1];
}

/* The process whose figures are copied. */
struct subject {
    const struct pt_reader *reader;
    uint32_t process;
};

static const void *
read_item(const void *context, enum pt_segment segment, uint32_t index)
{
    const struct subject *subject = context;

    return pt_reader_item(subject->reader, subject->process, segment, index);
}

/* A timeline that only serves to get extents by, in the name of a process. */
static struct pt_timeline *
borrow_timeline(const struct pt_shutter *shutter, struct pt_process *record)
{
    struct pt_timeline *timeline = pt_rawmem_map(sizeof(*timeline));
    struct stat status;

    if (timeline == NULL || fstat(shutter->fd, &status) != 0) {
        pt_rawmem_unmap(timeline, sizeof(*timeline));
        return NULL;
    }
    timeline->fd = shutter->fd;
    timeline->device = status.st_dev;
    timeline->inode = status.st_ino;
    timeline->header = shutter->header;
    timeline->process = record;
    return timeline;
}

static int
take_process(const struct pt_shutter *shutter, const struct subject *subject,
             uint32_t number, const char *label)
{
    // Ours to write to; how many items it has is decided here.
    struct pt_process record =
        *pt_reader_process(subject->reader, subject->process);
    struct pt_instant_source source = {&record, read_item, subject};
    struct pt_timeline *timeline = borrow_timeline(shutter, &record);
    struct pt_seal seal;
    int code;

    if (timeline == NULL) {
        return PT_ERR_NOMEM;
    }
    pt_seal_init(&seal);
    code = pt_instant_seal(timeline, &seal, &source, number, label,
                           strlen(label));
    pt_seal_release(&seal);
    pt_rawmem_unmap(timeline, sizeof(*timeline));
    return code;
}

static int
is_alive(const struct pt_process *record)
{
    return kill((pid_t)record->pid, 0) == 0 || errno == EPERM;
}

/* Of the processes that are alive; when none is, of all. */
static int
take(const struct pt_shutter *shutter, const struct pt_reader *reader,
     const char *label)
{
    uint32_t number = atomic_fetch_add(&shutter->header->snapshots, 1);
    uint32_t processes = pt_reader_processes(reader), alive = 0;
    int code = PT_OK;

    for (uint32_t i = 0; i < processes; i++) {
        const struct pt_process *record = pt_reader_process(reader, i);

        alive += record != NULL && is_alive(record);
    }
    for (uint32_t i = 0; i < processes && code == PT_OK; i++) {
        const struct pt_process *record = pt_reader_process(reader, i);
        struct subject subject = {reader, i};

        if (record != NULL && (alive == 0 || is_alive(record))) {
            code = take_process(shutter, &subject, number, label);
        }
    }
    return code;
}

void
pt_shutter_beat(struct pt_shutter *shutter)
{
    uint32_t asked = atomic_load(&shutter->header->snapshot_requests);
    struct pt_reader *reader;
    struct pt_err err = {.code = PT_OK};
    char label[32];
    int code;

    if (asked == shutter->answered) {
        return;
    }
    // Several that came at once get one answer.
    shutter->answered = asked;
    snprintf(label, sizeof(label), "%s-%u",
             name_of(shutter->header->snapshot_signal), (unsigned)asked);
    code = pt_reader_open(&reader, shutter->fd, "the recording", &err);
    if (code == PT_OK) {
        code = take(shutter, reader, label);
        pt_reader_close(reader);
    }
    if (code != PT_OK) {
        pt_say("no snapshot '%s': %s", label, pt_error_text(code));
    }
}
