/* SPDX-License-Identifier: MIT */
/* test_rawmem.c - the tool's own memory, and how it is made to fail. */
#include "tests/unit/support.h"

#include "core/base/rawmem.h"

static size_t
page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static int
is_zero(const void *block, size_t bytes)
{
    const char *at = block;

    for (size_t i = 0; i < bytes; i++) {
        if (at[i] != 0) {
            return 0;
        }
    }
    return 1;
}

static void
an_array_is_zeroed(void **state)
{
    static const struct {
        size_t count, item_bytes;
    } shapes[] = {{1, 1}, {3, 5}, {1000, 24}, {1, 1 << 20}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        void *array = pt_rawmem_array(shapes[i].count, shapes[i].item_bytes);

        assert_non_null(array);
        assert_true(is_zero(array, shapes[i].count * shapes[i].item_bytes));
        pt_rawmem_free(array);
    }
}

static void
nothing_is_still_a_block(void **state)
{
    void *array = pt_rawmem_array(0, 8);
    void *copy = pt_rawmem_copy(NULL, 0);

    (void)state;
    assert_non_null(array);
    array = pt_rawmem_resize(array, 0, 8);
    assert_non_null(array);
    assert_non_null(copy);
    pt_rawmem_free(array);
    pt_rawmem_free(copy);
    pt_rawmem_free(NULL);
}

static void
a_size_that_overflows_is_refused(void **state)
{
    char *block = pt_rawmem_copy("kept", 5);

    (void)state;
    assert_null(pt_rawmem_resize(block, SIZE_MAX / 2, 3));
    assert_string_equal(block, "kept");
    pt_rawmem_free(block);
}

static void
resizing_keeps_the_content(void **state)
{
    char *block = pt_rawmem_copy("0123456789", 11);

    (void)state;
    block = pt_rawmem_resize(block, 1000, 100);
    assert_string_equal(block, "0123456789");
    block = pt_rawmem_resize(block, 4, 1);
    assert_memory_equal(block, "0123", 4);
    pt_rawmem_free(block);
}

static void
a_mapped_region_is_zeroed_and_counted(void **state)
{
    uint64_t before = pt_rawmem_mapped_bytes();
    size_t bytes = 4 * page_bytes();
    char *region = pt_rawmem_map(bytes);

    (void)state;
    assert_non_null(region);
    assert_true(is_zero(region, bytes));
    assert_int_equal(pt_rawmem_mapped_bytes(), before + bytes);
    pt_rawmem_unmap(region, bytes);
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
}

static void
what_cannot_be_mapped_is_not_counted(void **state)
{
    static const size_t refused[] = {0, SIZE_MAX / 2};
    uint64_t before = pt_rawmem_mapped_bytes();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_null(pt_rawmem_map(refused[i]));
    }
    pt_rawmem_unmap(NULL, 4096);
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
}

static void
mappings_made_elsewhere_can_be_counted(void **state)
{
    uint64_t before = pt_rawmem_mapped_bytes();

    (void)state;
    pt_rawmem_account(12345);
    assert_int_equal(pt_rawmem_mapped_bytes(), before + 12345);
    pt_rawmem_account(-12345);
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
}

static void
only_touched_pages_are_resident(void **state)
{
    // More than one window of the function's page table.
    size_t page = page_bytes(), pages = 700;
    char *region = pt_rawmem_map(pages * page);
    static const size_t touched[] = {0, 255, 256, 511, 512, 699};

    (void)state;
    assert_non_null(region);
    assert_int_equal(pt_rawmem_resident_bytes(region, pages * page), 0);
    madvise(region, pages * page, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < COUNT_OF(touched); i++) {
        region[touched[i] * page] = 1;
        assert_int_equal(pt_rawmem_resident_bytes(region, pages * page),
                         (i + 1) * page);
    }
    pt_rawmem_unmap(region, pages * page);
}

static void
the_count_can_be_published(void **state)
{
    _Atomic uint64_t place = 0;
    void *region;

    (void)state;
    pt_rawmem_publish(&place);
    assert_int_equal(place, pt_rawmem_mapped_bytes());
    region = pt_rawmem_map(page_bytes());
    assert_int_equal(place, pt_rawmem_mapped_bytes());
    pt_rawmem_publish(NULL);
    pt_rawmem_unmap(region, page_bytes());
    assert_int_equal(place, pt_rawmem_mapped_bytes() + page_bytes());
}

#ifdef PT_TORTURE
static int
all_kinds_of_allocation(void)
{
    void *array = pt_rawmem_array(1, 1);
    void *copy = pt_rawmem_copy("x", 2);
    void *resized = pt_rawmem_resize(NULL, 1, 1);
    void *region = pt_rawmem_map(page_bytes());
    int got = (array != NULL) + (copy != NULL) + (resized != NULL) +
              (region != NULL);

    pt_rawmem_free(array);
    pt_rawmem_free(copy);
    pt_rawmem_free(resized);
    pt_rawmem_unmap(region, page_bytes());
    return got;
}

static void
just_the_nth_allocation_fails(void **state)
{
    (void)state;
    for (uint64_t nth = 1; nth <= 4; nth++) {
        pt_rawmem_fail_at(nth);
        assert_false(pt_rawmem_has_failed());
        assert_int_equal(all_kinds_of_allocation(), 3);
        assert_true(pt_rawmem_has_failed());
        assert_int_equal(all_kinds_of_allocation(), 4);
    }
    pt_rawmem_fail_at(0);
    assert_int_equal(all_kinds_of_allocation(), 4);
    assert_false(pt_rawmem_has_failed());
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_is_zeroed),
        cmocka_unit_test(nothing_is_still_a_block),
        cmocka_unit_test(a_size_that_overflows_is_refused),
        cmocka_unit_test(resizing_keeps_the_content),
        cmocka_unit_test(a_mapped_region_is_zeroed_and_counted),
        cmocka_unit_test(what_cannot_be_mapped_is_not_counted),
        cmocka_unit_test(mappings_made_elsewhere_can_be_counted),
        cmocka_unit_test(only_touched_pages_are_resident),
        cmocka_unit_test(the_count_can_be_published),
#ifdef PT_TORTURE
        cmocka_unit_test(just_the_nth_allocation_fails),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
