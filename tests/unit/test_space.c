/* SPDX-License-Identifier: MIT */
/* test_space.c - no file space: the program goes on, the report says so. */
#include "tests/unit/support.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "core/base/rawmem.h"

#define SKIPPED 77

static struct pt_timeline timeline;

/* Append counters of one hit until `trouble` is noted; how many. */
static uint32_t
count_until_trouble(void)
{
    uint32_t counted = 0;

    while (timeline.process->trouble == 0) {
        uint64_t *counter = append_counter(&timeline);

        child_check(counter != NULL && *counter == 0);
        *counter = 1;
        counted++;
    }
    return counted;
}

/* The recording without space: what fitted is read, the rest is not missed
 * by the writer. */
static void
fill_and_read(int fd)
{
    struct pt_reader *reader;
    uint32_t counted;

    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    child_check(timeline.process->trouble == 0);
    counted = count_until_trouble();
    for (int i = 0; i < 1000; i++) {
        uint64_t *counter = append_counter(&timeline);

        child_check(counter != NULL && *counter == 0);
        *counter = 1;
    }
    child_check(pt_timeline_text(&timeline, "still here", 10) != 0);
    reader = open_reader(fd);
    child_check(reader != NULL);
    child_check(trouble_of(reader, 0) == PT_TROUBLE_SPACE);
    // The last of them is the first that found no space.
    child_check(hits_of(reader, 0) == counted - 1);
    pt_reader_close(reader);
    pt_timeline_release(&timeline);
}

static void
fill_to_the_limit(void)
{
    int fd = new_recording(0);

    limit_file_size(2u << 20);
    fill_and_read(fd);
}

static void
beyond_a_size_limit_arrays_go_on_in_memory(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(fill_to_the_limit), 0);
}

static void
fill_a_disk(void)
{
    struct pt_header values = {0};
    char directory[] = "/tmp/pytrace-test-XXXXXX", path[64];
    int fd;

    child_check(mkdtemp(directory) != NULL);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("pytrace", directory, "tmpfs", 0, "size=2m") != 0) {
        rmdir(directory);
        _exit(SKIPPED);
    }
    snprintf(path, sizeof(path), "%s/recording", directory);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    child_check(pt_timeline_create(fd, &values, NULL) == PT_OK);
    fill_and_read(fd);
    close(fd);
    child_check(umount2(directory, MNT_DETACH) == 0);
    rmdir(directory);
}

static void
on_a_full_disk_arrays_go_on_in_memory(void **state)
{
    int end = run_in_child(fill_a_disk);

    (void)state;
    if (end == SKIPPED) {
        skip();
    }
    assert_int_equal(end, 0);
}

static void
attach_without_space(void)
{
    struct pt_reader *reader;
    int fd = new_recording(0);

    limit_file_size(PT_HEADER_BYTES);
    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    child_check(timeline.process->trouble == PT_TROUBLE_SPACE);
    child_check(append_counter(&timeline) != NULL);
    reader = open_reader(fd);
    child_check(reader != NULL && pt_reader_processes(reader) == 0);
    pt_reader_close(reader);
    pt_timeline_release(&timeline);
}

static void
one_can_join_a_recording_that_cannot_grow(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(attach_without_space), 0);
}

/* Space runs out for one extent and is there again for the next. */
static void
lose_one_extent(void)
{
    struct pt_reader *reader;
    uint64_t *counter;
    uint32_t last = 0, missing = 0;
    int fd = new_recording(0);
    rlim_t full;

    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    full = timeline.header->file_end;
    limit_file_size(full);
    count_until_trouble();
    limit_file_size(RLIM_INFINITY);
    do {
        last = pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, 1);
        counter = item_of(&timeline, PT_SEGMENT_COUNTER, last);
        *counter = last;
    } while (file_bytes(fd) == full);
    reader = open_reader(fd);
    child_check(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER) == last + 1);
    for (uint32_t i = 1; i <= last; i++) {
        const uint64_t *read =
            pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, i);

        missing += read == NULL;
        child_check(read == NULL || *read == 1 || *read == i);
    }
    child_check(missing == chunk_items(&timeline, PT_SEGMENT_COUNTER));
    child_check(*(const uint64_t *)pt_reader_item(
                    reader, 0, PT_SEGMENT_COUNTER, last) == last);
    pt_reader_close(reader);
    pt_timeline_release(&timeline);
}

static void
behind_a_missing_extent_items_keep_their_indexes(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(lose_one_extent), 0);
}

static void
fork_without_space(void)
{
    struct pt_reader *reader;
    int fd = new_recording(0);
    uint64_t *counter;
    pid_t child;

    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    counter = append_counter(&timeline);
    *counter = PT_COUNTER_EXECUTABLE | 5;
    limit_file_size(timeline.header->file_end);
    child = fork_timeline(&timeline);
    if (child == 0) {
        child_check(timeline.process->trouble == PT_TROUBLE_SPACE);
        child_check(*counter == PT_COUNTER_EXECUTABLE);
        *counter += 3;
        child_check(append_counter(&timeline) != NULL);
        _exit(0);
    }
    child_check(end_of(child) == 0);
    child_check(*counter == (PT_COUNTER_EXECUTABLE | 5));
    // The child's record found no place, so the parent's says it.
    reader = open_reader(fd);
    child_check(pt_reader_processes(reader) == 1);
    child_check(trouble_of(reader, 0) == PT_TROUBLE_SPACE);
    pt_reader_close(reader);
}

static void
a_child_without_space_counts_in_memory_and_says_so(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(fork_without_space), 0);
}

static void
fork_with_space_for_the_record_only(void)
{
    struct pt_reader *reader;
    int fd = new_recording(0);
    uint64_t *counter;
    pid_t child;

    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    counter = append_counter(&timeline);
    *counter = PT_COUNTER_EXECUTABLE | 5;
    limit_file_size(timeline.header->file_end + timeline.header->align_bytes);
    child = fork_timeline(&timeline);
    if (child == 0) {
        _exit(0);
    }
    child_check(end_of(child) == 0);
    reader = open_reader(fd);
    child_check(pt_reader_processes(reader) == 2);
    child_check(trouble_of(reader, 0) == 0);
    child_check(trouble_of(reader, 1) == PT_TROUBLE_SPACE);
    child_check(hits_of(reader, 0) == 5 && hits_of(reader, 1) == 0);
    pt_reader_close(reader);
}

static void
a_child_with_no_more_than_a_record_says_so_itself(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(fork_with_space_for_the_record_only), 0);
}

#ifdef PT_TORTURE
static uint64_t
offset_of(enum pt_segment segment)
{
    char *payload = item_of(&timeline, segment, 0);

    return ((struct pt_extent *)(payload - sizeof(struct pt_extent)))->offset;
}

/* Counters still find space in the file, terms do not, nor memory. */
static void
fork_half_way(void)
{
    struct pt_reader *reader;
    int fd = new_recording(0);
    pid_t child;

    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    *append_counter(&timeline) = PT_COUNTER_EXECUTABLE | 5;
    limit_file_size(timeline.header->file_end + offset_of(PT_SEGMENT_TERM) -
                    timeline.header->align_bytes);
    pt_timeline_before_fork(&timeline);
    child = fork();
    if (child == 0) {
        pt_rawmem_fail_at(1);
        child_check(pt_timeline_after_fork_child(&timeline) == PT_ERR_NOMEM);
        _exit(0);
    }
    pt_timeline_after_fork_parent(&timeline);
    child_check(end_of(child) == 0);
    reader = open_reader(fd);
    child_check(pt_reader_processes(reader) == 2);
    child_check(trouble_of(reader, 1) == PT_TROUBLE_MEMORY);
    child_check(hits_of(reader, 0) == 5 && hits_of(reader, 1) == 0);
    pt_reader_close(reader);
}

static void
a_move_that_fails_half_way_is_told_and_doubles_nothing(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(fork_half_way), 0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beyond_a_size_limit_arrays_go_on_in_memory),
        cmocka_unit_test(on_a_full_disk_arrays_go_on_in_memory),
        cmocka_unit_test(one_can_join_a_recording_that_cannot_grow),
        cmocka_unit_test(behind_a_missing_extent_items_keep_their_indexes),
        cmocka_unit_test(a_child_without_space_counts_in_memory_and_says_so),
        cmocka_unit_test(a_child_with_no_more_than_a_record_says_so_itself),
#ifdef PT_TORTURE
        cmocka_unit_test(
            a_move_that_fails_half_way_is_told_and_doubles_nothing),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
