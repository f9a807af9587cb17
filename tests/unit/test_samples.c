/* SPDX-License-Identifier: MIT */
/* test_samples.c - memory samples in the order of time, whoever wrote them. */
#include "tests/unit/recordings.h"
#include "tests/unit/support.h"

#include "core/base/rawmem.h"
#include "core/timeline/samples.h"

/* A recording with these samples of process 0 in one extent. */
static struct pt_reader *
recording_of(const uint64_t *time_ns, size_t count, int *fd)
{
    struct pt_process process = {.pid = 42};
    struct pt_sample sample[100] = {{0}};

    for (size_t i = 0; i < count; i++) {
        sample[i] = (struct pt_sample){.time_ns = time_ns[i],
                                       .traced_bytes = 10 * time_ns[i],
                                       .rss_bytes = 100 + i};
    }
    *fd = bare_recording();
    put_page(*fd, 1, PT_SEGMENT_PROCESS, 0, &process, sizeof(process));
    if (count != 0) {
        put_page(*fd, 2, PT_SEGMENT_SAMPLE, 0, sample,
                 count * sizeof(sample[0]));
    }
    return open_reader(*fd);
}

/* The times that are read, as a text of numbers. */
static void
check(const uint64_t *time_ns, size_t count, const char *expected)
{
    int fd;
    struct pt_reader *reader = recording_of(time_ns, count, &fd);
    struct pt_samples samples;
    char text[1000] = "";

    assert_non_null(reader);
    assert_int_equal(pt_samples_read(&samples, reader, 0), PT_OK);
    for (uint32_t i = 0; i < samples.count; i++) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ",
                 (int)samples.sample[i].time_ns);
        assert_int_equal(samples.sample[i].traced_bytes,
                         10 * samples.sample[i].time_ns);
    }
    assert_string_equal(text, expected);
    pt_samples_release(&samples);
    pt_samples_release(&samples);
    pt_reader_close(reader);
    close(fd);
}

static void
samples_come_in_the_order_of_time(void **state)
{
    static const uint64_t table[] = {5, 6, 9};

    (void)state;
    check(table, 3, "5 6 9 ");
    check(table, 0, "");
}

static void
what_is_not_behind_the_last_is_passed_over(void **state)
{
    static const uint64_t table[] = {0, 5, 5, 4, 0, 7, 6, 8, 0};

    (void)state;
    check(table, COUNT_OF(table), "5 7 8 ");
}

static void
another_process_has_none(void **state)
{
    static const uint64_t table[] = {1, 2};
    struct pt_samples samples;
    int fd;
    struct pt_reader *reader = recording_of(table, 2, &fd);

    (void)state;
    assert_int_equal(pt_samples_read(&samples, reader, 1), PT_OK);
    assert_int_equal(samples.count, 0);
    pt_samples_release(&samples);
    pt_reader_close(reader);
    close(fd);
}

#ifdef PT_TORTURE
static void
without_memory_it_says_so(void **state)
{
    static const uint64_t table[] = {1, 2};
    struct pt_samples samples;
    int fd;
    struct pt_reader *reader = recording_of(table, 2, &fd);

    (void)state;
    pt_rawmem_fail_at(1);
    assert_int_equal(pt_samples_read(&samples, reader, 0), PT_ERR_NOMEM);
    pt_rawmem_fail_at(0);
    pt_samples_release(&samples);
    pt_reader_close(reader);
    close(fd);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_come_in_the_order_of_time),
        cmocka_unit_test(what_is_not_behind_the_last_is_passed_over),
        cmocka_unit_test(another_process_has_none),
#ifdef PT_TORTURE
        cmocka_unit_test(without_memory_it_says_so),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
