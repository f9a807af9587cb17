/* SPDX-License-Identifier: MIT */
/* test_instant.c - snapshots taken, listed, rewound to; killed, full, damaged.
 */
#include "core/timeline/instants.h"

#include "core/base/rawmem.h"
#include "tests/unit/figures.h"

#define PAIRS 30000u  // more figures than one packet holds

static void
take(struct figures *figures, const char *label)
{
    assert_int_equal(pt_instant_take(&figures->timeline, label, strlen(label)),
                     PT_OK);
}

static struct pt_pair *
pair_at(struct figures *figures, uint32_t id)
{
    return item_of(&figures->timeline, PT_SEGMENT_PAIR, id);
}

static void
grow_pairs(struct figures *figures, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id =
            pt_timeline_append(&figures->timeline, PT_SEGMENT_PAIR, 1);

        assert_int_not_equal(id, 0);
        pair_at(figures, id)->size_bytes = 16;
    }
}

/* Each pair i has i * factor blocks. */
static void
set_pairs(struct figures *figures, uint32_t factor)
{
    uint32_t items =
        atomic_load(figures->timeline.array[PT_SEGMENT_PAIR].items);

    for (uint32_t i = 1; i < items; i++) {
        atomic_store(&pair_at(figures, i)->live, (int64_t)i * factor);
        atomic_store(&pair_at(figures, i)->allocated, (uint64_t)i * 100);
    }
    atomic_store(&figures->timeline.process->traced_bytes, 1000 * factor);
}

static int64_t
live_of(const struct pt_reader *reader, uint32_t id)
{
    struct pt_pair pair;

    assert_true(
        pt_reader_copy(reader, 0, PT_SEGMENT_PAIR, id, &pair, sizeof(pair)));
    return atomic_load(&pair.live);
}

static void
a_reader_goes_back_to_a_snapshot(void **state)
{
    struct figures figures;
    struct pt_reader *reader;
    uint64_t *counter;

    (void)state;
    figures_start(&figures, PT_WANT_MEM | PT_WANT_COUNT, "a.py");
    counter = append_counter(&figures.timeline);
    grow_pairs(&figures, PAIRS);
    set_pairs(&figures, 1);
    *counter = PT_COUNTER_EXECUTABLE | 5;
    take(&figures, "one");
    *counter += 2;
    *append_counter(&figures.timeline) = 9;
    grow_pairs(&figures, 10);
    set_pairs(&figures, 3);
    take(&figures, "two");
    set_pairs(&figures, 7);

    reader = open_reader(figures.fd);
    assert_int_equal(pt_instants_rewind(reader, "three"), PT_ERR_RANGE);
    assert_int_equal(live_of(reader, 4), 28);
    assert_int_equal(pt_instants_rewind(reader, "one"), PT_OK);
    assert_int_equal(live_of(reader, 1), 1);
    assert_int_equal(live_of(reader, PAIRS), PAIRS);
    assert_int_equal(live_of(reader, PAIRS + 10), 0);
    assert_int_equal(hits_of(reader, 0), 5);
    assert_int_equal(atomic_load(&pt_reader_process(reader, 0)->traced_bytes),
                     1000);
    assert_int_equal(pt_instants_rewind(reader, "two"), PT_OK);
    assert_int_equal(live_of(reader, PAIRS + 10), 3 * (PAIRS + 10));
    assert_int_equal(hits_of(reader, 0), 16);
    pt_reader_close(reader);

    // The file is as it was.
    assert_int_equal(atomic_load(&pair_at(&figures, 4)->live), 28);
    figures_end(&figures);
}

static void
the_last_of_a_label_counts_and_numbers_tell_them_apart(void **state)
{
    struct figures figures;
    struct pt_reader *reader;
    struct pt_instants instants;

    (void)state;
    figures_start(&figures, PT_WANT_MEM, "a.py");
    grow_pairs(&figures, 1);
    for (uint32_t i = 1; i <= 4; i++) {
        set_pairs(&figures, i);
        take(&figures, i % 2 != 0 ? "odd" : "");
    }
    reader = open_reader(figures.fd);
    assert_int_equal(pt_instants_init(&instants, reader), PT_OK);
    assert_int_equal(instants.count, 4);
    assert_string_equal(instants.instant[0].label, "odd");
    assert_int_equal(pt_instant_live_bytes(&instants.instant[3]), 4000);
    assert_ptr_equal(pt_instants_find(&instants, 0, "odd"),
                     &instants.instant[2]);
    assert_null(pt_instants_find(&instants, 1, "odd"));
    pt_instants_release(&instants);
    assert_int_equal(pt_instants_rewind(reader, "#1"), PT_OK);
    assert_int_equal(live_of(reader, 1), 2);
    pt_reader_close(reader);
    figures_end(&figures);
}

/* A snapshot is of one process; others are not there at that moment. */
static void
processes_without_a_snapshot_are_left_out(void **state)
{
    struct figures figures;
    struct pt_reader *reader;
    pid_t child;

    (void)state;
    figures_start(&figures, PT_WANT_MEM, "a.py");
    grow_pairs(&figures, 2);
    set_pairs(&figures, 1);
    take(&figures, "before");
    child = fork_timeline(&figures.timeline);
    if (child == 0) {
        set_pairs(&figures, 5);
        child_check(pt_instant_take(&figures.timeline, "in", 2) == PT_OK);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_instants_rewind(reader, "before"), PT_OK);
    assert_null(pt_reader_process(reader, 1));
    assert_int_equal(live_of(reader, 2), 2);
    pt_reader_close(reader);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_instants_rewind(reader, "in"), PT_OK);
    assert_non_null(pt_reader_process(reader, 1));
    assert_int_equal(live_of(reader, 2), 0);
    pt_reader_close(reader);
    figures_end(&figures);
}

/* What does not fit leaves the snapshots before it, and the program. */
static void
fill_the_disk(void)
{
    struct figures figures;
    struct pt_reader *reader;
    struct pt_instants instants;

    figures_start(&figures, PT_WANT_MEM, "a.py");
    grow_pairs(&figures, PAIRS);
    set_pairs(&figures, 1);
    child_check(pt_instant_take(&figures.timeline, "fits", 4) == PT_OK);
    limit_file_size(file_bytes(figures.fd));
    while (pt_instant_take(&figures.timeline, "not", 3) == PT_OK) {
    }
    child_check(figures.timeline.process->trouble & PT_TROUBLE_SPACE);
    reader = open_reader(figures.fd);
    child_check(pt_instants_init(&instants, reader) == PT_OK);
    child_check(instants.count >= 1);
    child_check(pt_instants_rewind(reader, "fits") == PT_OK);
    child_check(live_of(reader, PAIRS) == PAIRS);
}

static void
a_full_disk_loses_what_comes_then(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(fill_the_disk), 0);
}

/* Any byte of it may be wrong: then there is no such snapshot. */
static void
a_damaged_snapshot_is_none(void **state)
{
    struct figures figures;
    struct pt_reader *reader;
    struct pt_instants instants;
    uint64_t place = 0, end = 0;

    (void)state;
    figures_start(&figures, PT_WANT_MEM, "a.py");
    grow_pairs(&figures, PAIRS);
    set_pairs(&figures, 1);
    take(&figures, "one");
    reader = open_reader(figures.fd);
    for (uint32_t i = 0; i < pt_reader_extents(reader); i++) {
        struct pt_reader_extent extent = pt_reader_extent(reader, i);

        if (extent.segment == PT_SEGMENT_SEALED) {
            place = extent.offset + sizeof(struct pt_extent);
            end = extent.offset + extent.bytes;
        }
    }
    pt_reader_close(reader);
    assert_int_not_equal(place, 0);
    for (uint64_t at = place; at < place + 200 && at < end; at++) {
        unsigned char byte, other;

        assert_int_equal(pread(figures.fd, &byte, 1, (off_t)at), 1);
        other = (unsigned char)~byte;
        assert_int_equal(pwrite(figures.fd, &other, 1, (off_t)at), 1);
        reader = open_reader(figures.fd);
        assert_int_equal(pt_instants_init(&instants, reader), PT_OK);
        assert_int_equal(instants.count, 0);
        pt_instants_release(&instants);
        pt_reader_close(reader);
        assert_int_equal(pwrite(figures.fd, &byte, 1, (off_t)at), 1);
    }
    figures_end(&figures);
}

#ifdef PT_TORTURE
/* With the n-th allocation failing: told, and nothing is lost or leaks. */
static void
every_allocation_may_fail(void **state)
{
    struct figures figures;
    struct pt_reader *reader;
    uint64_t nth = 1;
    int code;

    (void)state;
    figures_start(&figures, PT_WANT_MEM, "a.py");
    grow_pairs(&figures, 100);
    set_pairs(&figures, 1);
    do {
        pt_rawmem_fail_at(nth++);
        code = pt_instant_take(&figures.timeline, "x", 1);
        assert_true(code == PT_OK || pt_rawmem_has_failed());
    } while (pt_rawmem_has_failed());
    pt_rawmem_fail_at(0);
    reader = open_reader(figures.fd);
    nth = 1;
    do {
        pt_rawmem_fail_at(nth++);
        code = pt_instants_rewind(reader, "x");
        assert_true(code == PT_OK || code == PT_ERR_NOMEM);
    } while (pt_rawmem_has_failed());
    assert_int_equal(live_of(reader, 100), 100);
    pt_reader_close(reader);
    figures_end(&figures);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_goes_back_to_a_snapshot),
        cmocka_unit_test(
            the_last_of_a_label_counts_and_numbers_tell_them_apart),
        cmocka_unit_test(processes_without_a_snapshot_are_left_out),
        cmocka_unit_test(a_full_disk_loses_what_comes_then),
        cmocka_unit_test(a_damaged_snapshot_is_none),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
