/* SPDX-License-Identifier: MIT */
/* snapshotfile.c - is there anything to write, and where. */
#include "cli/run/snapshotfile.h"

#include "cli/command.h"
#include "cli/report/print/out_tracemalloc.h"
#include "cli/report/text/say.h"

int
pt_snapshotfile_write(const struct pt_reader *reader, const char *path)
{
    struct pt_buf out = PT_BUF_INIT;

    if ((pt_reader_header(reader)->wanted & PT_WANT_MEM) == 0) {
        pt_say("no '%s': memory was not recorded; run with --mem", path);
        return PT_ERR_IO;
    }
    pt_out_tracemalloc(reader, &out);
    return pt_command_write(path, &out) == 0 ? PT_OK : PT_ERR_IO;
}
