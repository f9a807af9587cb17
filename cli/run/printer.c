/* SPDX-License-Identifier: MIT */
/* printer.c - emptying the spools of all processes. */
#include "cli/run/printer.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/text/say.h"
#include "cli/run/runfile.h"
#include "core/timeline/handover.h"

// Beats between two looks at who has died.
#define WAKE 64

static int
hand_over(int fd, struct pt_err *err)
{
    char number[16];

    snprintf(number, sizeof(number), "%d", fd);
    return setenv(PT_ENV_SPOOLS, number, 1) == 0
               ? PT_OK
               : pt_err_set(err, PT_ERR_NOMEM,
                            "out of memory for the environment");
}

int
pt_printer_open(struct pt_printer *printer, const struct pt_options *options,
                struct pt_err *err)
{
    int code;

    *printer = (struct pt_printer){.fd = -1};
    if (!options->with_lines && !options->with_tree) {
        return PT_OK;
    }
    code =
        pt_spools_create(&printer->fd, &printer->spools, STDOUT_FILENO, err);
    if (code != PT_OK) {
        return code;
    }
    printer->spools->look = (struct pt_spool_look){
        .lines = options->with_lines != 0,
        .times = options->with_timing != 0,
        .digits = options->timing_digits,
        .names = options->with_thread_names != 0,
        .colors = options->with_color != 0,
    };
    code = pt_runfile_lift(&printer->fd, err);
    if (code == PT_OK) {
        code = hand_over(printer->fd, err);
    }
    if (code != PT_OK) {
        pt_spools_unmap(printer->spools);
        close(printer->fd);
        printer->spools = NULL;
    }
    return code;
}

/* Write what is in one spool; a process that has ended needs its no more. */
static void
look_at(struct pt_printer *printer, struct pt_spool *spool, int patience_ms)
{
    uint32_t pid = atomic_load(&spool->pid);

    if (pt_spool_drain(printer->spools, spool, STDOUT_FILENO, patience_ms) ==
            PT_SPOOL_EMPTY &&
        pid != 0 && printer->beats % WAKE == 0 && kill((pid_t)pid, 0) != 0 &&
        errno == ESRCH && pt_spool_is_empty(spool)) {
        pt_spools_release(spool);
    }
}

static void
look_at_all(struct pt_printer *printer, int patience_ms)
{
    for (uint32_t i = 0; i < PT_SPOOLS_MAX; i++) {
        if (atomic_load(&printer->spools->spool[i].pid) != 0) {
            look_at(printer, &printer->spools->spool[i], patience_ms);
        }
    }
}

void
pt_printer_beat(struct pt_printer *printer)
{
    if (printer->spools != NULL) {
        printer->beats++;
        look_at_all(printer, 0);
    }
}

int
pt_printer_close(struct pt_printer *printer)
{
    uint64_t lost;
    int failure;

    if (printer->spools == NULL) {
        return PT_OK;
    }
    atomic_store(&printer->spools->is_closed, 1);
    look_at_all(printer, -1);
    lost = atomic_load(&printer->spools->lost_bytes);
    failure = atomic_load(&printer->spools->failure);
    pt_spools_unmap(printer->spools);
    close(printer->fd);
    printer->spools = NULL;
    if (lost == 0 || failure == EPIPE) {
        return PT_OK;
    }
    pt_say("cannot write to stdout: %s; %" PRIu64 " bytes of what was to be "
           "printed are missing",
           strerror(failure != 0 ? failure : EBADF), lost);
    return PT_ERR_IO;
}
