/* SPDX-License-Identifier: MIT */
/* test_damage.c - recordings cut, flipped, forged and made of garbage. */
#include "tests/unit/recordings.h"

/* Open what may be damaged, look at all of it, and return the code. */
static int
survive(int fd)
{
    struct pt_reader *reader;
    struct pt_err err = {.message = ""};
    int code = pt_reader_open(&reader, fd, "x", &err);

    if (code == PT_OK) {
        look_everywhere(reader);
    }
    else {
        assert_null(reader);
        assert_string_not_equal(err.message, "");
        assert_in_range(-code, -PT_ERR_FORMAT, -PT_ERR_CORRUPT);
    }
    pt_reader_close(reader);
    return code;
}

static void
a_recording_may_end_at_any_byte(void **state)
{
    int fd = small_recording();

    (void)state;
    for (uint64_t end = file_bytes(fd); end-- > 0;) {
        assert_int_equal(ftruncate(fd, (off_t)end), 0);
        assert_int_equal(survive(fd), end < PAGE ? PT_ERR_FORMAT : PT_OK);
    }
    close(fd);
}

static void
what_a_cut_leaves_whole_is_read(void **state)
{
    struct pt_reader *reader;
    int fd = small_recording();

    (void)state;
    assert_int_equal(ftruncate(fd, 5 * PAGE - 1), 0);
    reader = open_reader(fd);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER), 0);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_FILE), 2);
    pt_reader_close(reader);
    close(fd);
}

static void
any_byte_may_be_flipped(void **state)
{
    static const unsigned char flips[] = {0x01, 0x80, 0xff};
    int fd = small_recording();
    uint64_t bytes = file_bytes(fd);

    (void)state;
    for (uint64_t i = 0; i < bytes; i++) {
        unsigned char kept, flipped;

        assert_int_equal(pread(fd, &kept, 1, (off_t)i), 1);
        for (size_t j = 0; j < COUNT_OF(flips); j++) {
            flipped = kept ^ flips[j];
            assert_int_equal(pwrite(fd, &flipped, 1, (off_t)i), 1);
            survive(fd);
        }
        assert_int_equal(pwrite(fd, &kept, 1, (off_t)i), 1);
    }
    close(fd);
}

static void
a_flipped_extent_is_left_out(void **state)
{
    int fd = small_recording();

    (void)state;
    for (off_t i = 0; i < (off_t)offsetof(struct pt_extent, reserved); i++) {
        off_t at = 4 * PAGE + i;
        unsigned char kept, flipped;
        struct pt_reader *reader;

        assert_int_equal(pread(fd, &kept, 1, at), 1);
        flipped = kept ^ 0x10;
        assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
        reader = open_reader(fd);
        assert_int_equal(hits_of(reader, 0), 0);
        assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_FILE), 2);
        pt_reader_close(reader);
        assert_int_equal(pwrite(fd, &kept, 1, at), 1);
    }
    close(fd);
}

static void
garbage_is_survived(void **state)
{
    static uint32_t page[16 * PAGE / sizeof(uint32_t)];
    uint32_t random = 1;
    int fd = small_recording();

    (void)state;
    for (int round = 0; round < 300; round++) {
        for (size_t i = 0; i < COUNT_OF(page); i++) {
            random = random * 1664525u + 1013904223u;
            page[i] = random;
        }
        // All garbage, behind the magic, behind the header, in payloads.
        static const off_t starts[] = {0, 16, PAGE, PAGE + 64};

        assert_int_equal(pwrite(fd, page, sizeof(page), starts[round % 4]),
                         sizeof(page));
        survive(fd);
        if (round % 4 == 3) {
            close(fd);
            fd = small_recording();
        }
    }
    close(fd);
}

/* Extents with a right check that lie in one field each. */
static void
forged_extents_are_left_out(void **state)
{
    static const struct pt_extent forged[] = {
        {.bytes = 0, .payload_bytes = 100},
        {.bytes = 0, .payload_bytes = UINT64_MAX},
        {.bytes = PAGE, .payload_bytes = PAGE - 63},
        {.bytes = PAGE, .payload_bytes = UINT64_MAX},
        {.bytes = 2 * PAGE, .payload_bytes = 100},
        {.bytes = UINT64_MAX - PAGE + 1, .payload_bytes = UINT64_MAX / 2},
        {.bytes = PAGE - 1, .payload_bytes = 100},
        {.bytes = PAGE, .payload_bytes = 100, .process = UINT32_MAX},
        {.bytes = PAGE, .payload_bytes = 100, .first_item = UINT32_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forged); i++) {
        struct pt_extent extent = forged[i];
        struct pt_reader *reader;
        int fd = small_recording();

        extent.segment = PT_SEGMENT_COUNTER;
        extent.offset = 4 * PAGE;
        put_extent(fd, extent, "", 1);
        assert_int_equal(ftruncate(fd, 5 * PAGE), 0);
        reader = open_reader(fd);
        assert_non_null(reader);
        assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER), 0);
        assert_int_equal(pt_reader_processes(reader), 1);
        pt_reader_close(reader);
        close(fd);
    }
}

static void
a_segment_that_is_none_is_left_out(void **state)
{
    static const uint32_t segments[] = {PT_SEGMENT_NONE, PT_SEGMENT_COUNT,
                                        UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(segments); i++) {
        int fd = small_recording();

        put_page(fd, 5, segments[i], 0, "", 1);
        assert_int_equal(survive(fd), PT_OK);
        close(fd);
    }
}

static void
more_items_claimed_than_there_are_is_not_believed(void **state)
{
    struct pt_process process = {.pid = 1};
    uint64_t counter[7] = {0};
    struct pt_reader *reader;
    int fd = bare_recording();

    (void)state;
    for (uint32_t i = 0; i < PT_SEGMENT_COUNT; i++) {
        process.items[i] = UINT32_MAX;
    }
    put_page(fd, 1, PT_SEGMENT_PROCESS, 0, &process, sizeof(process));
    put_page(fd, 2, PT_SEGMENT_COUNTER, 0, counter, sizeof(counter) - 1);
    put_page(fd, 3, PT_SEGMENT_PAIR, PT_ITEMS_MAX - 1, counter, 56);
    reader = open_reader(fd);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER), 6);
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_PAIR),
                     PT_ITEMS_MAX);
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_COUNTER, 6));
    assert_null(pt_reader_item(reader, 0, PT_SEGMENT_PAIR, 1));
    look_everywhere(reader);
    pt_reader_close(reader);
    close(fd);
}

static void
extents_that_overlap_or_are_cut_unevenly_are_survived(void **state)
{
    char bytes[3000] = {0};
    int fd = small_recording();
    struct pt_reader *reader;

    (void)state;
    for (uint32_t i = 5; i < 60; i++) {
        put_page(fd, i, i % PT_SEGMENT_COUNT, i * i % 97, bytes, i * 50 + 1);
    }
    reader = open_reader(fd);
    assert_non_null(reader);
    look_everywhere(reader);
    for (uint32_t i = PT_SEGMENT_FILE; i < PT_SEGMENT_COUNT; i++) {
        for (uint32_t j = 0; j < 10000; j++) {
            const void *item = pt_reader_item(reader, 0, i, j);

            assert_int_equal((uintptr_t)item % 4, 0);
        }
    }
    pt_reader_close(reader);
    close(fd);
}

static void
a_record_too_short_is_no_record(void **state)
{
    struct pt_process process = {.pid = 1};
    struct pt_reader *reader;
    int fd = bare_recording();

    (void)state;
    put_page(fd, 1, PT_SEGMENT_PROCESS, 0, &process, sizeof(process) - 1);
    put_page(fd, 2, PT_SEGMENT_COUNTER, 0, &process, 100);
    reader = open_reader(fd);
    assert_int_equal(pt_reader_processes(reader), 1);
    assert_null(pt_reader_process(reader, 0));
    assert_int_equal(pt_reader_items(reader, 0, PT_SEGMENT_COUNTER), 0);
    pt_reader_close(reader);
    close(fd);
}

static void
a_text_cut_within_its_length_is_no_text(void **state)
{
    static const uint32_t text[] = {0, 4, 0x64636261u, 2, 0x6665u};
    int fd = small_recording();

    (void)state;
    // The length at 12 is there for 1, 2 and 3 bytes.
    for (uint64_t cut = 13; cut < 16; cut++) {
        struct pt_extent extent = {.segment = PT_SEGMENT_TEXT,
                                   .offset = 2 * PAGE,
                                   .bytes = PAGE,
                                   .payload_bytes = cut};
        struct pt_reader *reader;
        size_t bytes;

        put_extent(fd, extent, text, sizeof(text));
        reader = open_reader(fd);
        pt_reader_text(reader, 0, 4, &bytes);
        assert_int_equal(bytes, 4);
        pt_reader_text(reader, 0, 12, &bytes);
        assert_int_equal(bytes, 0);
        pt_reader_close(reader);
    }
    close(fd);
}

static void
texts_of_the_header_always_end(void **state)
{
    char page[PAGE];
    struct pt_reader *reader;
    int fd = small_recording();

    (void)state;
    memset(page, 'x', sizeof(page));
    assert_int_equal(
        pwrite(fd, page,
               sizeof(struct pt_header) - offsetof(struct pt_header, command),
               offsetof(struct pt_header, command)),
        sizeof(struct pt_header) - offsetof(struct pt_header, command));
    reader = open_reader(fd);
    assert_int_equal(strlen(pt_reader_header(reader)->command), 1022);
    assert_int_equal(pt_reader_header(reader)->command[1023], '\0');
    assert_int_equal(strlen(pt_reader_header(reader)->directory), 1023);
    assert_int_equal(strlen(pt_reader_header(reader)->engine), 15);
    pt_reader_close(reader);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_may_end_at_any_byte),
        cmocka_unit_test(what_a_cut_leaves_whole_is_read),
        cmocka_unit_test(any_byte_may_be_flipped),
        cmocka_unit_test(a_flipped_extent_is_left_out),
        cmocka_unit_test(garbage_is_survived),
        cmocka_unit_test(forged_extents_are_left_out),
        cmocka_unit_test(a_segment_that_is_none_is_left_out),
        cmocka_unit_test(more_items_claimed_than_there_are_is_not_believed),
        cmocka_unit_test(
            extents_that_overlap_or_are_cut_unevenly_are_survived),
        cmocka_unit_test(a_record_too_short_is_no_record),
        cmocka_unit_test(a_text_cut_within_its_length_is_no_text),
        cmocka_unit_test(texts_of_the_header_always_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
