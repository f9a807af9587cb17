/* SPDX-License-Identifier: MIT */
/* test_aggregate.c - figures of codes and processes added up by line. */
#include "tests/unit/figures.h"

#include "cli/report/figures/aggregate.h"
#include "core/base/rawmem.h"

static const struct pt_place nowhere;

/* The place of a line, or one of zeros. */
static const struct pt_place *
place_of(const struct pt_aggregate *sum, const char *path, uint32_t line)
{
    for (uint32_t i = 0; i < sum->places; i++) {
        const struct pt_place *place = &sum->place[i];

        if (place->line == line &&
            strcmp(sum->file[place->file].path, path) == 0) {
            return place;
        }
    }
    return &nowhere;
}

static struct pt_reader *
add_up(struct figures *figures, struct pt_aggregate *sum)
{
    struct pt_reader *reader = open_reader(figures->fd);

    assert_int_equal(pt_aggregate_init(sum, reader), PT_OK);
    return reader;
}

static void
codes_of_a_line_are_added(void **state)
{
    static const int module[] = {1, -1, 1, 0};
    static const int function[] = {20, 19};
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_reader *reader;
    uint32_t file, other;

    (void)state;
    figures_start(&figures, PT_WANT_COUNT, "a.py");
    file = add_file(&figures, "/code/a.py");
    other = add_file(&figures, "/code/b.py");
    add_code(&figures, file, 1, module, 4);
    add_code(&figures, file, 3, function, 2);
    add_code(&figures, other, 3, function, 2);
    add_code(&figures, other, 0, NULL, 0);
    reader = add_up(&figures, &sum);
    assert_int_equal(place_of(&sum, "/code/a.py", 1)->hits, 1);
    assert_false(place_of(&sum, "/code/a.py", 2)->is_executable);
    assert_int_equal(place_of(&sum, "/code/a.py", 3)->hits, 21);
    assert_int_equal(place_of(&sum, "/code/a.py", 4)->hits, 19);
    assert_int_equal(place_of(&sum, "/code/b.py", 3)->hits, 20);
    assert_int_equal(sum.files, 3);
    assert_string_equal(sum.file[0].path, PT_UNKNOWN_FILE);
    assert_int_equal(sum.file[1].hits, 41);
    assert_int_equal(sum.file[1].places, 3);
    assert_int_equal(sum.place[sum.file[2].first].line, 3);
    pt_aggregate_release(&sum);
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
terms_give_hits_by_weight(void **state)
{
    static const int counts[] = {100, 7};
    static const struct pt_term terms[] = {{0, 0, 1},  {10, 0, 1},
                                           {11, 0, 1}, {11, 1, -1},
                                           {12, 1, 2}, {13, 1, -1}};
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_reader *reader;
    struct pt_code *code;

    (void)state;
    figures_start(&figures, PT_WANT_COUNT, "a.py");
    code = item_of(
        &figures.timeline, PT_SEGMENT_CODE,
        add_code(&figures, add_file(&figures, "/a.py"), 10, counts, 2));
    code->terms = COUNT_OF(terms);
    code->term = pt_timeline_append(&figures.timeline, PT_SEGMENT_TERM,
                                    COUNT_OF(terms));
    for (uint32_t i = 0; i < COUNT_OF(terms); i++) {
        *(struct pt_term *)item_of(&figures.timeline, PT_SEGMENT_TERM,
                                   code->term + i) = terms[i];
    }
    reader = add_up(&figures, &sum);
    assert_int_equal(place_of(&sum, "/a.py", 10)->hits, 100);
    assert_int_equal(place_of(&sum, "/a.py", 11)->hits, 93);
    assert_int_equal(place_of(&sum, "/a.py", 12)->hits, 14);
    assert_int_equal(place_of(&sum, "/a.py", 13)->hits, 0);
    assert_true(place_of(&sum, "/a.py", 13)->is_executable);
    // Terms of line 0 are calls.
    assert_false(place_of(&sum, "/a.py", 0)->is_executable);
    pt_aggregate_release(&sum);
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
pairs_of_a_line_are_added(void **state)
{
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_reader *reader;
    uint32_t code;

    (void)state;
    figures_start(&figures, PT_WANT_MEM, "a.py");
    code = add_code(&figures, add_file(&figures, "/a.py"), 1, NULL, 0);
    add_pair(&figures, code, 5, 100, 10, 3);
    add_pair(&figures, code, 5, 40, 2, 0);
    add_pair(&figures, code, 6, 300, 1, 1);
    add_pair(&figures, code, 7, 8, 9, 0);
    add_pair(&figures, 0, 0, 16, 4, 2);
    add_pair(&figures, code, 8, 16, 0, -3);
    reader = add_up(&figures, &sum);
    assert_int_equal(place_of(&sum, "/a.py", 5)->memory.allocated.bytes, 1080);
    assert_int_equal(place_of(&sum, "/a.py", 5)->memory.live.blocks, 3);
    assert_int_equal(sum.place[0].memory.live.bytes, 32);
    assert_int_equal(sum.memory.live.bytes, 632);
    assert_int_equal(sum.memory.live.blocks, 6);
    assert_int_equal(sum.memory.allocated.blocks, 26);
    pt_aggregate_release(&sum);
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
what_a_fork_inherited_is_counted_once(void **state)
{
    static const int counts[] = {5};
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_reader *reader;
    struct pt_pair *pair;
    uint32_t code;
    pid_t child;

    (void)state;
    figures_start(&figures, PT_WANT_COUNT | PT_WANT_MEM, "a.py");
    code = add_code(&figures, add_file(&figures, "/a.py"), 1, counts, 1);
    pair = add_pair(&figures, code, 1, 100, 10, 10);
    child = fork_timeline(&figures.timeline);
    if (child == 0) {
        uint64_t *counter =
            item_of(&figures.timeline, PT_SEGMENT_COUNTER,
                    ((struct pt_code *)item_of(&figures.timeline,
                                               PT_SEGMENT_CODE, code))
                        ->counter);

        *counter += 2;
        atomic_fetch_add(&pair->live, 4);
        atomic_fetch_add(&pair->allocated, 6);
        add_pair(&figures, code, 2, 7, 1, 1);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
    reader = add_up(&figures, &sum);
    assert_int_equal(sum.shares, 2);
    assert_int_equal(sum.files, 2);
    assert_int_equal(place_of(&sum, "/a.py", 1)->hits, 7);
    assert_int_equal(place_of(&sum, "/a.py", 1)->memory.live.blocks, 14);
    assert_int_equal(place_of(&sum, "/a.py", 1)->memory.allocated.blocks, 16);
    assert_int_equal(sum.share[0].memory.live.bytes, 1000);
    assert_int_equal(sum.share[1].memory.live.bytes, 407);
    pt_aggregate_release(&sum);
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
indices_that_lead_nowhere_are_left_out(void **state)
{
    static const int counts[] = {5, 6};
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_reader *reader;
    struct pt_code *code;
    uint32_t file, last;

    (void)state;
    figures_start(&figures, PT_WANT_COUNT | PT_WANT_MEM, "a.py");
    file = add_file(&figures, "/a.py");
    code = item_of(&figures.timeline, PT_SEGMENT_CODE,
                   add_code(&figures, 77, 1, counts, 2));
    code = item_of(&figures.timeline, PT_SEGMENT_CODE,
                   add_code(&figures, file, UINT32_MAX, counts, 2));
    code->lines = UINT32_MAX;
    last = add_code(&figures, file, 1, counts, 2);
    code = item_of(&figures.timeline, PT_SEGMENT_CODE, last);
    code->terms = UINT32_MAX;
    code->term = UINT32_MAX - 1;
    add_pair(&figures, 12345, 1, 10, 1, 1);
    add_pair(&figures, last, 1, 10, 1, 1)->node = 999999;
    reader = add_up(&figures, &sum);
    assert_int_equal(place_of(&sum, "/a.py", UINT32_MAX)->hits, 5);
    assert_int_equal(sum.place[0].memory.live.blocks, 2);
    pt_aggregate_release(&sum);
    pt_reader_close(reader);
    figures_end(&figures);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    static const int counts[] = {5, 6, 7};
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_reader *reader;
    uint32_t code;
    int is_done = 0;

    (void)state;
    figures_start(&figures, PT_WANT_COUNT | PT_WANT_MEM, "a.py");
    code = add_code(&figures, add_file(&figures, "/a.py"), 1, counts, 3);
    add_pair(&figures, code, 5, 100, 10, 3);
    reader = open_reader(figures.fd);
    for (uint64_t nth = 1; !is_done; nth++) {
        int result;

        pt_rawmem_fail_at(nth);
        result = pt_aggregate_init(&sum, reader);
        if (result == PT_OK) {
            pt_aggregate_release(&sum);
        }
        is_done = !pt_rawmem_has_failed();
        assert_int_equal(result, is_done ? PT_OK : PT_ERR_NOMEM);
    }
    pt_rawmem_fail_at(0);
    pt_reader_close(reader);
    figures_end(&figures);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_of_a_line_are_added),
        cmocka_unit_test(terms_give_hits_by_weight),
        cmocka_unit_test(pairs_of_a_line_are_added),
        cmocka_unit_test(what_a_fork_inherited_is_counted_once),
        cmocka_unit_test(indices_that_lead_nowhere_are_left_out),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
