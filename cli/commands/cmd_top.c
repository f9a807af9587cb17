/* SPDX-License-Identifier: MIT */
/* cmd_top.c - a recording on one screen, again and again while it is written.
 *
 * The traced program knows nothing of it: its figures lie in the file. On a
 * terminal the screen is drawn anew until the program has ended; a pipe or a
 * file gets one look.
 */
#include "cli/commands/cmd_top.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/report/print/out_top.h"
#include "core/base/clock.h"

#define TOP_DEFAULT 10u
#define CLEAR_SCREEN "\x1b[H\x1b[2J"

struct fields {
    struct pt_command_words words;
    uint32_t top;
    uint32_t times;
    const char *interval;
};

#define ROW(letter, name, value, kind, field) \
  PT_COMMAND_ROW(letter, name, value, kind, struct fields, field)

static const struct pt_option table[] = {
    PT_COMMAND_HELP,
    ROW(0, "top", "N", PT_OPTION_NUMBER, top),
    ROW(0, "interval", "SECONDS", PT_OPTION_TEXT, interval),
    ROW(0, "times", "N", PT_OPTION_NUMBER, times),
    PT_COMMAND_END,
};

static const struct pt_command command = {
    .usage = "pytrace top [options] FILE",
    .help = "Watch a recording while it is written: the lines that run most "
            "and that hold\n"
            "most. The program is not slowed. A terminal is redrawn until the "
            "program\n"
            "has ended; a pipe gets one look.\n"
            "\n"
            "    pytrace --count --mem -o run.pytrace prog.py &\n"
            "    pytrace top run.pytrace\n"
            "\n"
            "      --top N         how many lines each table shows (10; on a "
            "terminal what\n"
            "                      fits)\n"
            "      --interval SECONDS\n"
            "                      between two looks (1)\n"
            "      --times N       stop after N looks\n"
            "  -h, --help          print this\n",
    .options = table,
    .least = 1,
    .most = 1,
};

/* So many lines that all tables fit on the screen. */
static uint32_t
rows_of_tables(const struct winsize *size, uint32_t wanted)
{
    uint32_t tables =
        ((wanted & PT_WANT_COUNT) != 0) + ((wanted & PT_WANT_MEM) != 0);
    // A line in front, two above each table, and where the cursor ends.
    uint32_t others = 2 + 2 * tables;

    if (tables == 0 || size->ws_row == 0) {
        return TOP_DEFAULT;
    }
    return size->ws_row > others + tables ? (size->ws_row - others) / tables
                                          : 1;
}

/* Append a text without what is beyond so many columns of a line, lest it
 * takes two. */
static void
add_cut(struct pt_buf *out, const struct pt_buf *text, uint32_t columns)
{
    uint32_t column = 0;

    for (size_t i = 0; i < text->used; i++) {
        unsigned char c = (unsigned char)text->data[i];

        // Characters are counted by their first byte.
        column += (c & 0xc0) != 0x80;
        if (c == '\n' || column <= columns) {
            pt_buf_add_char(out, (char)c);
        }
        column = c == '\n' ? 0 : column;
    }
    out->failed |= text->failed;
}

/* One look; *has_ended when there will be nothing new. */
static int
look(const struct fields *fields, int is_screen, int *has_ended)
{
    struct pt_buf out = PT_BUF_INIT, text = PT_BUF_INIT;
    struct winsize size = {0};
    struct pt_opened opened;
    struct pt_dossier dossier;
    int code;

    // A screen says so in its first line.
    code = is_screen ? pt_opened_init_live(&opened, fields->words.word[0])
                     : pt_opened_init(&opened, fields->words.word[0]);
    if (code != PT_OK) {
        return 1;
    }
    if (is_screen) {
        pt_buf_add_text(&out, CLEAR_SCREEN);
        (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    }
    code = pt_dossier_init(&dossier, opened.reader, opened.path);
    if (code == PT_OK) {
        uint32_t top = fields->top != 0
                           ? fields->top
                           : rows_of_tables(&size, dossier.header->wanted);

        code = pt_out_top(&dossier, top, pt_clock_ns(),
                          pt_escape_for(STDOUT_FILENO), &text);
        add_cut(&out, &text, size.ws_col != 0 ? size.ws_col : UINT32_MAX);
        *has_ended = dossier.header->ended;
        pt_dossier_release(&dossier);
    }
    out.failed |= code != PT_OK;
    pt_buf_release(&text);
    return pt_opened_release(&opened, pt_command_write(NULL, &out));
}

static void
wait_for(double seconds)
{
    struct timespec left = {
        .tv_sec = (time_t)seconds,
        .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&left, NULL);
}

int
pt_cmd_top(int argc, char **argv)
{
    struct fields fields = {0};
    int is_screen = isatty(STDOUT_FILENO);
    double seconds = 1;
    int status = pt_command_read(&command, &fields.words, argc, argv);
    int has_ended = 0;
    char *end = NULL;

    if (status != PT_COMMAND_GO_ON) {
        return status;
    }
    if (fields.interval != NULL) {
        seconds = strtod(fields.interval, &end);
        if (end == fields.interval || *end != '\0' ||
            !(seconds >= 0.05 && seconds < 1e6)) {
            return pt_command_refuse(
                &command, "--interval is a time in seconds, from 0.05");
        }
    }
    if (fields.times == 0) {
        fields.times = is_screen ? UINT32_MAX : 1;
    }
    for (uint32_t i = 0; i < fields.times && !has_ended; i++) {
        if (i != 0) {
            wait_for(seconds);
        }
        status = look(&fields, is_screen, &has_ended);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}
