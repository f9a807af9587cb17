/* SPDX-License-Identifier: MIT */
/* sourceline.c - see sourceline.h. */
#include "cli/report/print/sourceline.h"

void
pt_sourceline_add(struct pt_dossier *dossier, uint32_t file, uint32_t line,
                  enum pt_escape escape, struct pt_buf *out)
{
    struct pt_buf text = PT_BUF_INIT;

    if (pt_dossier_line(dossier, file, line, &text) && text.used != 0) {
        pt_buf_add_text(out, "    ");
        pt_escape_add(out, pt_buf_text(&text), text.used, escape);
        pt_buf_add_char(out, '\n');
    }
    out->failed |= text.failed;
    pt_buf_release(&text);
}
