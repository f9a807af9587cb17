/* SPDX-License-Identifier: MIT */
/* test_page.c - bytes as docs/format.md has them, and bytes that lie. */
#include "tests/unit/support.h"

#include "core/timeline/page.h"

/* A page with room for some data; the head is that of a page not full yet. */
union written {
    struct pt_stream_page head;
    unsigned char room[sizeof(struct pt_stream_page) + 200];
};

static const struct pt_page_rate two_ns = {2.0};

/* A page of these bytes: times from 1000 ns at 500 units, the 40th event of
 * thread 3 is the first. */
static union written
page_of(const unsigned char *data, size_t bytes)
{
    const struct pt_stream_page head = {.stream = PT_STREAM_GIL,
                                        .used = (uint32_t)bytes,
                                        .first = 40,
                                        .start_ns = 1000,
                                        .start_units = 500,
                                        .thread = 3};
    union written page = {.room = {0}};

    memcpy(page.room, &head, sizeof(head));
    memcpy(page.head.data, data, bytes);
    return page;
}

static struct pt_event
next(struct pt_page *page)
{
    struct pt_event event;

    assert_int_equal(pt_page_next(page, &event), 1);
    return event;
}

/* A byte or two of an event of `code` with `operand` above the code. */
#define SMALL(code, operand) (unsigned char)((code) | (operand) << 4)

static void
calls_lines_and_blocks(void **state)
{
    static const unsigned char data[] = {
        SMALL(PT_EVENT_CALL, 7),   9,      // 7 units later: code 9
        SMALL(PT_EVENT_PLACE, 0),  9, 20,  // code 9, line 20
        SMALL(PT_EVENT_LINE, 4),           // + 2
        SMALL(PT_EVENT_LINE, 5),           // - 3
        SMALL(PT_EVENT_ALLOC, 6),          // pair 6
        0x80 | PT_EVENT_FREE,      1,      // pair 8, in two bytes
        SMALL(PT_EVENT_SWITCH, 5),         // no event: thread 5
        SMALL(PT_EVENT_TIME, 3),           // no event: 3 units
        SMALL(PT_EVENT_RETURN, 0),
    };
    union written written = page_of(data, sizeof(data));
    struct pt_page page;
    struct pt_event event;

    (void)state;
    pt_page_open(&page, &written, sizeof(written), two_ns);
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_CALL);
    assert_int_equal(event.code, 9);
    assert_int_equal(event.thread, 3);
    assert_int_equal(event.sequence, 40);
    assert_int_equal(event.time_ns, 1000 + 7 * 2);
    for (int i = 0; i < 3; i++) {
        event = next(&page);
        assert_int_equal(event.kind, PT_KIND_LINE);
        assert_int_equal(event.code, 9);
        assert_int_equal(event.line, i == 0 ? 20 : i == 1 ? 22 : 19);
        assert_int_equal(event.time_ns, 1014);
    }
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_ALLOC);
    assert_int_equal(event.pair, 6);
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_FREE);
    assert_int_equal(event.pair, 8);
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_RETURN);
    assert_int_equal(event.thread, 5);
    assert_int_equal(event.time_ns, 1000 + 10 * 2);
    assert_int_equal(pt_page_next(&page, &event), 0);
    assert_int_equal(page.is_broken, 0);
}

static void
rare_events_have_numbers_and_texts(void **state)
{
    static const unsigned char data[] = {
        SMALL(PT_EVENT_OTHER, 1),
        PT_OTHER_GC_STOP,
        3,
        2,
        5,
        1,
        SMALL(PT_EVENT_OTHER, 0),
        PT_OTHER_SPAN_BEGIN,
        3,
        7,
        'a',
        'b',
        SMALL(PT_EVENT_OTHER, 0),
        PT_OTHER_MARK,
        0,
        SMALL(PT_EVENT_OTHER, 0),
        99,
        2,
        'x',
        'y',
    };
    union written written = page_of(data, sizeof(data));
    struct pt_page page;
    struct pt_event event;

    (void)state;
    pt_page_open(&page, &written, sizeof(written), two_ns);
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_GC_STOP);
    assert_int_equal(event.number, 2);
    assert_int_equal(event.collected, 5);
    assert_int_equal(event.uncollectable, 1);
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_SPAN_BEGIN);
    assert_int_equal(event.number, 7);
    assert_int_equal(event.text_bytes, 2);
    assert_memory_equal(event.text, "ab", 2);
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_MARK);
    assert_int_equal(event.text_bytes, 0);
    // Of a newer version: its bytes are passed over.
    event = next(&page);
    assert_int_equal(event.kind, PT_KIND_UNKNOWN);
    assert_int_equal(pt_page_next(&page, &event), 0);
    assert_int_equal(page.is_broken, 0);
}

static void
a_full_page_tells_its_own_rate(void **state)
{
    static const unsigned char data[] = {SMALL(PT_EVENT_RETURN, 4)};
    union written written = page_of(data, sizeof(data));
    struct pt_page page;

    (void)state;
    written.head.end_ns = 1000 + 100 * 5;
    written.head.end_units = 500 + 100;
    pt_page_open(&page, &written, sizeof(written), two_ns);
    assert_int_equal(next(&page).time_ns, 1000 + 4 * 5);
}

static void
a_time_that_no_clock_reaches_is_none(void **state)
{
    static const struct pt_page_rate too_fast = {1e300};
    static const unsigned char data[] = {SMALL(PT_EVENT_CALL, 7), 9,
                                         SMALL(PT_EVENT_RETURN, 0)};
    union written written = page_of(data, sizeof(data));
    struct pt_page page;

    (void)state;
    pt_page_open(&page, &written, sizeof(written), too_fast);
    assert_int_equal(next(&page).time_ns, 1000);
    assert_int_equal(next(&page).time_ns, 1000);
}

static void
what_is_cut_short_is_broken(void **state)
{
    static const struct {
        unsigned char data[6];
        size_t bytes;
    } table[] = {
        {{0x80}, 1},                                        // a number ends
        {{SMALL(PT_EVENT_CALL, 1)}, 1},                     // no code
        {{SMALL(PT_EVENT_PLACE, 0), 1}, 2},                 // no line
        {{SMALL(PT_EVENT_OTHER, 0), PT_OTHER_MARK, 9}, 3},  // no text
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80}, 6},          // has no end
        {{SMALL(15, 0)}, 1},                                // no such code
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        union written written = page_of(table[i].data, table[i].bytes);
        struct pt_page page;
        struct pt_event event;

        pt_page_open(&page, &written, sizeof(written), two_ns);
        assert_int_equal(pt_page_next(&page, &event), 0);
        assert_int_equal(page.is_broken, 1);
        assert_int_equal(pt_page_next(&page, &event), 0);
    }
}

static void
a_head_that_lies_is_not_believed(void **state)
{
    static const unsigned char data[] = {SMALL(PT_EVENT_RETURN, 4)};
    union written written = page_of(data, sizeof(data));
    struct pt_page page;
    struct pt_event event;

    (void)state;
    for (size_t bytes = 0; bytes < sizeof(written.head); bytes++) {
        pt_page_open(&page, &written, bytes, two_ns);
        assert_int_equal(pt_page_next(&page, &event), 0);
        assert_int_equal(page.is_broken, 1);
    }
    // More is said to be used than there is: what is there can be read.
    written.head.used = UINT32_MAX;
    pt_page_open(&page, &written, sizeof(written.head) + 1, two_ns);
    assert_int_equal(page.is_broken, 1);
    // Time that runs backwards is no rate.
    written.head.used = 1;
    written.head.end_ns = 1;
    written.head.end_units = 1;
    pt_page_open(&page, &written, sizeof(written), two_ns);
    assert_int_equal(next(&page).time_ns, 1000 + 4 * 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_lines_and_blocks),
        cmocka_unit_test(rare_events_have_numbers_and_texts),
        cmocka_unit_test(a_full_page_tells_its_own_rate),
        cmocka_unit_test(a_time_that_no_clock_reaches_is_none),
        cmocka_unit_test(what_is_cut_short_is_broken),
        cmocka_unit_test(a_head_that_lies_is_not_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
