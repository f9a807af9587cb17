/* SPDX-License-Identifier: MIT */
/* missed.c - functions left alone by the rewriter, frames cut short. */
#include "cli/report/print/missed.h"

#include <string.h>

#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"

#define NAMED_MAX 5

static void
add_text(struct pt_buf *buf, const struct pt_reader *reader, uint32_t process,
         uint32_t id)
{
    size_t bytes;
    const char *text = pt_reader_text(reader, process, id, &bytes);

    pt_buf_add(buf, text, bytes);
}

/* Append "name (path:line)" of each missed code object of a process to `names`
 * while there are few; the number of all. */
static uint32_t
find_missed(const struct pt_reader *reader, uint32_t process, uint32_t known,
            struct pt_buf *names)
{
    uint32_t codes = pt_reader_items(reader, process, PT_SEGMENT_CODE);

    for (uint32_t i = 1; i < codes; i++) {
        const struct pt_code *code =
            pt_reader_item(reader, process, PT_SEGMENT_CODE, i);
        const struct pt_source *source;

        if (code == NULL || (code->units & PT_CODE_MISSED) == 0) {
            continue;
        }
        source =
            pt_reader_item(reader, process, PT_SEGMENT_FILE, code->source);
        if (source != NULL && known++ < NAMED_MAX) {
            pt_buf_add_text(names, names->used != 0 ? ", " : "");
            add_text(names, reader, process, code->name);
            pt_buf_add_text(names, " (");
            add_text(names, reader, process, source->path);
            pt_buf_add_format(names, ":%u)", code->defined_line);
        }
    }
    return known;
}

static int
was_cut_short(const struct pt_process *process)
{
    return process->state != PT_PROCESS_FINISHED &&
           strncmp(process->engine, "probe", sizeof(process->engine)) == 0;
}

void
pt_missed_say(const struct pt_report *report)
{
    struct pt_buf names = PT_BUF_INIT;
    uint32_t missed = 0;
    int cut_short = 0;

    for (uint32_t i = 0; i < pt_reader_processes(report->reader); i++) {
        const struct pt_process *process =
            pt_reader_process(report->reader, i);

        if (process != NULL) {
            missed = find_missed(report->reader, i, missed, &names);
            cut_short |= was_cut_short(process);
        }
    }
    if (missed != 0) {
        pt_say("the lines of %s functions could not be counted: %s%s; "
               "another --engine counts them",
               pt_count_text(missed).text, pt_buf_text(&names),
               missed > NAMED_MAX ? " ..." : "");
    }
    if (cut_short) {
        pt_say("where a process did not reach its end, a function stopped "
               "outside a call may have a line counted once too often or too "
               "seldom");
    }
    pt_buf_release(&names);
}
