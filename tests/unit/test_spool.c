/* SPDX-License-Identifier: MIT */
/* test_spool.c - texts through shared memory to an output, by either side. */
#include "tests/unit/support.h"

#include <errno.h>
#include <fcntl.h>

#include "core/base/spool.h"

static struct pt_spools *spools;
static int ends[2];

/* Spools for a pipe of which we read the other end. */
static int
set_up(void **state)
{
    int fd;

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(pt_spools_create(&fd, &spools, ends[1], NULL), PT_OK);
    close(fd);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    pt_spools_unmap(spools);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static const char *
read_all(void)
{
    static char text[1 << 18];
    ssize_t got = read(ends[0], text, sizeof(text) - 1);

    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void
texts_come_out_in_their_order(void **state)
{
    struct pt_spool *spool = pt_spools_claim(spools, 7);
    uint64_t count = 0;

    (void)state;
    // More than the ring holds, so that it wraps at every place.
    while (count < 3 * PT_SPOOL_BYTES) {
        char text[32];
        int bytes = snprintf(text, sizeof(text), "line %d\n", (int)count);

        count += (uint64_t)bytes;
        assert_true(pt_spool_put(spool, text, (size_t)bytes));
        assert_false(pt_spool_is_empty(spool));
        assert_int_equal(pt_spool_drain(spools, spool, ends[1], -1),
                         PT_SPOOL_EMPTY);
        assert_true(pt_spool_is_empty(spool));
        assert_string_equal(read_all(), text);
    }
}

static void
what_has_no_room_is_not_taken(void **state)
{
    static char text[PT_SPOOL_BYTES];
    struct pt_spool *spool = pt_spools_claim(spools, 7);

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_true(pt_spool_put(spool, text, sizeof(text) - 1));
    assert_false(pt_spool_put(spool, "ab", 2));
    assert_true(pt_spool_put(spool, "a", 1));
    assert_false(pt_spool_put(spool, "b", 1));
    assert_int_equal(pt_spool_drain(spools, spool, ends[1], 0),
                     PT_SPOOL_EMPTY);
    assert_int_equal(strlen(read_all()), PT_SPOOL_BYTES);
}

static void
a_reader_who_takes_nothing_is_not_waited_for(void **state)
{
    struct pt_spool *spool = pt_spools_claim(spools, 7);
    enum pt_spool_state got = PT_SPOOL_EMPTY;

    (void)state;
    for (int i = 0; i < 1 << 16 && got == PT_SPOOL_EMPTY; i++) {
        assert_true(pt_spool_put(spool, "0123456789abcdef\n", 17));
        got = pt_spool_drain(spools, spool, ends[1], 0);
    }
    assert_int_equal(got, PT_SPOOL_BUSY);
    read_all();
    assert_int_equal(pt_spool_drain(spools, spool, ends[1], 0),
                     PT_SPOOL_EMPTY);
}

static void
a_process_has_a_spool_until_it_gives_it_back(void **state)
{
    struct pt_spool *spool[PT_SPOOLS_MAX];

    (void)state;
    for (uint32_t i = 0; i < PT_SPOOLS_MAX; i++) {
        spool[i] = pt_spools_claim(spools, i + 1);
        assert_non_null(spool[i]);
    }
    assert_null(pt_spools_claim(spools, 999));
    pt_spools_release(spool[3]);
    assert_ptr_equal(pt_spools_claim(spools, 999), spool[3]);
}

static void
die_with_the_lock(void)
{
    child_check(pthread_mutex_lock(&spools->lock) == 0);
    child_check(pt_spool_put(&spools->spool[0], "last words\n", 11));
}

static void
who_dies_with_the_lock_leaves_it(void **state)
{
    struct pt_spool *spool = pt_spools_claim(spools, 7);

    (void)state;
    assert_int_equal(run_in_child(die_with_the_lock), 0);
    assert_int_equal(pt_spool_drain(spools, spool, ends[1], 0),
                     PT_SPOOL_EMPTY);
    assert_string_equal(read_all(), "last words\n");
}

static void
another_writer_is_not_waited_for_without_patience(void **state)
{
    struct pt_spool *spool = pt_spools_claim(spools, 7);
    int gate[2];
    pid_t child;
    char byte;

    (void)state;
    assert_true(pt_spool_put(spool, "text\n", 5));
    assert_int_equal(pipe(gate), 0);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        child_check(pthread_mutex_lock(&spools->lock) == 0);
        child_check(read(gate[0], &byte, 1) == 1);
        pthread_mutex_unlock(&spools->lock);
        _exit(0);
    }
    while (pthread_mutex_trylock(&spools->lock) == 0) {
        pthread_mutex_unlock(&spools->lock);
        sched_yield();
    }
    assert_int_equal(pt_spool_drain(spools, spool, ends[1], 0), PT_SPOOL_BUSY);
    assert_int_equal(write(gate[1], "q", 1), 1);
    assert_int_equal(end_of(child), 0);
    close(gate[0]);
    close(gate[1]);
    assert_int_equal(pt_spool_drain(spools, spool, ends[1], 0),
                     PT_SPOOL_EMPTY);
    assert_string_equal(read_all(), "text\n");
}

static void
what_cannot_be_written_is_counted(void **state)
{
    struct pt_spool *spool = pt_spools_claim(spools, 7);
    int full = open("/dev/full", O_WRONLY);

    (void)state;
    assert_true(pt_spool_put(spool, "text\n", 5));
    assert_int_equal(pt_spool_drain(spools, spool, full, -1), PT_SPOOL_EMPTY);
    assert_int_equal(atomic_load(&spools->failure), ENOSPC);
    assert_int_equal(atomic_load(&spools->lost_bytes), 5);
    // And from then on nothing is, not even elsewhere.
    assert_true(pt_spool_put(spool, "text\n", 5));
    assert_int_equal(pt_spool_drain(spools, spool, ends[1], -1),
                     PT_SPOOL_EMPTY);
    assert_string_equal(read_all(), "");
    assert_int_equal(atomic_load(&spools->lost_bytes), 10);
    close(full);
}

static void
the_output_is_known_again(void **state)
{
    (void)state;
    assert_true(pt_spools_is_output(spools, ends[1]));
    assert_false(pt_spools_is_output(spools, STDERR_FILENO));
    assert_false(pt_spools_is_output(spools, -1));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_come_out_in_their_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_room_is_not_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_reader_who_takes_nothing_is_not_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_process_has_a_spool_until_it_gives_it_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_dies_with_the_lock_leaves_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            another_writer_is_not_waited_for_without_patience, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_counted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_output_is_known_again, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
