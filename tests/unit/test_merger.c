/* SPDX-License-Identifier: MIT */
/* test_merger.c - several recordings in one, process by process. */
#include "core/timeline/merger.h"

#include "core/base/rawmem.h"
#include "tests/unit/figures.h"

#define SECOND UINT64_C(1000000000)
#define PROCESSES_MAX 100000u

/* Two recordings: the second one's run began 10 s earlier, in another
 * directory, on a clock of its own. */
struct pair_of_runs {
    struct pt_reader *reader[2];
};

static struct figures written[2];  // too large for the stack

/* What each of them has: one code object of four files, its name in a text. */
static void
fill(struct figures *figures, const char *directory, int hits)
{
    const char *const paths[] = {"own.py", "/usr/lib/z.py", "<string>"};
    struct pt_timeline *timeline = &figures->timeline;
    struct pt_clock *clock;
    struct pt_moment *moment;
    char below[64];

    strcpy(timeline->header->directory, directory);
    snprintf(below, sizeof(below), "%s/below.py", directory);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        add_file(figures, paths[i]);
    }
    add_file(figures, below);
    add_code(figures, 1, 7, &hits, 1);
    assert_int_equal(pt_timeline_append(timeline, PT_SEGMENT_CLOCK, 1), 1);
    clock = item_of(timeline, PT_SEGMENT_CLOCK, 1);
    clock->first_ns = timeline->header->start_ns + 1;
    clock->since_ns = timeline->header->start_ns + 2;
    assert_int_equal(pt_timeline_append(timeline, PT_SEGMENT_MOMENT, 1), 1);
    assert_int_equal(pt_timeline_append(timeline, PT_SEGMENT_MOMENT, 1), 2);
    moment = item_of(timeline, PT_SEGMENT_MOMENT, 1);
    moment->at_ns = timeline->header->start_ns + 3;
}

static void
start(struct pair_of_runs *runs)
{
    struct pt_header *first, *second;
    pid_t child;

    figures_start(&written[0], PT_WANT_COUNT, "a.py");
    figures_start(&written[1], PT_WANT_COUNT | PT_WANT_TIMES, "b.py");
    first = written[0].timeline.header;
    second = written[1].timeline.header;
    first->start_unix_ns = 1000 * SECOND;
    first->start_ns = 50 * SECOND;
    first->ended = 1;
    first->end_ns = 53 * SECOND;
    second->start_unix_ns = 990 * SECOND;
    second->start_ns = 700 * SECOND;
    second->ended = 1;
    second->end_ns = 701 * SECOND;
    second->exit_status = -1;
    second->exit_signal = 9;
    second->last_ns = 5;
    atomic_store(&second->snapshots, 4);
    written[0].timeline.process->end_ns = 52 * SECOND;
    written[0].timeline.process->start_ns = 51 * SECOND;
    written[1].timeline.process->start_ns = 700 * SECOND;
    fill(&written[0], "/code", 3);
    fill(&written[1], "/other", 5);
    child = fork_timeline(&written[1].timeline);
    if (child == 0) {
        *append_counter(&written[1].timeline) = 11;
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    for (int i = 0; i < 2; i++) {
        runs->reader[i] = open_reader(written[i].fd);
    }
}

static void
end(struct pair_of_runs *runs)
{
    for (int i = 0; i < 2; i++) {
        pt_reader_close(runs->reader[i]);
        figures_end(&written[i]);
    }
}

static struct pt_header
planned(const struct pair_of_runs *runs)
{
    struct pt_header header;

    pt_merger_plan(&header, (const struct pt_reader *const *)runs->reader, 2);
    return header;
}

static int
merge(const struct pair_of_runs *runs, const char *tree, int fd)
{
    struct pt_header header = planned(runs);
    struct pt_merger merger;
    int code = pt_merger_begin(&merger, fd, &header);

    if (code == PT_OK) {
        code = pt_merger_add(&merger, runs->reader[0], "a.pytrace", tree);
    }
    if (code == PT_OK) {
        code = pt_merger_add(&merger, runs->reader[1], "b.pytrace", tree);
    }
    return code == PT_OK ? pt_merger_end(&merger) : code;
}

static struct pt_reader *
merged(const struct pair_of_runs *runs, const char *tree, int *fd)
{
    *fd = empty_file();
    assert_int_equal(merge(runs, tree, *fd), PT_OK);
    return open_reader(*fd);
}

static void
the_header_is_of_all_runs(void **state)
{
    struct pair_of_runs runs;
    struct pt_header header;

    (void)state;
    start(&runs);
    header = planned(&runs);
    assert_string_equal(header.command, "a.py");
    assert_string_equal(header.directory, "/code");
    assert_int_equal(header.wanted, PT_WANT_COUNT | PT_WANT_TIMES);
    // The earlier one, on its own clock; the later one ended 13 s after it.
    assert_int_equal(header.start_unix_ns, 990 * SECOND);
    assert_int_equal(header.start_ns, 700 * SECOND);
    assert_int_equal(header.end_ns, 713 * SECOND);
    assert_int_equal(header.ended, 1);
    assert_int_equal(header.exit_status, -1);
    assert_int_equal(header.exit_signal, 9);
    assert_int_equal(header.snapshots, 4);
    assert_int_equal(header.last_ns, 5);
    assert_int_equal(header.tick_kind, 0);
    end(&runs);
}

static void
every_process_is_there_with_its_figures(void **state)
{
    static const uint64_t hits[] = {3, 5, 11};
    static const uint32_t parents[] = {0, 1, 1};
    struct pair_of_runs runs;
    struct pt_reader *reader;
    int fd;

    (void)state;
    start(&runs);
    reader = merged(&runs, NULL, &fd);
    assert_int_equal(pt_reader_processes(reader), 3);
    assert_int_equal(pt_reader_header(reader)->processes, 3);
    assert_int_equal(pt_reader_header(reader)->file_end, file_bytes(fd));
    for (uint32_t i = 0; i < 3; i++) {
        const struct pt_process *record = pt_reader_process(reader, i);

        assert_int_equal(record->number, i);
        assert_int_equal(record->parent, parents[i]);
        assert_int_equal(hits_of(reader, i), hits[i]);
    }
    pt_reader_close(reader);
    close(fd);
    end(&runs);
}

static void
all_times_are_on_one_clock(void **state)
{
    struct pair_of_runs runs;
    struct pt_reader *reader;
    struct pt_moment moment;
    struct pt_clock clock;
    int fd;

    (void)state;
    start(&runs);
    reader = merged(&runs, NULL, &fd);
    // The first run's clock said 50 s when 10 s of the whole had passed.
    assert_int_equal(pt_reader_process(reader, 0)->start_ns, 711 * SECOND);
    assert_int_equal(pt_reader_process(reader, 0)->end_ns, 712 * SECOND);
    // Cut short, it ended with its run.
    assert_int_equal(pt_reader_process(reader, 1)->start_ns, 700 * SECOND);
    assert_int_equal(pt_reader_process(reader, 1)->end_ns, 701 * SECOND);
    assert_true(
        pt_reader_copy(reader, 0, PT_SEGMENT_CLOCK, 1, &clock, sizeof(clock)));
    assert_int_equal(clock.first_ns, 710 * SECOND + 1);
    assert_int_equal(clock.since_ns, 710 * SECOND + 2);
    assert_int_equal(clock.idle_ns, 0);
    assert_true(pt_reader_copy(reader, 0, PT_SEGMENT_MOMENT, 1, &moment,
                               sizeof(moment)));
    assert_int_equal(moment.at_ns, 710 * SECOND + 3);
    // One that was never written has no time.
    assert_true(pt_reader_copy(reader, 0, PT_SEGMENT_MOMENT, 2, &moment,
                               sizeof(moment)));
    assert_int_equal(moment.at_ns, 0);
    pt_reader_close(reader);
    close(fd);
    end(&runs);
}

static void
expect_text(const struct pt_reader *reader, uint32_t process, uint32_t id,
            const char *wanted)
{
    size_t bytes;
    const char *text = pt_reader_text(reader, process, id, &bytes);

    assert_int_equal(bytes, strlen(wanted));
    assert_memory_equal(text, wanted, bytes);
}

static void
expect_paths(const struct pt_reader *reader, uint32_t process,
             const char *const *paths)
{
    for (uint32_t i = 1; i <= 4; i++) {
        struct pt_source source;

        assert_true(pt_reader_copy(reader, process, PT_SEGMENT_FILE, i,
                                   &source, sizeof(source)));
        expect_text(reader, process, source.path, paths[i - 1]);
    }
}

static void
relative_paths_stay_those_of_their_run(void **state)
{
    static const char *const own[] = {"own.py", "/usr/lib/z.py", "<string>",
                                      "/code/below.py"};
    static const char *const other[] = {"/other/own.py", "/usr/lib/z.py",
                                        "<string>", "/other/below.py"};
    struct pair_of_runs runs;
    struct pt_reader *reader;
    int fd;

    (void)state;
    start(&runs);
    reader = merged(&runs, NULL, &fd);
    expect_paths(reader, 0, own);
    expect_paths(reader, 1, other);
    pt_reader_close(reader);
    close(fd);
    end(&runs);
}

static void
with_a_tree_files_are_below_it(void **state)
{
    static const char *const paths[] = {"/tree/own.py", "/usr/lib/z.py",
                                        "<string>", "/tree/below.py"};
    struct pair_of_runs runs;
    struct pt_reader *reader;
    int fd;

    (void)state;
    start(&runs);
    reader = merged(&runs, "/tree", &fd);
    expect_paths(reader, 0, paths);
    expect_paths(reader, 2, paths);
    expect_text(reader, 2, pt_reader_run(reader, 2)->directory, "/tree");
    pt_reader_close(reader);
    close(fd);
    end(&runs);
}

static void
a_process_says_which_run_it_is_of(void **state)
{
    struct pair_of_runs runs;
    struct pt_reader *reader;
    const struct pt_run *run;
    int fd;

    (void)state;
    start(&runs);
    assert_null(pt_reader_run(runs.reader[0], 0));
    reader = merged(&runs, NULL, &fd);
    run = pt_reader_run(reader, 2);
    expect_text(reader, 2, run->name, "b.pytrace");
    expect_text(reader, 2, run->directory, "/other");
    assert_int_equal(run->wanted, PT_WANT_COUNT | PT_WANT_TIMES);
    assert_int_equal(run->start_unix_ns, 990 * SECOND);
    assert_int_equal(run->start_ns, 700 * SECOND);
    assert_int_equal(run->end_ns, 701 * SECOND);
    assert_int_equal(run->exit_signal, 9);
    run = pt_reader_run(reader, 0);
    expect_text(reader, 0, run->name, "a.pytrace");
    assert_int_equal(run->start_ns, 710 * SECOND);
    assert_int_equal(run->exit_signal, 0);
    pt_reader_close(reader);
    close(fd);
    end(&runs);
}

/* Combined once more, it is still of that run, on the clock of the whole. */
static void
runs_are_kept_when_combined_again(void **state)
{
    struct pair_of_runs runs, again;
    struct pt_reader *reader;
    int fd, both;

    (void)state;
    start(&runs);
    again = runs;
    again.reader[1] = merged(&runs, NULL, &both);
    reader = merged(&again, NULL, &fd);
    assert_int_equal(pt_reader_processes(reader), 4);
    expect_text(reader, 0, pt_reader_run(reader, 0)->name, "a.pytrace");
    expect_text(reader, 1, pt_reader_run(reader, 1)->name, "a.pytrace");
    expect_text(reader, 3, pt_reader_run(reader, 3)->name, "b.pytrace");
    assert_int_equal(pt_reader_run(reader, 1)->start_ns, 710 * SECOND);
    assert_int_equal(pt_reader_process(reader, 3)->parent, 2);
    assert_int_equal(hits_of(reader, 2), 5);
    pt_reader_close(reader);
    pt_reader_close(again.reader[1]);
    close(both);
    close(fd);
    end(&runs);
}

static void
too_many_processes_are_refused(void **state)
{
    struct pair_of_runs runs;
    struct pt_header header;
    struct pt_merger merger;
    int fd = empty_file();

    (void)state;
    start(&runs);
    header = planned(&runs);
    assert_int_equal(pt_merger_begin(&merger, fd, &header), PT_OK);
    merger.processes = PROCESSES_MAX - 1;
    assert_int_equal(pt_merger_add(&merger, runs.reader[1], "b", NULL),
                     PT_ERR_RANGE);
    assert_int_equal(pt_merger_add(&merger, runs.reader[0], "a", NULL), PT_OK);
    close(fd);
    end(&runs);
}

static void
fill_the_disk(void)
{
    struct pair_of_runs runs;
    struct pt_reader *reader;
    uint64_t whole;
    int fd;

    start(&runs);
    pt_reader_close(merged(&runs, NULL, &fd));
    whole = file_bytes(fd);
    close(fd);
    // An end anywhere is told, and what there is is no recording.
    for (uint64_t bytes = 0; bytes < whole; bytes += 1009) {
        struct pt_err err;

        fd = empty_file();
        limit_file_size(bytes);
        child_check(merge(&runs, NULL, fd) < 0);
        child_check(pt_reader_open(&reader, fd, "it", &err) == PT_ERR_FORMAT);
        close(fd);
    }
    fd = empty_file();
    limit_file_size(whole);
    child_check(merge(&runs, NULL, fd) == PT_OK);
}

static void
a_full_disk_is_told(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(fill_the_disk), 0);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct pair_of_runs runs;
    int is_done = 0;

    (void)state;
    start(&runs);
    for (uint64_t nth = 1; !is_done; nth++) {
        int fd = empty_file(), code;

        pt_rawmem_fail_at(nth);
        code = merge(&runs, "/tree", fd);
        is_done = !pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
        assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
        close(fd);
    }
    end(&runs);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_is_of_all_runs),
        cmocka_unit_test(every_process_is_there_with_its_figures),
        cmocka_unit_test(all_times_are_on_one_clock),
        cmocka_unit_test(relative_paths_stay_those_of_their_run),
        cmocka_unit_test(with_a_tree_files_are_below_it),
        cmocka_unit_test(a_process_says_which_run_it_is_of),
        cmocka_unit_test(runs_are_kept_when_combined_again),
        cmocka_unit_test(too_many_processes_are_refused),
        cmocka_unit_test(a_full_disk_is_told),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
