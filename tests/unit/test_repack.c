/* SPDX-License-Identifier: MIT */
/* test_repack.c - packets and pages on another clock, and nothing else new. */
#include "core/timeline/repack.h"

#include "core/base/rawmem.h"
#include "core/timeline/eventlog.h"
#include "tests/unit/figures.h"
#include "tests/unit/sealing.h"

#define SHIFT_NS UINT64_C(1000000007)
#define PAGE_BYTES 4096
#define PACKETS 1500u  // more than one extent of those that do not pack
#define EVENTS 5000u

static void
a_full_page_keeps_its_rate(void **state)
{
    static const struct pt_header header;
    struct pt_stream_page page = {.used = 5,
                                  .first = 77,
                                  .start_ns = 1000,
                                  .start_units = 50,
                                  .end_ns = 3000,
                                  .end_units = 150,
                                  .thread = 2,
                                  .order = 9};
    struct pt_stream_page moved = page;

    (void)state;
    pt_repack_page(&moved, sizeof(moved), SHIFT_NS, &header);
    assert_int_equal(moved.start_ns, 1000 + SHIFT_NS);
    assert_int_equal(moved.end_ns, 3000 + SHIFT_NS);
    moved.start_ns = page.start_ns;
    moved.end_ns = page.end_ns;
    assert_memory_equal(&moved, &page, sizeof(page));
    // To an earlier time, by what goes round.
    pt_repack_page(&moved, sizeof(moved), -(uint64_t)900, &header);
    assert_int_equal(moved.start_ns, 100);
    assert_int_equal(moved.end_ns, 2100);
}

static void
a_page_in_the_making_gets_that_of_the_header(void **state)
{
    static const struct {
        uint32_t kind, shift;
        uint64_t latest_ns, latest_ticks;
        uint64_t ns, units;  // that many are that many
    } rates[] = {
        {PT_TICK_NS, 4, 0, 0, 16, 1},
        {PT_TICK_COUNTER, 5, 0, 0, 0, 1},
        {PT_TICK_COUNTER, 5, 500 + 2000, 900 + 6400, 2000, 200},
        {PT_TICK_COUNTER, 5, 500 + 2000, 900 + 31, 0, 1},  // no unit passed
        {PT_TICK_COUNTER, 5, 500, 900 + 6400, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct pt_header header = {.tick_kind = rates[i].kind,
                                   .tick_shift = rates[i].shift,
                                   .start_ns = 500,
                                   .start_ticks = 900,
                                   .latest_ns = rates[i].latest_ns,
                                   .latest_ticks = rates[i].latest_ticks};
        struct pt_stream_page page = {.start_ns = 1000, .start_units = 50};

        pt_repack_page(&page, sizeof(page), SHIFT_NS, &header);
        assert_int_equal(page.start_ns, 1000 + SHIFT_NS);
        assert_int_equal(page.end_ns - page.start_ns, rates[i].ns);
        assert_int_equal(page.end_units - page.start_units, rates[i].units);
    }
}

static void
what_is_no_page_stays_as_it_is(void **state)
{
    static const struct pt_header header;
    char bytes[sizeof(struct pt_stream_page) - 1] = "less than a page";

    (void)state;
    pt_repack_page(bytes, sizeof(bytes), SHIFT_NS, &header);
    assert_string_equal(bytes, "less than a page");
    assert_int_equal(bytes[32], 0);
}

/* Copy the packets of process 0 as those of process `number`: the file. */
static int
repacked(const struct pt_reader *reader, uint32_t number, uint64_t shift_ns,
         uint64_t *damaged)
{
    struct pt_merger merger;
    int fd = empty_file();

    assert_int_equal(pt_merger_begin(&merger, fd, pt_reader_header(reader)),
                     PT_OK);
    assert_int_equal(pt_repack_copy(&merger, reader, 0, number, shift_ns),
                     PT_OK);
    assert_int_equal(pt_merger_end(&merger), PT_OK);
    *damaged = merger.damaged;
    return fd;
}

static void
seal_many(struct figures *figures, int random)
{
    figures_start(figures, 0, "a.py");
    for (uint32_t i = 0; i < PACKETS; i++) {
        assert_int_equal(seal_numbered(&figures->timeline, i, random), PT_OK);
    }
}

static void
packets_are_the_same_under_another_number(void **state)
{
    (void)state;
    for (int random = 0; random < 2; random++) {
        struct figures figures;
        struct pt_reader *reader, *copy;
        uint64_t damaged;
        int fd;

        seal_many(&figures, random);
        reader = open_reader(figures.fd);
        fd = repacked(reader, 3, 0, &damaged);
        assert_int_equal(damaged, 0);
        copy = open_reader(fd);
        assert_int_equal(count_packets(copy, 3, random, &damaged), PACKETS);
        assert_int_equal(count_packets(copy, 0, random, &damaged), 0);
        pt_reader_close(copy);
        pt_reader_close(reader);
        close(fd);
        figures_end(&figures);
    }
}

static void
their_times_are_moved(void **state)
{
    const struct pt_packet *head;
    struct pt_reader *reader, *copy;
    struct pt_packets *packets;
    struct figures figures;
    uint64_t damaged, number = 0;
    int fd;

    (void)state;
    seal_many(&figures, 0);
    reader = open_reader(figures.fd);
    fd = repacked(reader, 1, SHIFT_NS, &damaged);
    copy = open_reader(fd);
    assert_int_equal(pt_packets_open(&packets, copy, 1), PT_OK);
    while (pt_packets_next(packets, &head) > 0) {
        assert_int_equal(head->first, number);
        assert_int_equal(head->start_ns, 100 + number + SHIFT_NS);
        assert_int_equal(head->end_ns, 200 + number + SHIFT_NS);
        number++;
    }
    assert_int_equal(number, PACKETS);
    pt_packets_close(packets);
    pt_reader_close(copy);
    pt_reader_close(reader);
    close(fd);
    figures_end(&figures);
}

/* Turn around a byte of the first packet's content. */
static void
damage(const struct figures *figures, const struct pt_reader *reader)
{
    for (uint32_t i = 0; i < pt_reader_extents(reader); i++) {
        struct pt_reader_extent extent = pt_reader_extent(reader, i);
        off_t at = (off_t)(extent.offset + sizeof(struct pt_extent) +
                           sizeof(struct pt_packet));
        unsigned char byte;

        if (extent.segment == PT_SEGMENT_SEALED && extent.first_item == 0) {
            assert_int_equal(pread(figures->fd, &byte, 1, at), 1);
            byte ^= 0xff;
            assert_int_equal(pwrite(figures->fd, &byte, 1, at), 1);
        }
    }
}

static void
what_does_not_hold_is_left_out_and_counted(void **state)
{
    struct pt_reader *reader, *copy;
    struct figures figures;
    uint64_t damaged;
    int fd;

    (void)state;
    seal_many(&figures, 1);
    reader = open_reader(figures.fd);
    damage(&figures, reader);
    fd = repacked(reader, 0, 0, &damaged);
    assert_int_equal(damaged, 1);
    copy = open_reader(fd);
    assert_int_equal(count_packets(copy, 0, 1, &damaged), PACKETS - 1);
    assert_int_equal(damaged, 0);
    pt_reader_close(copy);
    pt_reader_close(reader);
    close(fd);
    figures_end(&figures);
}

static void
write_events(struct figures *figures)
{
    struct pt_timeline *timeline = &figures->timeline;

    figures_start(figures, 0, "a.py");
    pt_stream_thread = 0;
    assert_int_equal(pt_stream_open(timeline, PT_STREAM_GIL, PAGE_BYTES),
                     PT_OK);
    for (uint32_t i = 0; i < EVENTS; i++) {
        pt_stream_enter(&timeline->stream[PT_STREAM_GIL], PT_EVENT_CALL, i);
    }
}

/* Those of packets; of a page in the making another would have to be made. */
static void
events_move_with_their_pages(void **state)
{
    struct pt_reader *reader, *copy;
    struct pt_eventlog *log, *moved;
    struct pt_event event, other;
    struct figures figures;
    uint64_t damaged;
    uint32_t count = 0;
    int fd;

    (void)state;
    write_events(&figures);
    reader = open_reader(figures.fd);
    fd = repacked(reader, 0, SHIFT_NS, &damaged);
    copy = open_reader(fd);
    assert_int_equal(pt_eventlog_open(&log, reader, 0), PT_OK);
    assert_int_equal(pt_eventlog_open(&moved, copy, 0), PT_OK);
    while (pt_eventlog_next(moved, &other) > 0) {
        assert_int_equal(pt_eventlog_next(log, &event), 1);
        assert_int_equal(other.time_ns, event.time_ns + SHIFT_NS);
        assert_int_equal(other.kind, event.kind);
        assert_int_equal(other.code, event.code);
        assert_int_equal(other.thread, event.thread);
        count++;
    }
    assert_in_range(count, EVENTS / 2, EVENTS);
    pt_eventlog_close(log);
    pt_eventlog_close(moved);
    pt_reader_close(copy);
    pt_reader_close(reader);
    close(fd);
    figures_end(&figures);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct figures figures;
    struct pt_reader *reader;
    int is_done = 0;

    (void)state;
    write_events(&figures);
    reader = open_reader(figures.fd);
    for (uint64_t nth = 1; !is_done; nth++) {
        struct pt_merger merger;
        int fd = empty_file(), code;

        assert_int_equal(
            pt_merger_begin(&merger, fd, pt_reader_header(reader)), PT_OK);
        pt_rawmem_fail_at(nth);
        code = pt_repack_copy(&merger, reader, 0, 0, SHIFT_NS);
        is_done = !pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
        assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
        close(fd);
    }
    pt_reader_close(reader);
    figures_end(&figures);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_page_keeps_its_rate),
        cmocka_unit_test(a_page_in_the_making_gets_that_of_the_header),
        cmocka_unit_test(what_is_no_page_stays_as_it_is),
        cmocka_unit_test(packets_are_the_same_under_another_number),
        cmocka_unit_test(their_times_are_moved),
        cmocka_unit_test(what_does_not_hold_is_left_out_and_counted),
        cmocka_unit_test(events_move_with_their_pages),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
