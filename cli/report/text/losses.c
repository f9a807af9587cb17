/* SPDX-License-Identifier: MIT */
/* losses.c - adding up and telling what was dropped. */
#include "cli/report/text/losses.h"

#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"

static const struct {
    const char *one;
    const char *many;
    const char *said;
} kinds[PT_LOSSES] = {
    [PT_LOSS_BLOCKS] = {"allocation", "allocations",
                        "memory is too low: allocations that could not be "
                        "recorded"},
    [PT_LOSS_LINES] = {"line event", "line events",
                       "hits are too low: line events that could not be "
                       "counted"},
    [PT_LOSS_EVENTS] = {"event", "events",
                        "the timeline has gaps: events that could not be "
                        "recorded"},
    [PT_LOSS_PACKETS] = {"packet", "packets",
                         "events or snapshots are missing: packets that found "
                         "no room"},
};

void
pt_losses_take(struct pt_losses *losses, const struct pt_process *process)
{
    losses->count[PT_LOSS_BLOCKS] += atomic_load(&process->dropped_blocks);
    losses->count[PT_LOSS_LINES] += atomic_load(&process->dropped_lines);
    losses->count[PT_LOSS_EVENTS] += atomic_load(&process->dropped_events);
    losses->count[PT_LOSS_PACKETS] += atomic_load(&process->dropped_sealed);
}

void
pt_losses_add(struct pt_buf *buf, const struct pt_losses *losses)
{
    const char *separator = "";

    for (size_t i = 0; i < PT_LOSSES; i++) {
        uint64_t count = losses->count[i];

        if (count != 0) {
            pt_buf_add_format(buf, "%s%s %s", separator,
                              pt_count_text(count).text,
                              count == 1 ? kinds[i].one : kinds[i].many);
            separator = ", ";
        }
    }
}

void
pt_losses_say(const struct pt_losses *losses)
{
    for (size_t i = 0; i < PT_LOSSES; i++) {
        if (losses->count[i] != 0) {
            pt_say("%s: %s", kinds[i].said,
                   pt_count_text(losses->count[i]).text);
        }
    }
}
