/* SPDX-License-Identifier: MIT */
/* test_seal.c - packets sealed, read again, killed and without room. */
#include "tests/unit/sealing.h"

#include <pthread.h>
#include <time.h>

#define MANY 600
#define THREADS 4
#define ROUNDS 50

static struct pt_timeline timeline;

static int
attach(void **state)
{
    *state = &timeline;
    return pt_timeline_attach(&timeline, new_recording(0), NULL);
}

static int64_t
count_now(uint32_t process, int random)
{
    struct pt_reader *reader = open_reader(timeline.fd);
    uint64_t damaged;
    int64_t count = count_packets(reader, process, random, &damaged);

    assert_int_equal(damaged, 0);
    pt_reader_close(reader);
    return count;
}

static void
what_was_sealed_is_read_again(void **state)
{
    (void)state;
    assert_int_equal(count_now(0, 0), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(seal_numbered(&timeline, i, 0), PT_OK);
    }
    assert_int_equal(count_now(0, 0), MANY);
    assert_int_equal(timeline.process->dropped_sealed, 0);
}

static void
what_cannot_be_packed_is_kept_as_it_is(void **state)
{
    uint64_t before = file_bytes(timeline.fd);

    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(seal_numbered(&timeline, i, 1), PT_OK);
    }
    assert_int_equal(count_now(0, 1), MANY);
    assert_true(file_bytes(timeline.fd) - before > MANY * 2000);
}

static void
packing_makes_it_less(void **state)
{
    static char bytes[PT_PACKET_RAW_MAX];
    struct pt_packet what = {.kind = PT_PACKET_EVENTS,
                             .raw_bytes = sizeof(bytes)};
    uint64_t before = file_bytes(timeline.fd);

    (void)state;
    for (int i = 0; i < 16; i++) {
        assert_int_equal(
            pt_seal_append(&timeline, &timeline.sealed, &what, bytes), PT_OK);
    }
    assert_true(file_bytes(timeline.fd) - before < sizeof(bytes));
}

static void
the_largest_packet_fits_in_the_smallest_extent(void **state)
{
    static char bytes[PT_PACKET_RAW_MAX];
    struct pt_packet what = {.kind = PT_PACKET_EVENTS,
                             .raw_bytes = sizeof(bytes)};
    struct pt_reader *reader;
    struct pt_packets *packets;
    const struct pt_packet *head;
    const void *raw;

    (void)state;
    fill_bytes(bytes, sizeof(bytes), 3, 1);
    assert_int_equal(pt_seal_append(&timeline, &timeline.sealed, &what, bytes),
                     PT_OK);
    reader = open_reader(timeline.fd);
    assert_int_equal(pt_packets_open(&packets, reader, 0), PT_OK);
    assert_int_equal(pt_packets_next(packets, &head), 1);
    assert_int_equal(head->raw_bytes, sizeof(bytes));
    assert_int_equal(pt_packets_unpack(packets, &raw), PT_OK);
    assert_memory_equal(raw, bytes, sizeof(bytes));
    assert_int_equal(pt_packets_next(packets, &head), 0);
    pt_packets_close(packets);
    pt_reader_close(reader);
}

static void
a_child_seals_for_itself(void **state)
{
    pid_t child;

    (void)state;
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(seal_numbered(&timeline, i, 0), PT_OK);
    }
    child = fork_timeline(&timeline);
    if (child == 0) {
        for (uint32_t i = 0; i < 300; i++) {
            child_check(seal_numbered(&timeline, i, 0) == PT_OK);
        }
        _exit(0);
    }
    for (uint32_t i = 10; i < 200; i++) {
        assert_int_equal(seal_numbered(&timeline, i, 0), PT_OK);
    }
    assert_int_equal(end_of(child), 0);
    assert_int_equal(count_now(0, 0), 200);
    assert_int_equal(count_now(1, 0), 300);
}

static void *
seal_some(void *argument)
{
    static const char byte = 'x';
    struct pt_packet what = {.kind = PT_PACKET_EVENTS,
                             .stream = *(uint32_t *)argument,
                             .items = 1,
                             .raw_bytes = 1};

    for (uint32_t i = 0; i < MANY; i++, what.first++) {
        if (pt_seal_append(&timeline, &timeline.sealed, &what, &byte) !=
            PT_OK) {
            return &timeline;
        }
    }
    return NULL;
}

static void
threads_seal_side_by_side(void **state)
{
    uint32_t number[THREADS], next[THREADS] = {0};
    pthread_t thread[THREADS];
    const struct pt_packet *head;
    struct pt_reader *reader;
    struct pt_packets *packets;

    (void)state;
    for (uint32_t i = 0; i < THREADS; i++) {
        number[i] = i;
        pthread_create(&thread[i], NULL, seal_some, &number[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        void *failed;

        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    reader = open_reader(timeline.fd);
    assert_int_equal(pt_packets_open(&packets, reader, 0), PT_OK);
    while (pt_packets_next(packets, &head) > 0) {
        assert_int_equal(head->first, next[head->stream]++);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(next[i], MANY);
    }
    pt_packets_close(packets);
    pt_reader_close(reader);
}

static void
a_full_disk_drops_and_counts(void **state)
{
    uint64_t damaged;
    int fd = timeline.fd;
    pid_t child;

    (void)state;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        struct pt_reader *reader;
        uint32_t kept = 0;
        uint64_t end;

        limit_file_size(file_bytes(fd) + (300u << 10));
        for (uint32_t i = 0; i < MANY; i++) {
            kept += seal_numbered(&timeline, i, 1) == PT_OK;
        }
        end = atomic_load(&timeline.header->file_end);
        child_check(kept > 10 && kept < MANY);
        child_check(timeline.process->dropped_sealed == MANY - kept);
        child_check(timeline.process->trouble == PT_TROUBLE_SPACE);
        // The end did not run away from the file.
        child_check(end <= file_bytes(fd) + (2u << 20));
        reader = open_reader(fd);
        child_check(count_packets(reader, 0, 1, &damaged) == kept);
        child_check(damaged == 0);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
}

static void
without_a_file_nothing_is_kept(void **state)
{
    struct pt_timeline alone;

    (void)state;
    assert_int_equal(pt_timeline_attach(&alone, -1, NULL), PT_OK);
    assert_int_equal(seal_numbered(&alone, 0, 0), PT_ERR_NOSPACE);
    assert_int_equal(alone.process->dropped_sealed, 1);
    pt_timeline_release(&alone);
}

static void
seal_for_ever(int fd)
{
    child_check(pt_timeline_attach(&timeline, fd, NULL) == PT_OK);
    for (uint32_t i = 0; seal_numbered(&timeline, i, i % 2) == PT_OK; i++) {
        timeline.process->tool_bytes = i + 1;
    }
    pause();
}

/* The child notes how many it sealed; that many or one more must be there. */
static void
a_kill_at_any_moment_leaves_whole_packets(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct timespec span = {0, (long)(round * 131 % 3001) * 1000};
        int fd = new_recording(0);
        const struct pt_process *process;
        struct pt_reader *reader;
        pid_t child = fork();
        uint64_t wanted = 0;
        const struct pt_packet *head;
        struct pt_packets *packets;

        if (child == 0) {
            seal_for_ever(fd);
        }
        nanosleep(&span, NULL);
        kill(child, SIGKILL);
        assert_int_equal(end_of(child), -1);
        reader = open_reader(fd);
        process = pt_reader_process(reader, 0);
        assert_int_equal(pt_packets_open(&packets, reader, 0), PT_OK);
        while (pt_packets_next(packets, &head) > 0) {
            const void *raw;

            assert_int_equal(pt_packets_unpack(packets, &raw), PT_OK);
            assert_int_equal(head->first, wanted);
            assert_true(is_as_sealed(head, raw, wanted % 2));
            wanted++;
        }
        assert_int_equal(pt_packets_damaged(packets), 0);
        if (process != NULL) {
            assert_in_range(wanted, process->tool_bytes,
                            process->tool_bytes + 1);
        }
        pt_packets_close(packets);
        pt_reader_close(reader);
        close(fd);
    }
}

/* A flipped byte anywhere costs its own packet and no other. */
static void
damage_costs_one_packet(void **state)
{
    struct pt_reader *reader = open_reader(timeline.fd);
    const struct pt_packet *head;
    struct pt_packets *packets;
    uint64_t damaged, span;

    (void)state;
    pt_reader_close(reader);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(seal_numbered(&timeline, i, 0), PT_OK);
    }
    // The second packet stands behind the first, in the last extent.
    reader = open_reader(timeline.fd);
    assert_int_equal(pt_packets_open(&packets, reader, 0), PT_OK);
    assert_int_equal(pt_packets_next(packets, &head), 1);
    span = (sizeof(*head) + head->packed_bytes + 7) & ~(uint64_t)7;
    assert_int_equal(pt_packets_next(packets, &head), 1);
    for (uint64_t i = 0; i < sizeof(*head) + head->packed_bytes; i++) {
        char *at = timeline.sealed.payload + span + i;
        char kept = *at;
        int64_t left;

        *at = (char)(kept ^ 0x40);
        left = count_packets(reader, 0, 0, &damaged);
        *at = kept;
        assert_int_equal(left, 2);
        assert_int_equal(damaged, i < sizeof(head->magic) ? 0 : 1);
    }
    assert_int_equal(count_packets(reader, 0, 0, &damaged), 3);
    pt_packets_close(packets);
    pt_reader_close(reader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define ON_A_TIMELINE(test) \
  cmocka_unit_test_setup_teardown(test, attach, release_state)
        ON_A_TIMELINE(what_was_sealed_is_read_again),
        ON_A_TIMELINE(what_cannot_be_packed_is_kept_as_it_is),
        ON_A_TIMELINE(packing_makes_it_less),
        ON_A_TIMELINE(the_largest_packet_fits_in_the_smallest_extent),
        ON_A_TIMELINE(a_child_seals_for_itself),
        ON_A_TIMELINE(threads_seal_side_by_side),
        ON_A_TIMELINE(a_full_disk_drops_and_counts),
        cmocka_unit_test(without_a_file_nothing_is_kept),
        cmocka_unit_test(a_kill_at_any_moment_leaves_whole_packets),
        ON_A_TIMELINE(damage_costs_one_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
