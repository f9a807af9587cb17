/* SPDX-License-Identifier: MIT */
/* countsfile.c - handing the counts over to the drop-in module. */
#include "cli/run/countsfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/source/naming.h"
#include "cli/report/text/say.h"
#include "cli/run/standin.h"
#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/timeline/handover.h"

#define WORDS_MAX 12

static void
add_word(struct pt_buf *out, const char *text, size_t bytes)
{
    pt_buf_add(out, text, bytes);
    pt_buf_add_char(out, '\0');
}

/* sys.path, which of it is the program's directory, that as it was typed; then
 * "path", "line", "hits" and so on. A zero ends each. */
static int
compose(const struct pt_reader *reader, struct pt_buf *out)
{
    struct pt_aggregate sum;
    struct pt_naming naming;
    const char *slash;
    int code = pt_aggregate_init(&sum, reader);

    if (code != PT_OK) {
        return code;
    }
    pt_naming_init(&naming, reader);
    slash = strrchr(naming.typed, '/');
    add_word(out, naming.search_path, naming.search_path_bytes);
    pt_buf_add_format(out, "%" PRId32, (int32_t)naming.replaced);
    add_word(out, "", 0);
    add_word(out, naming.typed,
             slash != NULL ? (size_t)(slash - naming.typed) : 0);
    for (uint32_t i = 1; i < sum.places; i++) {
        const struct pt_place *place = &sum.place[i];

        if (place->hits != 0) {
            pt_naming_show(&naming, sum.file[place->file].path, out);
            pt_buf_add_format(out, "%c%" PRIu32 "%c%" PRIu64 "%c", 0,
                              place->line, 0, place->hits, 0);
        }
    }
    pt_aggregate_release(&sum);
    return pt_buf_check(out);
}

/* A descriptor from which it can be read, or -1. */
static int
open_input(const struct pt_reader *reader)
{
    struct pt_buf text = PT_BUF_INIT;
    int fd = memfd_create("pytrace-counts", MFD_CLOEXEC);

    if (fd >= 0 &&
        (compose(reader, &text) != PT_OK ||
         pt_file_write(fd, pt_buf_text(&text), text.used) != PT_OK ||
         lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    pt_buf_release(&text);
    return fd;
}

static void
restore(const char *name, const char *saved_name)
{
    const char *saved = getenv(saved_name);

    if (saved != NULL && saved[0] != '\0') {
        setenv(name, saved, 1);
    }
    else {
        unsetenv(name);
    }
    unsetenv(saved_name);
}

/* In the child: the environment that we were started with, and the module. */
static void
execute(const struct pt_options *options, const struct pt_package *package,
        const char *interpreter, int input)
{
    const char *words[WORDS_MAX] = {interpreter, "-P", "-m",
                                    "pytrace._trace_add", options->counts};
    int used = 5;

    if (options->without_listings) {
        words[used++] = "--no-report";
    }
    if (options->report.with_missing) {
        words[used++] = "--missing";
    }
    if (options->report.with_summary) {
        words[used++] = "--summary";
    }
    if (options->report.coverdir != NULL) {
        words[used++] = "--coverdir";
        words[used++] = options->report.coverdir;
    }
    restore("PYTHONPATH", PT_ENV_PYTHONPATH);
    if (getenv(PT_ENV_PRELOAD) != NULL) {
        restore("LD_PRELOAD", PT_ENV_PRELOAD);
    }
    unsetenv(PT_ENV_RECORDING);
    unsetenv(PT_ENV_SPOOLS);
    if (pt_standin_show_package(package) == PT_OK &&
        dup2(input, STDIN_FILENO) == STDIN_FILENO) {
        execv(interpreter, (char *const *)words);
    }
    _exit(127);
}

int
pt_countsfile_add(const struct pt_reader *reader,
                  const struct pt_options *options,
                  const struct pt_package *package, const char *interpreter)
{
    int status = -1, input = open_input(reader);
    pid_t child = input >= 0 ? fork() : -1;

    if (child == 0) {
        execute(options, package, interpreter, input);
    }
    if (input >= 0) {
        close(input);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status == 0) {
        return PT_OK;
    }
    pt_say("cannot add the counts of this run to '%s' with '%s'; keep the "
           "recording with -o",
           options->counts, interpreter);
    return PT_ERR_IO;
}
