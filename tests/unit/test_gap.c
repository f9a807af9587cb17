/* SPDX-License-Identifier: MIT */
/* test_gap.c - between extents: nothing, something unfinished, damage. */
#include "tests/unit/recordings.h"

#include "cli/report/figures/gap.h"

#define END (12 * (uint64_t)PAGE)

/* A recording with a gap from its sixth page to its end. */
static int
with_gap(void)
{
    int fd = small_recording();

    assert_int_equal(ftruncate(fd, (off_t)END), 0);
    return fd;
}

static void
put_bytes(int fd, uint64_t offset, const void *bytes, size_t count)
{
    assert_int_equal(pwrite(fd, bytes, count, (off_t)offset), count);
}

/* An extent of two pages without its check. */
static void
put_unfinished(int fd, uint64_t offset, uint64_t bytes)
{
    struct pt_extent extent = {.magic = PT_EXTENT_MAGIC,
                               .segment = PT_SEGMENT_COUNTER,
                               .offset = offset,
                               .bytes = bytes,
                               .payload_bytes = 100};

    put_bytes(fd, offset, &extent, sizeof(extent));
    put_bytes(fd, offset + PAGE - 9, "content", 7);
}

static uint64_t
damage_of(int fd)
{
    return pt_gap_damage(fd, PAGE, 5 * PAGE, END);
}

static void
zeros_were_never_written(void **state)
{
    int fd = with_gap();

    (void)state;
    assert_int_equal(damage_of(fd), END);
    assert_int_equal(pt_gap_damage(fd, PAGE, END, END), END);
    close(fd);
}

static void
content_without_a_head_was_destroyed(void **state)
{
    int fd = with_gap();

    (void)state;
    put_bytes(fd, 8 * PAGE + 777, "x", 1);
    assert_int_equal(damage_of(fd), 8 * PAGE);
    close(fd);
}

static void
an_extent_may_have_been_in_the_making(void **state)
{
    int fd = with_gap();

    (void)state;
    put_unfinished(fd, 6 * PAGE, 2 * PAGE);
    put_unfinished(fd, 8 * PAGE, PAGE);
    assert_int_equal(damage_of(fd), END);
    put_bytes(fd, 11 * PAGE, "x", 1);
    assert_int_equal(damage_of(fd), END);
    put_bytes(fd, 11 * PAGE + 100, "x", 1);
    assert_int_equal(damage_of(fd), 11 * PAGE);
    close(fd);
}

static void
one_that_lies_was_destroyed(void **state)
{
    static const uint64_t lies[] = {0, 1, PAGE - 1, 7 * PAGE, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        int fd = with_gap();

        put_unfinished(fd, 6 * PAGE, lies[i]);
        assert_int_equal(damage_of(fd), 6 * PAGE);
        close(fd);
    }
}

static void
a_check_that_is_there_and_wrong_is_damage(void **state)
{
    uint64_t check = 1;
    int fd = with_gap();

    (void)state;
    put_unfinished(fd, 6 * PAGE, PAGE);
    put_bytes(fd, 6 * PAGE + offsetof(struct pt_extent, check), &check, 8);
    assert_int_equal(damage_of(fd), 6 * PAGE);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_were_never_written),
        cmocka_unit_test(content_without_a_head_was_destroyed),
        cmocka_unit_test(an_extent_may_have_been_in_the_making),
        cmocka_unit_test(one_that_lies_was_destroyed),
        cmocka_unit_test(a_check_that_is_there_and_wrong_is_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
