/* SPDX-License-Identifier: MIT */
/* test_extent.c - file space taken, mapped, described and given back. */
#include "tests/unit/support.h"

#include "core/base/rawmem.h"
#include "core/timeline/extent.h"

static struct pt_timeline timeline;

static int
attach(void **state)
{
    *state = &timeline;
    return pt_timeline_attach(&timeline, new_recording(0), NULL);
}

static struct pt_extent *
head_of(char *payload)
{
    return (struct pt_extent *)(payload - sizeof(struct pt_extent));
}

/* A new extent of the NODE segment, which the array knows nothing of. */
static char *
map_extent(uint32_t first_item, size_t bytes)
{
    struct pt_extent_place place;

    assert_int_equal(
        pt_extent_map(&timeline, PT_SEGMENT_NODE, first_item, bytes, &place),
        PT_OK);
    return place.payload;
}

static void
an_extent_describes_itself(void **state)
{
    char *payload = map_extent(77, 5000);
    struct pt_extent *extent = head_of(payload);

    (void)state;
    assert_int_equal(extent->magic, PT_EXTENT_MAGIC);
    assert_int_equal(extent->segment, PT_SEGMENT_NODE);
    assert_int_equal(extent->process, 0);
    assert_int_equal(extent->first_item, 77);
    assert_int_equal(extent->bytes, timeline.header->align_bytes * 2);
    assert_int_equal(extent->payload_bytes, 5000);
    assert_true(extent->check == pt_extent_check(extent));
    pt_extent_unmap(payload, 5000);
}

static void
an_extent_lies_in_the_file_where_it_says(void **state)
{
    char bytes[16];
    char *payload = map_extent(0, 100);
    uint64_t offset = head_of(payload)->offset;

    (void)state;
    memcpy(payload, "found in a file", 16);
    assert_int_equal(pread(timeline.fd, bytes, 16,
                           (off_t)(offset + sizeof(struct pt_extent))),
                     16);
    assert_string_equal(bytes, "found in a file");
    assert_int_equal(offset % timeline.header->align_bytes, 0);
    pt_extent_unmap(payload, 100);
}

static void
extents_follow_each_other(void **state)
{
    static const size_t sizes[] = {1, 4032, 4033, 100000};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        uint64_t end = timeline.header->file_end;
        char *payload = map_extent(0, sizes[i]);

        assert_true(head_of(payload)->offset == end);
        assert_true(timeline.header->file_end ==
                    end + head_of(payload)->bytes);
        assert_true(file_bytes(timeline.fd) == timeline.header->file_end);
        pt_extent_unmap(payload, sizes[i]);
    }
}

static void
a_fork_takes_the_next_number_for_its_record(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < 4; i++) {
        struct pt_extent_place place;

        pt_timeline_before_fork(&timeline);
        pt_timeline_after_fork_parent(&timeline);
        assert_int_equal(timeline.header->processes, i + 1);
        assert_int_equal(
            pt_extent_map(&timeline, PT_SEGMENT_PROCESS, 0, 100, &place),
            PT_OK);
        assert_int_equal(place.process, i);
        pt_extent_unmap(place.payload, 100);
    }
}

static void
a_process_record_counts_when_it_is_published(void **state)
{
    struct pt_extent_place place;

    (void)state;
    assert_int_equal(
        pt_extent_map(&timeline, PT_SEGMENT_PROCESS, 0, 100, &place), PT_OK);
    assert_false(head_of(place.payload)->check ==
                 pt_extent_check(head_of(place.payload)));
    pt_extent_publish(place.payload);
    assert_true(head_of(place.payload)->check ==
                pt_extent_check(head_of(place.payload)));
    pt_extent_unmap(place.payload, 100);
}

static void
a_replaced_extent_keeps_address_and_content(void **state)
{
    char *payload = map_extent(3, 10000);
    uint64_t offset = head_of(payload)->offset;

    (void)state;
    memset(payload, 'x', 10000);
    assert_int_equal(pt_extent_replace(&timeline, PT_SEGMENT_NODE, 3, payload,
                                       payload, 10000),
                     PT_OK);
    assert_int_equal(payload[0], 'x');
    assert_int_equal(payload[9999], 'x');
    assert_true(head_of(payload)->offset > offset);
    assert_true(head_of(payload)->check == pt_extent_check(head_of(payload)));
    pt_extent_unmap(payload, 10000);
}

static void
what_is_replaced_stays_in_the_file(void **state)
{
    char byte;
    char *payload = map_extent(3, 100);
    off_t old = (off_t)(head_of(payload)->offset + sizeof(struct pt_extent));

    (void)state;
    payload[0] = 'a';
    assert_int_equal(pt_extent_replace(&timeline, PT_SEGMENT_NODE, 3, payload,
                                       payload, 100),
                     PT_OK);
    payload[0] = 'b';
    assert_int_equal(pread(timeline.fd, &byte, 1, old), 1);
    assert_int_equal(byte, 'a');
    pt_extent_unmap(payload, 100);
}

static void
mapped_bytes_are_counted_until_unmapped(void **state)
{
    uint64_t before = pt_rawmem_mapped_bytes();
    char *payload = map_extent(0, 5000);
    uint64_t mapped = pt_rawmem_mapped_bytes();

    (void)state;
    assert_int_equal(mapped, before + head_of(payload)->bytes);
    assert_int_equal(pt_extent_replace(&timeline, PT_SEGMENT_NODE, 0, payload,
                                       payload, 5000),
                     PT_OK);
    assert_int_equal(pt_rawmem_mapped_bytes(), mapped);
    pt_extent_unmap(payload, 5000);
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
}

/* Open another file under the number of the recording's descriptor; returns
 * one that still leads to the recording. */
static int
take_the_number(void)
{
    int kept = dup(timeline.fd);
    int other = empty_file();

    assert_int_equal(write(other, "the program's own", 17), 17);
    assert_int_equal(dup2(other, timeline.fd), timeline.fd);
    close(other);
    return kept;
}

static void
another_file_under_our_number_is_never_written(void **state)
{
    char bytes[18] = "";
    char *payload;
    int kept = take_the_number();

    (void)state;
    payload = map_extent(0, 5000);
    memset(payload, 'x', 5000);
    assert_int_equal(pt_extent_replace(&timeline, PT_SEGMENT_NODE, 0, payload,
                                       payload, 5000),
                     PT_OK);
    assert_int_equal(file_bytes(timeline.fd), 17);
    assert_int_equal(pread(timeline.fd, bytes, 17, 0), 17);
    assert_string_equal(bytes, "the program's own");
    assert_int_equal(timeline.process->trouble, PT_TROUBLE_SPACE);
    pt_extent_unmap(payload, 5000);
    close(kept);
}

static void
a_closed_descriptor_means_anonymous_memory(void **state)
{
    int kept = dup(timeline.fd);
    uint64_t before = file_bytes(kept);
    char *payload;

    (void)state;
    close(timeline.fd);
    payload = map_extent(0, 5000);
    memset(payload, 'x', 5000);
    assert_int_equal(timeline.process->trouble, PT_TROUBLE_SPACE);
    assert_true(file_bytes(kept) == before);
    pt_extent_unmap(payload, 5000);
    assert_int_equal(dup2(kept, timeline.fd), timeline.fd);
    close(kept);
}

#define test_attached(name) \
  cmocka_unit_test_setup_teardown(name, attach, release_state)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test_attached(an_extent_describes_itself),
        test_attached(an_extent_lies_in_the_file_where_it_says),
        test_attached(extents_follow_each_other),
        test_attached(a_fork_takes_the_next_number_for_its_record),
        test_attached(a_process_record_counts_when_it_is_published),
        test_attached(a_replaced_extent_keeps_address_and_content),
        test_attached(what_is_replaced_stays_in_the_file),
        test_attached(mapped_bytes_are_counted_until_unmapped),
        test_attached(another_file_under_our_number_is_never_written),
        test_attached(a_closed_descriptor_means_anonymous_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
