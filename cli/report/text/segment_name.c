/* SPDX-License-Identifier: MIT */
/* segment_name.c - the parts of a recording, in words. */
#include "cli/report/text/segment_name.h"

#include <stddef.h>

#include "core/timeline/recording.h"

static const char *const names[PT_SEGMENT_END] = {
    [PT_SEGMENT_PROCESS] = "process",   [PT_SEGMENT_TEXT] = "text",
    [PT_SEGMENT_FILE] = "file",         [PT_SEGMENT_CODE] = "code",
    [PT_SEGMENT_COUNTER] = "counter",   [PT_SEGMENT_TERM] = "term",
    [PT_SEGMENT_NODE] = "node",         [PT_SEGMENT_PAIR] = "pair",
    [PT_SEGMENT_ARC] = "arc",           [PT_SEGMENT_CALL] = "call",
    [PT_SEGMENT_CLOCK] = "clock",       [PT_SEGMENT_MODULE] = "module",
    [PT_SEGMENT_NATIVE] = "native",     [PT_SEGMENT_MOMENT] = "moment",
    [PT_SEGMENT_SEALED] = "sealed",     [PT_SEGMENT_STREAM] = "stream",
    [PT_SEGMENT_SAMPLE] = "sample",     [PT_SEGMENT_TEMPORARY] = "temporary",
    [PT_SEGMENT_FRAME] = "frame",       [PT_SEGMENT_RUN] = "run",
    [PT_SEGMENT_LIFETIME] = "lifetime",
};

const char *
pt_segment_name(uint32_t segment)
{
    const char *name = segment < PT_SEGMENT_END ? names[segment] : NULL;

    return name != NULL ? name : "unknown";
}
