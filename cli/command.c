/* SPDX-License-Identifier: MIT */
/* command.c - reading words, opening recordings, writing what came out. */
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report/source/dumpfile.h"
#include "cli/report/text/outlet.h"
#include "cli/report/text/say.h"
#include "cli/report/text/size_text.h"

static int
parse(const struct pt_command *command, struct pt_command_words *words,
      int argc, char **argv, struct pt_err *err)
{
    struct pt_grammar grammar = {command->options, 1,
                                 "--help names those of this command", 0};
    int at = 1;

    // Words move to the front of argv, where options have been read already.
    words->word = argv + 1;
    while (at < argc) {
        int code = pt_grammar_parse(&grammar, words, &words->given, argc, argv,
                                    &at, err);

        if (code != PT_OK || words->is_help) {
            return code;
        }
        if (at < argc) {
            words->word[words->words++] = argv[at++];
        }
    }
    if (words->words > command->most) {
        return pt_err_set(err, PT_ERR_USAGE, "too many words: '%s'",
                          words->word[command->most]);
    }
    return words->words >= command->least
               ? PT_OK
               : pt_err_set(err, PT_ERR_USAGE, "file is missing");
}

int
pt_command_read(const struct pt_command *command,
                struct pt_command_words *words, int argc, char **argv)
{
    struct pt_buf out = PT_BUF_INIT;
    struct pt_err err;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (parse(command, words, argc, argv, &err) != PT_OK) {
        return pt_command_refuse(command, err.message);
    }
    if (!words->is_help) {
        return PT_COMMAND_GO_ON;
    }
    pt_buf_add_format(&out, "usage: %s\n\n%s", command->usage, command->help);
    return pt_command_write(NULL, &out);
}

int
pt_command_refuse(const struct pt_command *command, const char *message)
{
    pt_say("%s", message);
    pt_say("usage is %s; --help tells more", command->usage);
    return 2;
}

int
pt_command_write(const char *path, struct pt_buf *out)
{
    struct pt_outlet outlet = PT_OUTLET_INIT(path);

    return pt_outlet_close(&outlet, out, PT_OK);
}

/* Open the file; where there is none, what stands before the last '@'. */
static int
open_file(struct pt_opened *opened, const char *path)
{
    const char *at = strrchr(path, '@');
    int number;

    pt_buf_add_text(&opened->name, path);
    opened->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (opened->fd >= 0 || errno != ENOENT || at == NULL || at == path) {
        return opened->fd >= 0 ? PT_OK : PT_ERR_IO;
    }
    number = errno;
    pt_buf_reset(&opened->name);
    pt_buf_add(&opened->name, path, (size_t)(at - path));
    opened->label = at + 1;
    opened->fd = open(pt_buf_text(&opened->name), O_RDONLY | O_CLOEXEC);
    if (opened->fd < 0) {
        pt_buf_reset(&opened->name);
        pt_buf_add_text(&opened->name, path);
        errno = number;
        return PT_ERR_IO;
    }
    return PT_OK;
}

/* Is whoever waits for the program still there? The number may have gone to
 * somebody else since, so this is for words only. */
static int
is_running(const struct pt_header *header)
{
    pid_t pid = (pid_t)header->supervisor_pid;

    return !header->ended && pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* True if the file is shorter than a run that ended well made it. */
static int
is_cut(const struct pt_opened *opened)
{
    const struct pt_header *header = pt_reader_header(opened->reader);
    uint32_t trouble = 0;
    struct stat status;

    for (uint32_t i = 0; i < pt_reader_processes(opened->reader); i++) {
        const struct pt_process *process =
            pt_reader_process(opened->reader, i);

        trouble |= process != NULL ? atomic_load(&process->trouble) : 0;
    }
    return header->ended && header->exit_signal == 0 &&
           (trouble & PT_TROUBLE_SPACE) == 0 &&
           fstat(opened->fd, &status) == 0 &&
           (uint64_t)status.st_size < atomic_load(&header->file_end);
}

static double
seconds_at(const struct pt_opened *opened, uint64_t time_ns)
{
    const struct pt_header *header = pt_reader_header(opened->reader);

    return ((double)time_ns - (double)header->start_ns) / 1e9;
}

/* Of a moment that nothing tells of: what would have. */
static void
say_unknown(const struct pt_opened *opened, const struct pt_rewound *rewound)
{
    const char *name = pt_buf_text(&opened->name);

    pt_say("'%s' does not tell what lines held or ran at %.3f s; record with "
           "--timeline=allocs or --timeline=lines, or call pytrace.snapshot() "
           "there",
           name, seconds_at(opened, rewound->time_ns));
    if (rewound->sampled_ns != 0) {
        pt_say("in all, the program held %s then, by the sample at %.3f s",
               pt_size_text((double)rewound->held_bytes).text,
               seconds_at(opened, rewound->sampled_ns));
    }
}

/* Say which figures these are, where that is not plain. */
static void
say_rewound(const struct pt_opened *opened, const struct pt_rewound *rewound)
{
    const char *missing =
        rewound->forgotten & PT_WANT_MEM     ? "--timeline=allocs, memory"
        : rewound->forgotten & PT_WANT_COUNT ? "--timeline=lines, hits"
                                             : NULL;

    if (rewound->is_end) {
        pt_say("the run had ended by then; these are the figures of its end");
    }
    else if (!rewound->is_snapshot) {
        pt_say("figures at %.3f s, by the events of '%s'",
               seconds_at(opened, rewound->time_ns),
               pt_buf_text(&opened->name));
    }
    if (missing != NULL) {
        pt_say("recorded without %s of that moment are not known", missing);
    }
}

/* What came of rewinding. */
static int
finish_rewind(struct pt_opened *opened, const char *moment, int code)
{
    if (code == PT_OK) {
        opened->label = moment;
        say_rewound(opened, &opened->rewound);
    }
    if (code == PT_OK || code == PT_ERR_RANGE) {
        return code;
    }
    pt_say("cannot read what '%s' says of '%s': %s",
           pt_buf_text(&opened->name), moment, pt_error_text(code));
    return pt_opened_release(opened, code);
}

int
pt_opened_rewind(struct pt_opened *opened, const char *moment)
{
    return finish_rewind(opened, moment,
                         pt_rewind(opened->reader, moment, &opened->rewound));
}

int
pt_opened_rewind_to_peak(struct pt_opened *opened)
{
    return finish_rewind(opened, "the peak",
                         pt_rewind_to_peak(opened->reader, &opened->rewound));
}

int
pt_opened_refuse(struct pt_opened *opened, const char *moment)
{
    if (opened->rewound.time_ns != 0) {
        say_unknown(opened, &opened->rewound);
    }
    else {
        pt_say("there is no snapshot or mark '%s' in '%s'; pytrace info names "
               "the snapshots, pytrace dump --kind mark the marks",
               moment, pt_buf_text(&opened->name));
    }
    return pt_opened_release(opened, PT_ERR_RANGE);
}

/* A file of Snapshot.dump() is read as a recording of what it holds. */
static int
open_dump(struct pt_opened *opened, struct pt_err *err)
{
    int fd;
    int code = pt_dumpfile_open(pt_buf_text(&opened->name), &fd, err);

    if (code != PT_OK) {
        pt_say("%s", err->message);
        return code;
    }
    close(opened->fd);
    opened->fd = fd;
    return PT_OK;
}

int
pt_opened_init_live(struct pt_opened *opened, const char *path)
{
    struct pt_err err;
    int code;

    *opened = (struct pt_opened){.path = path, .fd = -1};
    code = open_file(opened, path);
    if (code != PT_OK) {
        pt_say("cannot open the recording '%s': %s; check its path", path,
               strerror(errno));
    }
    else if (pt_dumpfile_is(opened->fd)) {
        code = open_dump(opened, &err);
    }
    if (code == PT_OK) {
        code = pt_reader_open(&opened->reader, opened->fd,
                              pt_buf_text(&opened->name), &err);
        if (code != PT_OK) {
            pt_say("%s", err.message);
        }
    }
    if (code == PT_OK && pt_reader_process(opened->reader, 0) == NULL) {
        pt_say("nothing was recorded in '%s': its program did not start",
               pt_buf_text(&opened->name));
        code = PT_ERR_FORMAT;
    }
    if (code != PT_OK) {
        return pt_opened_release(opened, code);
    }
    if (opened->label != NULL) {
        code = pt_opened_rewind(opened, opened->label);
        if (code != PT_OK) {
            return code == PT_ERR_RANGE
                       ? pt_opened_refuse(opened, opened->label)
                       : code;
        }
    }
    opened->is_cut = is_cut(opened);
    if (opened->is_cut) {
        pt_say("the end of '%s' is missing, so its figures are too low; copy "
               "it again, or see what pytrace check says of it",
               pt_buf_text(&opened->name));
    }
    return PT_OK;
}

int
pt_opened_init(struct pt_opened *opened, const char *path)
{
    int code = pt_opened_init_live(opened, path);

    if (code == PT_OK && is_running(pt_reader_header(opened->reader))) {
        pt_say("'%s' is still being written: these are its figures so far",
               pt_buf_text(&opened->name));
    }
    return code;
}

int
pt_opened_release(struct pt_opened *opened, int status)
{
    pt_reader_close(opened->reader);
    opened->reader = NULL;
    if (opened->fd >= 0) {
        close(opened->fd);
        opened->fd = -1;
    }
    pt_buf_release(&opened->name);
    return status == 0 && opened->is_cut ? 1 : status;
}
