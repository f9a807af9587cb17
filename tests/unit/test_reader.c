/* SPDX-License-Identifier: MIT */
/* test_reader.c - what a reader finds, and what it says of other files. */
#include "tests/unit/recordings.h"

#include <fcntl.h>

#include "core/base/rawmem.h"

static void
a_recording_reads_as_it_was_written(void **state)
{
    int fd = small_recording();
    struct pt_reader *reader = open_reader(fd);
    const struct pt_source *source;
    size_t bytes;

    (void)state;
    assert_int_equal(pt_reader_header(reader)->wanted, PT_WANT_COUNT);
    assert_int_equal(pt_reader_processes(reader), 1);
    assert_int_equal(pt_reader_process(reader, 0)->pid, 42);
    assert_string_equal(pt_reader_process(reader, 0)->engine, "probe");
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER), 100);
    assert_int_equal(hits_of(reader, 0), 99 * 100 / 2);
    source = pt_reader_item(reader, 0, PT_SEGMENT_FILE, 1);
    assert_memory_equal(pt_reader_text(reader, 0, source->path, &bytes), "abc",
                        3);
    assert_int_equal(bytes, 3);
    pt_reader_close(reader);
    close(fd);
}

/* The number in a record is an index for those who hold it. */
static void
a_process_under_another_number_is_not_there(void **state)
{
    static const uint32_t numbers[] = {1, 33, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int fd = small_recording();
        struct pt_reader *reader;

        assert_int_equal(pwrite(fd, &numbers[i], sizeof(numbers[i]),
                                PAGE + sizeof(struct pt_extent) +
                                    offsetof(struct pt_process, number)),
                         sizeof(numbers[i]));
        reader = open_reader(fd);
        assert_null(pt_reader_process(reader, 0));
        assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER), 0);
        pt_reader_close(reader);
        close(fd);
    }
}

static void
what_the_writer_wrote_can_be_read(void **state)
{
    static struct pt_timeline timeline;
    static char longest[32 * 1024];
    int fd = new_recording(0);
    struct pt_reader *reader;
    uint32_t id[3];
    size_t bytes;

    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(pt_timeline_attach(&timeline, fd, NULL), PT_OK);
    id[0] = pt_timeline_text(&timeline, "", 0);
    id[1] = pt_timeline_text(&timeline, "caf\xc3\xa9\0!", 7);
    id[2] = pt_timeline_text(&timeline, longest, sizeof(longest));
    for (uint64_t i = 1; i <= 7000; i++) {
        *append_counter(&timeline) = i;
    }
    reader = open_reader(fd);
    assert_int_equal(hits_of(reader, 0), 7000 * 7001 / 2);
    pt_reader_text(reader, 0, id[0], &bytes);
    assert_int_equal(bytes, 0);
    assert_memory_equal(pt_reader_text(reader, 0, id[1], &bytes),
                        "caf\xc3\xa9\0!", 7);
    assert_int_equal(bytes, 7);
    assert_memory_equal(pt_reader_text(reader, 0, id[2], &bytes), longest,
                        sizeof(longest));
    assert_int_equal(bytes, sizeof(longest));
    pt_reader_close(reader);
    pt_timeline_release(&timeline);
    close(fd);
}

/* Both halves of a live view: figures move, what is newer is not seen. */
static void
a_recording_can_be_read_while_it_is_written(void **state)
{
    static struct pt_timeline timeline;
    int fd = new_recording(0);
    struct pt_reader *reader;
    uint64_t *counter;

    (void)state;
    assert_int_equal(pt_timeline_attach(&timeline, fd, NULL), PT_OK);
    counter = append_counter(&timeline);
    reader = open_reader(fd);
    *counter = 5;
    assert_int_equal(hits_of(reader, 0), 5);
    for (int i = 0; i < 7000; i++) {
        *append_counter(&timeline) = 1;
    }
    assert_in_range(hits_of(reader, 0), 5, 7005);
    pt_reader_close(reader);
    reader = open_reader(fd);
    assert_int_equal(hits_of(reader, 0), 7005);
    pt_reader_close(reader);
    pt_timeline_release(&timeline);
    close(fd);
}

static void
what_is_not_there_is_refused(void **state)
{
    int fd = small_recording();
    struct pt_reader *reader = open_reader(fd);

    (void)state;
    assert_null(pt_reader_process(reader, 1));
    assert_null(pt_reader_process(reader, UINT32_MAX));
    assert_int_equal(pt_reader_items(reader, 1, PT_SEGMENT_COUNTER), 0);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_PAIR), 0);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_NONE), 0);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_PROCESS), 0);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNT), 0);
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, 0));
    assert_non_null(pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, 99));
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, 100));
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, UINT32_MAX));
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_PROCESS, 1));
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_COUNT, 1));
    assert_null(pt_reader_item(reader, 7, PT_SEGMENT_COUNTER, 1));
    pt_reader_close(reader);
    close(fd);
}

static void
what_is_no_text_reads_as_an_empty_one(void **state)
{
    static const uint32_t ids[] = {0, 1, 2, 3, 5, 8, 12, 4096, UINT32_MAX};
    int fd = small_recording();
    struct pt_reader *reader = open_reader(fd);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        size_t bytes = 1;

        assert_string_equal(pt_reader_text(reader, 0, ids[i], &bytes), "");
        assert_int_equal(bytes, 0);
        assert_string_equal(pt_reader_text(reader, 9, ids[i], &bytes), "");
    }
    pt_reader_close(reader);
    close(fd);
}

/* The code that a small recording changed at `offset` is opened with. */
static int
code_of_damaged(size_t offset, const void *bytes, size_t count,
                const char *message)
{
    struct pt_reader *reader;
    struct pt_err err;
    int fd = small_recording();
    int code;

    assert_int_equal(pwrite(fd, bytes, count, (off_t)offset), count);
    code = pt_reader_open(&reader, fd, "x.pytrace", &err);
    assert_null(reader);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, "'x.pytrace'"));
    assert_non_null(strstr(err.message, message));
    close(fd);
    return code;
}

static void
other_files_are_refused_with_the_reason(void **state)
{
    uint32_t order = 0x04030201u, version = 99;

    (void)state;
    assert_int_equal(code_of_damaged(0, "P", 1, "is not a pytrace recording"),
                     PT_ERR_FORMAT);
    assert_int_equal(code_of_damaged(offsetof(struct pt_header, byte_order),
                                     &order, 4, "byte order"),
                     PT_ERR_FORMAT);
    assert_int_equal(code_of_damaged(offsetof(struct pt_header, version),
                                     &version, 4, "format version 99"),
                     PT_ERR_VERSION);
}

static void
extents_of_an_impossible_size_are_refused(void **state)
{
    static const uint32_t aligns[] = {
        0, 1, 64, 2048, 4095, 4097, 12288, 2u << 20, 1u << 31, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(aligns); i++) {
        assert_int_equal(
            code_of_damaged(offsetof(struct pt_header, align_bytes),
                            &aligns[i], 4, "is damaged"),
            PT_ERR_CORRUPT);
    }
}

static int
code_of_file(int fd)
{
    struct pt_reader *reader;
    struct pt_err err = {.message = ""};
    int code = pt_reader_open(&reader, fd, "x", &err);

    assert_null(reader);
    assert_string_not_equal(err.message, "");
    close(fd);
    return code;
}

static void
what_is_no_readable_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(code_of_file(empty_file()), PT_ERR_FORMAT);
    assert_int_equal(code_of_file(-1), PT_ERR_IO);
    assert_int_equal(code_of_file(open("/dev/null", O_RDONLY | O_CLOEXEC)),
                     PT_ERR_FORMAT);
    assert_int_equal(
        code_of_file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)),
        PT_ERR_FORMAT);
    assert_int_equal(code_of_file(open("/tmp", O_RDONLY | O_CLOEXEC)),
                     PT_ERR_IO);
}

static void
a_long_name_does_no_harm(void **state)
{
    char name[5000];
    struct pt_reader *reader;
    struct pt_err err;
    int fd = empty_file();

    (void)state;
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(pt_reader_open(&reader, fd, name, &err), PT_ERR_FORMAT);
    assert_int_equal(pt_reader_open(&reader, fd, name, NULL), PT_ERR_FORMAT);
    close(fd);
}

static void
closing_nothing_is_harmless(void **state)
{
    (void)state;
    pt_reader_close(NULL);
}

#ifdef PT_TORTURE
static void
memory_may_run_out_while_opening(void **state)
{
    int fd = small_recording();
    int failed = 1;

    (void)state;
    // More pieces than the first table takes.
    for (uint32_t i = 5; i < 200; i++) {
        put_page(fd, i, PT_SEGMENT_NODE, i, "x", 1);
    }
    for (uint64_t nth = 1; failed; nth++) {
        struct pt_reader *reader;
        struct pt_err err = {.message = ""};
        int code;

        pt_rawmem_fail_at(nth);
        code = pt_reader_open(&reader, fd, "x", &err);
        failed = pt_rawmem_has_failed();
        assert_int_equal(code, failed ? PT_ERR_NOMEM : PT_OK);
        assert_string_equal(err.message,
                            failed ? "out of memory reading 'x'" : "");
        pt_reader_close(reader);
    }
    pt_rawmem_fail_at(0);
    close(fd);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_reads_as_it_was_written),
        cmocka_unit_test(a_process_under_another_number_is_not_there),
        cmocka_unit_test(what_the_writer_wrote_can_be_read),
        cmocka_unit_test(a_recording_can_be_read_while_it_is_written),
        cmocka_unit_test(what_is_not_there_is_refused),
        cmocka_unit_test(what_is_no_text_reads_as_an_empty_one),
        cmocka_unit_test(other_files_are_refused_with_the_reason),
        cmocka_unit_test(extents_of_an_impossible_size_are_refused),
        cmocka_unit_test(what_is_no_readable_file_is_refused),
        cmocka_unit_test(a_long_name_does_no_harm),
        cmocka_unit_test(closing_nothing_is_harmless),
#ifdef PT_TORTURE
        cmocka_unit_test(memory_may_run_out_while_opening),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
