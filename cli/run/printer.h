/* SPDX-License-Identifier: MIT */
/* printer.h - the supervisor's end of what is printed while the program runs.
 *
 * Traced processes put their lines into spools (core/base/spool.h) and write
 * them when they must; we write what lies there at every beat, and what was
 * left when they are gone.
 */
#ifndef PT_CLI_RUN_PRINTER_H
#define PT_CLI_RUN_PRINTER_H

#include "cli/options/options.h"
#include "core/base/spool.h"

struct pt_printer {
    struct pt_spools *spools;  // NULL: nothing is printed
    int fd;
    uint32_t beats;
};

/* Make the spools that a run with these options needs, if any, and tell the
 * traced interpreter of them. On failure nothing is held. */
PT_MUST_CHECK int pt_printer_open(struct pt_printer *printer,
                                  const struct pt_options *options,
                                  struct pt_err *err);

void pt_printer_beat(struct pt_printer *printer);

/* The program is gone: write what is left, and give all back. PT_ERR_IO: lines
 * are missing, which was said; a reader who has gone away wanted no more. */
PT_MUST_CHECK int pt_printer_close(struct pt_printer *printer);

#endif
