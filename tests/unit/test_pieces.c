/* SPDX-License-Identifier: MIT */
/* test_pieces.c - extents are found wherever they are, and only those. */
#include "tests/unit/recordings.h"
#include "tests/unit/support.h"

#include "core/base/rawmem.h"
#include "core/timeline/pieces.h"
#include "core/timeline/segment.h"

static struct pt_pieces
find(int fd)
{
    struct pt_pieces pieces;

    assert_int_equal(pt_pieces_find(&pieces, fd, file_bytes(fd), PAGE), PT_OK);
    return pieces;
}

/* An extent of process `process` at page `page` whose payload is one word. */
static void
put(int fd, uint32_t page, uint32_t process, enum pt_segment segment,
    uint32_t first_item, uint64_t word)
{
    struct pt_extent extent = {.segment = segment,
                               .process = process,
                               .first_item = first_item,
                               .offset = (uint64_t)page * PAGE,
                               .bytes = PAGE,
                               .payload_bytes = sizeof(word)};

    put_extent(fd, extent, &word, sizeof(word));
}

static uint64_t
word_of(const struct pt_piece *piece)
{
    uint64_t word;

    memcpy(&word, piece->payload, sizeof(word));
    return word;
}

static void
pieces_are_sorted_and_mapped(void **state)
{
    // Not in the order in which they are written, and with a gap at page 4.
    static const struct {
        uint32_t page, process, segment, first_item;
    } table[] = {
        {6, 0, PT_SEGMENT_PROCESS, 0},   {3, 0, PT_SEGMENT_COUNTER, 0},
        {1, 0, PT_SEGMENT_COUNTER, 512}, {5, 1, PT_SEGMENT_PROCESS, 0},
        {2, 2, PT_SEGMENT_COUNTER, 0},
    };
    int fd = bare_recording();
    struct pt_pieces pieces;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        put(fd, table[i].page, table[i].process, table[i].segment,
            table[i].first_item, 1000 + i);
    }
    pieces = find(fd);
    assert_int_equal(pieces.count, COUNT_OF(table));
    assert_int_equal(pieces.processes, 3);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct pt_piece *piece = &pieces.piece[i];

        assert_int_equal(piece->process, table[i].process);
        assert_int_equal(piece->segment, table[i].segment);
        assert_int_equal(piece->first_item, table[i].first_item);
        assert_int_equal(piece->start,
                         table[i].first_item *
                             pt_segment_item_bytes(table[i].segment));
        assert_int_equal(piece->payload_bytes, sizeof(uint64_t));
        assert_int_equal(word_of(piece), 1000 + i);
    }
    pt_pieces_release(&pieces);
    close(fd);
}

static void
sealed_extents_are_located_only(void **state)
{
    int fd = bare_recording();
    struct pt_pieces pieces;

    (void)state;
    put(fd, 1, 0, PT_SEGMENT_SEALED, 3, 77);
    pieces = find(fd);
    assert_int_equal(pieces.count, 1);
    assert_null(pieces.piece[0].payload);
    assert_int_equal(pieces.piece[0].offset, PAGE + sizeof(struct pt_extent));
    pt_pieces_release(&pieces);
    close(fd);
}

static void
what_does_not_hold_is_stepped_over(void **state)
{
    static const struct {
        size_t place;    // of a field of the extent
        uint64_t value;  // that makes it wrong
        size_t bytes;
    } table[] = {
        {offsetof(struct pt_extent, magic), 1, 4},
        {offsetof(struct pt_extent, segment), 0xffff, 4},
        {offsetof(struct pt_extent, process), UINT32_MAX, 4},
        {offsetof(struct pt_extent, first_item), UINT32_MAX, 4},
        {offsetof(struct pt_extent, offset), PAGE, 8},
        {offsetof(struct pt_extent, bytes), 0, 8},
        {offsetof(struct pt_extent, bytes), PAGE + 1, 8},
        {offsetof(struct pt_extent, bytes), (uint64_t)1 << 60, 8},
        {offsetof(struct pt_extent, payload_bytes), PAGE, 8},
        {offsetof(struct pt_extent, payload_bytes), UINT64_MAX, 8},
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(table); i++) {
        struct pt_extent extent;
        struct pt_pieces pieces;
        off_t at = 2 * PAGE;
        int fd = bare_recording();

        for (uint32_t page = 1; page < 4; page++) {
            put(fd, page, 0, PT_SEGMENT_COUNTER, 512 * page, page);
        }
        assert_int_equal(pread(fd, &extent, sizeof(extent), at),
                         sizeof(extent));
        memcpy((char *)&extent + table[i / 2].place, &table[i / 2].value,
               table[i / 2].bytes);
        if (i % 2 != 0) {  // wrong, but with the check it needs
            extent.check = pt_extent_check(&extent);
        }
        assert_int_equal(pwrite(fd, &extent, sizeof(extent), at),
                         sizeof(extent));
        pieces = find(fd);
        assert_int_equal(pieces.count, 2);
        assert_int_equal(word_of(&pieces.piece[0]), 1);
        assert_int_equal(word_of(&pieces.piece[1]), 3);
        pt_pieces_release(&pieces);
        close(fd);
    }
}

static void
holes_are_leapt_over(void **state)
{
    uint64_t bytes = (uint64_t)1 << 40;
    int fd = bare_recording();
    struct pt_pieces pieces;

    (void)state;
    put(fd, 1, 0, PT_SEGMENT_COUNTER, 0, 5);
    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    put(fd, (1u << 28) - 1, 0, PT_SEGMENT_COUNTER, 512, 6);
    pieces = find(fd);
    assert_int_equal(pieces.count, 2);
    assert_int_equal(word_of(&pieces.piece[1]), 6);
    pt_pieces_release(&pieces);
    close(fd);
}

static void
what_is_made_our_own_leaves_the_file(void **state)
{
    int fd = bare_recording();
    struct pt_pieces pieces, again;
    uint64_t word = 9;

    (void)state;
    put(fd, 1, 0, PT_SEGMENT_COUNTER, 0, 5);
    pieces = find(fd);
    assert_int_equal(pt_pieces_own(&pieces, fd), PT_OK);
    memcpy((char *)pieces.piece[0].payload, &word, sizeof(word));
    again = find(fd);
    assert_int_equal(word_of(&pieces.piece[0]), 9);
    assert_int_equal(word_of(&again.piece[0]), 5);
    pt_pieces_release(&again);
    pt_pieces_release(&pieces);
    close(fd);
}

#ifdef PT_TORTURE
static void
without_memory_nothing_is_held(void **state)
{
    int fd = small_recording(), failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        struct pt_pieces pieces;
        int code;

        pt_rawmem_fail_at(nth);
        code = pt_pieces_find(&pieces, fd, file_bytes(fd), PAGE);
        failed = pt_rawmem_has_failed();
        assert_int_equal(code, failed ? PT_ERR_NOMEM : PT_OK);
        assert_int_equal(pieces.count, failed ? 0 : 4);
        pt_pieces_release(&pieces);
    }
    pt_rawmem_fail_at(0);
    close(fd);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_sorted_and_mapped),
        cmocka_unit_test(sealed_extents_are_located_only),
        cmocka_unit_test(what_does_not_hold_is_stepped_over),
        cmocka_unit_test(holes_are_leapt_over),
        cmocka_unit_test(what_is_made_our_own_leaves_the_file),
#ifdef PT_TORTURE
        cmocka_unit_test(without_memory_nothing_is_held),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
