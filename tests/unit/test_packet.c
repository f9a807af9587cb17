/* SPDX-License-Identifier: MIT */
/* test_packet.c - the checksum of a packet, and how far the next one is. */
#include "core/timeline/packet.h"

#include "tests/unit/support.h"

/* XXH64 of the bytes, seeded with XXH64 of the head: worked out by the plain
 * Python of tests/python/sealed_bytes.py. */
static void
checks_are_those_of_another_hand(void **state)
{
    static const struct pt_packet packets[] = {
        {PT_PACKET_MAGIC, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 0},
        {PT_PACKET_MAGIC, 2, 0, 1, 0, 200, 1, UINT64_C(1000000000000000000),
         UINT64_C(1000000000000000001), 4000, 200, 77},
    };
    unsigned char bytes[200];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)i;
    }
    assert_true(pt_packet_check(&packets[0], "123456789") ==
                UINT64_C(0x47992150b97dfc4a));
    assert_true(pt_packet_check(&packets[1], bytes) ==
                UINT64_C(0xda87703185eac7dc));
}

static void
every_byte_counts_but_those_of_the_check(void **state)
{
    struct pt_packet packet = {
        PT_PACKET_MAGIC, PT_PACKET_EVENTS, 1, 0, 5, 6, 0, 10, 20, 3000, 8, 0};
    char bytes[8] = "abcdefg";
    uint64_t check = pt_packet_check(&packet, bytes);
    size_t length = offsetof(struct pt_packet, packed_bytes);

    (void)state;
    for (size_t i = 0; i < sizeof(packet); i++) {
        struct pt_packet other = packet;

        // The length says how many bytes there are to be read.
        if (i - length < sizeof(packet.packed_bytes)) {
            continue;
        }
        ((char *)&other)[i] ^= 0x10;
        assert_int_equal(pt_packet_check(&other, bytes) == check,
                         i >= offsetof(struct pt_packet, check));
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] ^= 1;
        assert_true(pt_packet_check(&packet, bytes) != check);
        bytes[i] ^= 1;
    }
    packet.packed_bytes = 7;
    assert_true(pt_packet_check(&packet, bytes) != check);
}

static void
the_next_one_begins_at_a_multiple_of_8(void **state)
{
    static const size_t spans[][2] = {
        {1, 72},
        {7, 72},
        {8, 72},
        {9, 80},
        {16, 80},
        {PT_PACKET_RAW_MAX, 64 + PT_PACKET_RAW_MAX},
        {4095, 64 + 4096},
        {UINT32_MAX, 64 + (UINT64_C(1) << 32)},  // of a damaged head
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct pt_packet packet = {.packed_bytes = (uint32_t)spans[i][0]};

        assert_int_equal(pt_packet_span(&packet), spans[i][1]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_are_those_of_another_hand),
        cmocka_unit_test(every_byte_counts_but_those_of_the_check),
        cmocka_unit_test(the_next_one_begins_at_a_multiple_of_8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
