/* SPDX-License-Identifier: MIT */
/* supervise.h - run a program, see it to its end, and end as it did. */
#ifndef PT_CLI_RUN_SUPERVISE_H
#define PT_CLI_RUN_SUPERVISE_H

#include <stdint.h>

#include "core/base/error.h"

struct pt_ending {
    int status;  // as exit() got it, when signal is 0
    int signal;  // that killed it, or 0
};

/* What is to be done at intervals while we wait. */
struct pt_beat {
    void (*func)(void *context);
    void *context;
    uint64_t interval_ns;
};

/* Execute words[0] with the words, ended by NULL, and wait until it is gone.
 * It starts with the signal mask and dispositions that we were started with.
 * SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 sent to us go on to it; SIGINT and
 * SIGQUIT are its own business. `beat` may be NULL. PT_ERR_START: it could
 * not be executed; PT_ERR_IO: there was no process for it.
 * Afterwards SIGTERM, SIGHUP and SIGINT are not heeded, so that a report is
 * always finished; SIGQUIT is. */
PT_MUST_CHECK int pt_supervise(char *const words[], const struct pt_beat *beat,
                               struct pt_ending *ending, struct pt_err *err);

/* End this process as the program ended: the status to exit with, or no return
 * at all when a signal killed it. */
int pt_supervise_end(const struct pt_ending *ending);

#endif
