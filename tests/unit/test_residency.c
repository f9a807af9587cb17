/* SPDX-License-Identifier: MIT */
/* test_residency.c - a file larger than what is kept of it in memory. */
#include "tests/unit/recordings.h"

#include "core/timeline/residency.h"

#define EXTENT_BYTES ((uint64_t)1 << 20)
#define EXTENTS 160u
#define EXTENT_ITEMS 16384u  // of 56 bytes, nearly all of an extent
#define MIB ((uint64_t)1 << 20)

enum { ALL, ONLY_SHARED };

/* What of this process is in memory, and what of that are pages of files and
 * of shared memory. */
static uint64_t
resident_bytes(int only_shared)
{
    unsigned long size, resident, shared;
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu %lu", &size, &resident, &shared),
                     3);
    fclose(file);
    return (only_shared ? shared : resident) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A process with 160 MiB of pairs, of which each tenth says its number. */
static int
large_recording(void)
{
    struct pt_process process = {.pid = 42};
    int fd = bare_recording();

    process.items[PT_SEGMENT_PAIR] = EXTENTS * EXTENT_ITEMS;
    put_page(fd, 1, PT_SEGMENT_PROCESS, 0, &process, sizeof(process));
    for (uint32_t i = 0; i < EXTENTS; i++) {
        struct pt_extent extent = {.segment = PT_SEGMENT_PAIR,
                                   .first_item = i * EXTENT_ITEMS,
                                   .offset = 2 * PAGE + i * EXTENT_BYTES,
                                   .bytes = EXTENT_BYTES,
                                   .payload_bytes =
                                       EXTENT_ITEMS * sizeof(struct pt_pair)};
        static struct pt_pair pairs[EXTENT_ITEMS];

        for (uint32_t j = 0; j < EXTENT_ITEMS; j += 10) {
            pairs[j].size_bytes = i * EXTENT_ITEMS + j;
        }
        put_extent(fd, extent, pairs, sizeof(pairs));
        assert_int_equal(ftruncate(fd, (off_t)(extent.offset + extent.bytes)),
                         0);
    }
    return fd;
}

/* Look at all pairs in some order; the most that was in memory at a time. */
static uint64_t
look(const struct pt_reader *reader, uint32_t step)
{
    uint64_t before = resident_bytes(ONLY_SHARED), most = 0;
    uint32_t items = EXTENTS * EXTENT_ITEMS, i = 0;

    for (uint32_t n = 0; n < items; n++) {
        const struct pt_pair *pair =
            pt_reader_item(reader, 0, PT_SEGMENT_PAIR, i);

        if (i % EXTENT_ITEMS % 10 == 0 && i != 0) {
            assert_int_equal(pair->size_bytes, i);
        }
        if (n % (1u << 16) == 0) {
            uint64_t now = resident_bytes(ONLY_SHARED);

            most = now > before && now - before > most ? now - before : most;
        }
        i = (uint32_t)(((uint64_t)i + step) % items);
    }
    return most;
}

static void
reading_all_of_it_takes_a_part_of_it(void **state)
{
    int fd = large_recording();
    struct pt_reader *reader = open_reader(fd);

    (void)state;
    assert_non_null(reader);
    assert_true(look(reader, 1) < 100 * MIB);
    // All over the place, as contexts lie.
    assert_true(look(reader, 1000003) < 100 * MIB);
    pt_reader_close(reader);
    close(fd);
}

static void
what_was_borrowed_stays_good(void **state)
{
    int fd = large_recording();
    struct pt_reader *reader = open_reader(fd);
    const struct pt_process *process = pt_reader_process(reader, 0);
    const struct pt_pair *pair =
        pt_reader_item(reader, 0, PT_SEGMENT_PAIR, 20);

    (void)state;
    (void)look(reader, 1);
    assert_int_equal(process->pid, 42);
    assert_int_equal(pair->size_bytes, 20);
    pt_reader_close(reader);
    close(fd);
}

/* Have a reader say something else, and look at all the rest meanwhile. */
static void
keeps_what_is_written(struct pt_reader *reader)
{
    struct pt_pair *pair =
        (struct pt_pair *)pt_reader_item(reader, 0, PT_SEGMENT_PAIR, 15);

    pair->size_bytes = 77;
    (void)look(reader, 1);
    assert_int_equal(pair->size_bytes, 77);
}

/* What a reader was made to say is not in the file to be read again. */
static void
what_is_our_own_is_kept(void **state)
{
    int fd = large_recording();
    struct pt_reader *reader = open_reader(fd);

    (void)state;
    assert_int_equal(pt_reader_own(reader), PT_OK);
    keeps_what_is_written(reader);
    pt_reader_close(reader);
    close(fd);
}

/* As a snapshot of a large recording is read. */
static void
what_is_our_own_takes_a_part_of_it(void **state)
{
    int fd = large_recording();
    struct pt_reader *reader = open_reader(fd);
    uint64_t before = resident_bytes(ALL), most = 0;

    (void)state;
    assert_int_equal(pt_reader_own(reader), PT_OK);
    for (uint32_t i = 1; i < EXTENTS * EXTENT_ITEMS; i++) {
        struct pt_pair *pair =
            (struct pt_pair *)pt_reader_item(reader, 0, PT_SEGMENT_PAIR, i);

        pair->node = i;
        if (i % (1u << 16) == 0) {
            uint64_t now = resident_bytes(ALL);

            most = now > before && now - before > most ? now - before : most;
        }
    }
#ifndef __SANITIZE_THREAD__
    // It keeps a shadow of what is written that is larger than all of it.
    assert_true(most < 100 * MIB);
#endif
    for (uint32_t i = 1; i < EXTENTS * EXTENT_ITEMS; i++) {
        const struct pt_pair *pair =
            pt_reader_item(reader, 0, PT_SEGMENT_PAIR, i);

        assert_int_equal(pair->node, i);
    }
    pt_reader_close(reader);
    // The recording is what it was.
    reader = open_reader(fd);
    assert_int_equal(((const struct pt_pair *)pt_reader_item(
                          reader, 0, PT_SEGMENT_PAIR, 33))
                         ->node,
                     0);
    pt_reader_close(reader);
    close(fd);
}

/* Where there is no room for a file of our own, memory must do. */
static void
without_a_place_for_it_it_is_in_memory(void **state)
{
    int fd = large_recording();
    struct pt_reader *reader = open_reader(fd);

    (void)state;
    assert_int_equal(setenv("TMPDIR", "/no/such/place", 1), 0);
    assert_int_equal(pt_reader_own(reader), PT_OK);
    unsetenv("TMPDIR");
    keeps_what_is_written(reader);
    pt_reader_close(reader);
    close(fd);
}

static void
a_block_counts_once_while_it_is_remembered(void **state)
{
    static struct pt_residency residency;

    (void)state;
    for (uint32_t round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < PT_RESIDENCY_BLOCKS; i++) {
            assert_int_equal(
                pt_residency_touch(&residency, i << PT_RESIDENCY_SHIFT), 0);
        }
    }
    assert_int_equal(residency.touched, PT_RESIDENCY_BLOCKS);
    assert_int_equal(pt_residency_touch(&residency, UINT64_MAX), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_all_of_it_takes_a_part_of_it),
        cmocka_unit_test(what_was_borrowed_stays_good),
        cmocka_unit_test(what_is_our_own_is_kept),
        cmocka_unit_test(what_is_our_own_takes_a_part_of_it),
        cmocka_unit_test(without_a_place_for_it_it_is_in_memory),
        cmocka_unit_test(a_block_counts_once_while_it_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
