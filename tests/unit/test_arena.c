/* SPDX-License-Identifier: MIT */
/* test_arena.c - pieces that stay where they are until all are forgotten. */
#include "tests/unit/support.h"

#include "core/base/arena.h"
#include "core/base/rawmem.h"

#define PIECES 300

static size_t
piece_bytes(size_t i)
{
    return 1 + i * 37 % 2000;
}

/* Take PIECES pieces of many sizes and fill each; how many there were. */
static size_t
take_pieces(struct pt_arena *arena, unsigned char **piece)
{
    for (size_t i = 0; i < PIECES; i++) {
        piece[i] = pt_arena_array(arena, piece_bytes(i), 1);
        if (piece[i] == NULL) {
            return i;
        }
        memset(piece[i], (int)(i & 0xff), piece_bytes(i));
    }
    return PIECES;
}

static void
pieces_keep_their_place_and_content(void **state)
{
    unsigned char *piece[PIECES];
    struct pt_arena arena;

    (void)state;
    pt_arena_init(&arena);
    assert_int_equal(take_pieces(&arena, piece), PIECES);
    for (size_t i = 0; i < PIECES; i++) {
        assert_int_equal((uintptr_t)piece[i] % 16, 0);
        for (size_t k = 0; k < piece_bytes(i); k++) {
            assert_int_equal(piece[i][k], i & 0xff);
        }
    }
    pt_arena_release(&arena);
}

static void
a_steady_job_allocates_nothing(void **state)
{
    unsigned char *piece[PIECES], *again[PIECES];
    struct pt_arena arena;
    size_t total_bytes;

    (void)state;
    pt_arena_init(&arena);
    assert_int_equal(take_pieces(&arena, piece), PIECES);
    pt_arena_clear(&arena);
    total_bytes = arena.total_bytes;
    assert_int_equal(take_pieces(&arena, piece), PIECES);
    for (int round = 0; round < 3; round++) {
        pt_arena_clear(&arena);
        assert_int_equal(take_pieces(&arena, again), PIECES);
        assert_memory_equal(again, piece, sizeof(piece));
        assert_int_equal(arena.total_bytes, total_bytes);
    }
    pt_arena_release(&arena);
}

static void
one_piece_may_be_larger_than_a_block(void **state)
{
    struct pt_arena arena;
    char *small, *large;

    (void)state;
    pt_arena_init(&arena);
    small = pt_arena_array(&arena, 3, 5);
    large = pt_arena_array(&arena, 1000, 1000);
    assert_non_null(small);
    assert_non_null(large);
    memset(small, 1, 15);
    memset(large, 2, 1000000);
    assert_int_equal(small[14], 1);
    pt_arena_release(&arena);
}

static void
sizes_that_overflow_are_refused(void **state)
{
    static const size_t table[][2] = {
        {SIZE_MAX, 1},
        {1, SIZE_MAX},
        {SIZE_MAX / 2, 3},
        {SIZE_MAX / 16, 32},
    };
    struct pt_arena arena;

    (void)state;
    pt_arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_null(pt_arena_array(&arena, table[i][0], table[i][1]));
    }
    assert_non_null(pt_arena_array(&arena, 1, 1));
    pt_arena_release(&arena);
}

static void
a_released_arena_can_be_used_again(void **state)
{
    struct pt_arena arena;

    (void)state;
    pt_arena_init(&arena);
    pt_arena_clear(&arena);
    assert_non_null(pt_arena_array(&arena, 7, 7));
    pt_arena_release(&arena);
    pt_arena_release(&arena);
    assert_int_equal(arena.total_bytes, 0);
    assert_non_null(pt_arena_array(&arena, 7, 7));
    pt_arena_release(&arena);
}

#ifdef PT_TORTURE
static void
a_failure_leaves_what_was_taken(void **state)
{
    unsigned char *piece[PIECES];
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        struct pt_arena arena;
        size_t taken;

        pt_arena_init(&arena);
        pt_rawmem_fail_at(nth);
        taken = take_pieces(&arena, piece);
        pt_arena_clear(&arena);
        failed = pt_rawmem_has_failed();
        assert_true(taken == PIECES || failed);
        pt_rawmem_fail_at(0);
        assert_int_equal(take_pieces(&arena, piece), PIECES);
        pt_arena_release(&arena);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_keep_their_place_and_content),
        cmocka_unit_test(a_steady_job_allocates_nothing),
        cmocka_unit_test(one_piece_may_be_larger_than_a_block),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(a_released_arena_can_be_used_again),
#ifdef PT_TORTURE
        cmocka_unit_test(a_failure_leaves_what_was_taken),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
