/* SPDX-License-Identifier: MIT */
/* test_demangle.c - what compilers made of the names of functions. */
#include "tests/unit/support.h"

#include "cli/report/source/demangle.h"

static int
skips_without_libiberty(void **state)
{
    struct pt_buf name = PT_BUF_INIT;

    (void)state;
    if (!pt_demangle("_Z1fv", &name)) {
        skip();
    }
    pt_buf_release(&name);
    return 0;
}

/* By the rules of the Itanium C++ ABI and of Rust's RFC 2603. */
static void
names_are_those_of_the_source(void **state)
{
    static const struct {
        const char *linkage, *name;
    } cases[] = {
        {"_ZN4deep5shelf4fillEm", "deep::shelf::fill"},
        {"_ZNSt6vectorIiSaIiEE9push_backEOi",
         "std::vector<int, std::allocator<int> >::push_back"},
        {"_ZN12_GLOBAL__N_14holdEv", "(anonymous namespace)::hold"},
        {"_ZNK1a1bcvbEv", "a::b::operator bool"},
        {"_ZN3foo3barEv.cold", "foo::bar"},
        {"_ZN5alloc5alloc17h0123456789abcdefE", "alloc::alloc"},
        {"_RNvC7mycrate3foo", "mycrate::foo"},
    };
    struct pt_buf name = PT_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(pt_demangle(cases[i].linkage, &name));
        assert_string_equal(pt_buf_text(&name), cases[i].name);
    }
    pt_buf_release(&name);
}

static void
other_names_are_left_alone(void **state)
{
    static const char *const names[] = {
        "",   "main",  "PyObject_Malloc", "_Z",           "_ZN",
        "_R", "_RNv",  "_ZN3fo",          "sqlite3_free", "__libc_start_main",
        "i",  "_Zfoo",
    };
    struct pt_buf name = PT_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        pt_buf_add_text(&name, "of before");
        assert_false(pt_demangle(names[i], &name));
        assert_string_equal(pt_buf_text(&name), "");
    }
    pt_buf_release(&name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_are_those_of_the_source,
                               skips_without_libiberty),
        cmocka_unit_test(other_names_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
