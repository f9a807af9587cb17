/* SPDX-License-Identifier: MIT */
/* test_render.c - whole reports, of sound recordings and of damaged ones. */
#include "tests/unit/figures.h"

#include <fcntl.h>

#include "cli/report/print/out_info.h"
#include "cli/report/print/render.h"
#include "core/base/rawmem.h"

#define PATH_BYTES 128

static char scratch[] = "/tmp/pytrace-report-XXXXXX";

/* What a report printed. */
struct printed {
    int code;
    char out[8192];
    char err[8192];
};

/* Lead `number` into a new file until give_back; the one that it was. */
static int
lead_away(int number, int *file)
{
    int kept = dup(number);

    fflush(NULL);
    *file = memfd_create("printed", MFD_CLOEXEC);
    dup2(*file, number);
    return kept;
}

static void
give_back(int number, int kept, int file, char *text, size_t room)
{
    ssize_t got = pread(file, text, room - 1, 0);

    text[got > 0 ? got : 0] = '\0';
    dup2(kept, number);
    close(kept);
    close(file);
}

static void
print_report(const struct pt_reader *reader,
             const struct pt_report_options *options, struct printed *printed)
{
    int out, err;
    int kept_out = lead_away(STDOUT_FILENO, &out);
    int kept_err = lead_away(STDERR_FILENO, &err);

    printed->code = pt_render(reader, options);
    give_back(STDOUT_FILENO, kept_out, out, printed->out,
              sizeof(printed->out));
    give_back(STDERR_FILENO, kept_err, err, printed->err,
              sizeof(printed->err));
}

static void
info_tells(const struct pt_reader *reader, const char *words)
{
    struct pt_info info = {.name = "run.pytrace"};
    struct pt_buf out = PT_BUF_INIT;

    pt_out_info(reader, &info, &out);
    assert_non_null(strstr(pt_buf_text(&out), words));
    pt_buf_release(&out);
}

static void
write_source(const char *name, const char *text, char *path)
{
    FILE *file;

    snprintf(path, PATH_BYTES, "%s/%s", scratch, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
read_listing(const char *name, char *text, size_t room)
{
    char path[PATH_BYTES];
    FILE *file;
    size_t got;

    snprintf(path, PATH_BYTES, "%s/%s", scratch, name);
    file = fopen(path, "r");
    assert_non_null(file);
    got = fread(text, 1, room - 1, file);
    text[got] = '\0';
    fclose(file);
    unlink(path);
}

/* Two files, one of them gone, with hits and memory. */
static void
sample(struct figures *figures, uint32_t wanted)
{
    static const int counts[] = {1, 1000, 0};
    char path[PATH_BYTES];
    uint32_t code, gone;

    write_source("mod.py", "import x\nkeep.append(bytes(40))\nx()\n", path);
    figures_start(figures, wanted, "prog.py");
    figures->timeline.process->search_path = add_text(figures, scratch);
    code = add_code(figures, add_file(figures, path), 1, counts, 3);
    gone = add_code(figures, add_file(figures, "/code/gone.py"), 1, counts, 1);
    add_code(figures, add_file(figures, "<string>"), 1, counts, 3);
    add_pair(figures, code, 2, 840, 1500, 1000);
    add_pair(figures, code, 3, 100000, 1, 0);
    add_pair(figures, gone, 7, 512, 1, 1);
    add_pair(figures, 0, 0, 64, 2, 1);
    atomic_store(&figures->timeline.process->peak_bytes, 940576);
    figures->timeline.process->tool_bytes = 65536;
    strcpy(figures->timeline.process->engine, "settrace");
    strcpy(figures->timeline.process->mem_tier, "exact");
    figures->timeline.header->ended = 1;
    figures->timeline.header->exit_status = 3;
}

static void
everything_is_printed(void **state)
{
    struct pt_report_options options = {.coverdir = scratch,
                                        .mem_top = 2,
                                        .with_missing = 1,
                                        .with_summary = 1};
    struct figures figures;
    struct pt_reader *reader;
    struct printed printed;
    char listing[512], wanted[2048];

    (void)state;
    sample(&figures, PT_WANT_COUNT | PT_WANT_MEM);
    reader = open_reader(figures.fd);
    print_report(reader, &options, &printed);
    // The other file is generated code: no failure.
    assert_int_equal(printed.code, PT_OK);
    sprintf(wanted,
            "lines   cov%%   module   (path)\n"
            "    3    66%%   mod   (%s/mod.py)\n"
            "\n"
            "memory at the end   821 KiB in 1,002 blocks\n"
            "at its peak         919 KiB\n"
            "allocated in all    1329 KiB in 1,504 blocks\n"
            "pytrace's own       64.0 KiB, not counted above\n"
            "\n"
            "top lines by memory kept\n"
            "%s/mod.py:2: size=820 KiB, count=1000, average=840 B\n"
            "/code/gone.py:7: size=512 B, count=1, average=512 B\n"
            "1 more line: size=64 B\n"
            "\n"
            "        hits        kept     per hit  line\n"
            "       1,000     820 KiB       840 B  %s/mod.py:2  "
            "keep.append(bytes(40))\n"
            "                   512 B              /code/gone.py:7\n",
            scratch, scratch, scratch);
    assert_string_equal(printed.out, wanted);
    assert_string_equal(
        printed.err,
        "pytrace: no listing of '/code/gone.py': its code did not come from "
        "a file\n"
        "pytrace: line counts exact, by settrace; memory exact\n"
        "pytrace: the program ended with status 3\n");
    read_listing("mod.cover", listing, sizeof(listing));
    assert_string_equal(listing, "    1:                        import x\n"
                                 " 1000:   1230 KiB    820 KiB  "
                                 "keep.append(bytes(40))\n"
                                 ">>>>>>   97.7 KiB        0 B  x()\n");
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
what_cannot_be_written_is_said_and_the_rest_is_made(void **state)
{
    struct pt_report_options options = {.coverdir = "/dev/null/x",
                                        .mem_top = 1};
    struct figures figures;
    struct pt_reader *reader;
    struct printed printed;
    struct pt_source *source;

    (void)state;
    sample(&figures, PT_WANT_COUNT | PT_WANT_MEM);
    reader = open_reader(figures.fd);
    print_report(reader, &options, &printed);
    assert_int_equal(printed.code, PT_ERR_IO);
    assert_non_null(strstr(printed.err,
                           "pytrace: cannot make the directory '/dev/null/x' "
                           "for the listings: Not a directory; choose another "
                           "with --coverdir\n"));
    assert_non_null(strstr(printed.out, "mod.py:2: size=820 KiB"));
    // A file that was there when the program ran, and is not any more.
    source = item_of(&figures.timeline, PT_SEGMENT_FILE, 2);
    source->size_bytes = 5;
    options.coverdir = scratch;
    print_report(reader, &options, &printed);
    assert_int_equal(printed.code, PT_ERR_IO);
    assert_non_null(strstr(printed.err,
                           "pytrace: no listing of '/code/gone.py': No such "
                           "file or directory; put it right and run again\n"));
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
a_changed_source_is_listed_with_a_warning(void **state)
{
    struct pt_report_options options = {.coverdir = scratch};
    struct figures figures;
    struct pt_reader *reader;
    struct printed printed;
    struct pt_source *source;

    (void)state;
    sample(&figures, PT_WANT_COUNT);
    source = item_of(&figures.timeline, PT_SEGMENT_FILE, 1);
    source->size_bytes = 5;
    reader = open_reader(figures.fd);
    print_report(reader, &options, &printed);
    assert_int_equal(printed.code, PT_OK);
    assert_non_null(strstr(printed.err, "mod.py' changed since the program"));
    assert_string_equal(printed.out, "");
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
trouble_is_told_in_words(void **state)
{
    static const struct {
        uint32_t trouble;
        const char *words;
    } cases[] = {
        {PT_TROUBLE_SPACE, "no space was left for the recording"},
        {PT_TROUBLE_MEMORY, "no memory was left for pytrace's own tables"},
        {PT_TROUBLE_SETTRACE, "the program took the trace function"},
        {PT_TROUBLE_ENGINE, "the line engine '' could not start"},
    };
    struct pt_report_options options = {.coverdir = scratch};
    struct figures figures;
    struct pt_reader *reader;
    struct printed printed;

    (void)state;
    sample(&figures, PT_WANT_MEM);
    reader = open_reader(figures.fd);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        atomic_store(&figures.timeline.process->trouble, cases[i].trouble);
        print_report(reader, &options, &printed);
        assert_non_null(strstr(printed.err, cases[i].words));
    }
    atomic_store(&figures.timeline.process->dropped_blocks, 1234);
    atomic_store(&figures.timeline.process->dropped_lines, 5);
    atomic_store(&figures.timeline.process->dropped_events, 67);
    atomic_store(&figures.timeline.process->dropped_sealed, 1);
    print_report(reader, &options, &printed);
    assert_non_null(strstr(printed.err, "could not be recorded: 1,234"));
    assert_non_null(strstr(printed.err, "could not be counted: 5"));
    assert_non_null(strstr(printed.err, "gaps: events that could not be "
                                        "recorded: 67"));
    assert_non_null(strstr(printed.err, "packets that found no room: 1"));
    info_tells(reader, "lost          1,234 allocations, 5 line events, "
                       "67 events, 1 packet\n");
    pt_reader_close(reader);
    figures_end(&figures);
}

/* Print what may be anything; not a word of it matters. */
static void
survive(int fd)
{
    struct pt_report_options options = {.coverdir = scratch,
                                        .mem_top = 50,
                                        .mem = {.group = PT_LEDGER_TRACEBACK},
                                        .with_peak = 1,
                                        .with_churn = 1,
                                        .with_source = 1,
                                        .with_missing = 1,
                                        .with_summary = 1};
    static struct printed printed;
    static int turn;
    struct pt_reader *reader;

    options.with_functions = ++turn % 2;
    options.mem.is_cumulative = turn % 3 == 0;
    if (pt_reader_open(&reader, fd, "x", NULL) == PT_OK) {
        print_report(reader, &options, &printed);
        pt_reader_close(reader);
    }
}

/* A recording without its empty parts, so that flips hit something. */
static int
small_sample(void)
{
    struct figures figures;
    int fd;

    sample(&figures, PT_WANT_COUNT | PT_WANT_MEM);
    fd = dup(figures.fd);
    figures_end(&figures);
    return fd;
}

static void
flipped_bytes_are_survived(void **state)
{
    int fd = small_sample();
    off_t end = lseek(fd, 0, SEEK_END);

    (void)state;
    for (off_t i = 0; i < end; i++) {
        unsigned char kept, flipped;

        assert_int_equal(pread(fd, &kept, 1, i), 1);
        if (kept == 0 && i % 61 != 0) {
            continue;
        }
        for (unsigned flip = 0x01; flip <= 0x80; flip <<= 3) {
            flipped = kept ^ (unsigned char)flip;
            assert_int_equal(pwrite(fd, &flipped, 1, i), 1);
            survive(fd);
        }
        assert_int_equal(pwrite(fd, &kept, 1, i), 1);
    }
    close(fd);
}

static void
garbage_in_payloads_is_survived(void **state)
{
    uint32_t random = 3;

    (void)state;
    for (int round = 0; round < 200; round++) {
        int fd = small_sample();
        off_t end = lseek(fd, 0, SEEK_END);

        for (int i = 0; i < 60; i++) {
            uint32_t word;
            off_t at;

            random = random * 1664525u + 1013904223u;
            at = (off_t)(random >> 8) % (end / 64) * 64 + (random >> 28) * 4;
            word = i % 3 == 0 ? 0xffffffffu : random;
            assert_int_equal(pwrite(fd, &word, sizeof(word), at),
                             sizeof(word));
        }
        survive(fd);
        close(fd);
    }
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct pt_report_options options = {.coverdir = scratch,
                                        .mem_top = 5,
                                        .with_missing = 1,
                                        .with_summary = 1};
    struct figures figures;
    struct pt_reader *reader;
    struct printed printed;
    int is_done = 0;

    (void)state;
    sample(&figures, PT_WANT_COUNT | PT_WANT_MEM);
    reader = open_reader(figures.fd);
    for (uint64_t nth = 1; !is_done; nth++) {
        pt_rawmem_fail_at(nth);
        print_report(reader, &options, &printed);
        is_done = !pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
        if (printed.code != PT_OK) {
            assert_string_not_equal(printed.err, "");
        }
        else {
            assert_non_null(strstr(printed.out, "size=820 KiB"));
        }
    }
    pt_reader_close(reader);
    figures_end(&figures);
}
#endif

static int
make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) != NULL ? 0 : -1;
}

static int
remove_scratch(void **state)
{
    char command[128];

    (void)state;
    sprintf(command, "rm -rf %s", scratch);
    return system(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_printed),
        cmocka_unit_test(what_cannot_be_written_is_said_and_the_rest_is_made),
        cmocka_unit_test(a_changed_source_is_listed_with_a_warning),
        cmocka_unit_test(trouble_is_told_in_words),
        cmocka_unit_test(flipped_bytes_are_survived),
        cmocka_unit_test(garbage_in_payloads_is_survived),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
