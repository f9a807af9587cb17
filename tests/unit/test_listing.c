/* SPDX-License-Identifier: MIT */
/* test_listing.c - counts and memory beside a source. */
#include "tests/unit/support.h"

#include "cli/report/figures/listing.h"

#define PYTHON_3_11 0x030b07f0u
#define PYTHON_3_13 0x030d00f0u

static const char source[] = "\"\"\"doc\"\"\"\n"
                             "def f(x):\n"
                             "\t'doc'\n"
                             "\tif x:\t# \xc3\xa4\t!\n"
                             "\t\treturn 1 #pragma NO COVER\n"
                             "\treturn 2\n"
                             "f(0)\n";

static const struct pt_place places[] = {
    {.file = 1, .line = 0, .hits = 3, .is_executable = 1},
    {.file = 1, .line = 1, .hits = 1, .is_executable = 1},
    {.file = 1,
     .line = 2,
     .hits = 1,
     .is_executable = 1,
     .memory = {{160, 1, 0, 0}, {0}}},
    {.file = 1, .line = 3, .is_executable = 1},
    {.file = 1, .line = 4, .hits = 1234567, .is_executable = 1},
    {.file = 1, .line = 5, .is_executable = 1},
    {.file = 1, .line = 6, .is_executable = 1},
    {.file = 1,
     .line = 7,
     .hits = 2,
     .is_executable = 1,
     .memory = {{1253376, 90, 0, 0}, {10240, 9, 0, 0}}},
    {.file = 1, .line = 4000000000u, .hits = 1, .is_executable = 1},
};

static void
compose(struct pt_buf *out, const char *text,
        const struct pt_listing_style *style, struct pt_listing_lines *lines)
{
    struct pt_buf buf = {(char *)text, strlen(text), 0, 0};

    assert_int_equal(
        pt_listing_compose(out, &buf, places, COUNT_OF(places), style, lines),
        PT_OK);
}

static void
counts_stand_as_trace_writes_them(void **state)
{
    struct pt_listing_style style = {.python_version = PYTHON_3_11};
    struct pt_listing_lines lines;
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    compose(&out, source, &style, &lines);
    assert_string_equal(out.data, "    1: \"\"\"doc\"\"\"\n"
                                  "    1: def f(x):\n"
                                  "               'doc'\n"
                                  "1234567:         if x:   # \xc3\xa4     !\n"
                                  "                       return 1 #pragma "
                                  "NO COVER\n"
                                  "               return 2\n"
                                  "    2: f(0)\n");
    assert_int_equal(lines.hit, 4);
    assert_int_equal(lines.shown, 4);
    pt_buf_release(&out);
}

static void
missing_lines_are_marked_but_not_docstrings(void **state)
{
    struct pt_listing_style style = {.with_missing = 1,
                                     .python_version = PYTHON_3_11};
    struct pt_listing_lines lines;
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    compose(&out, source, &style, &lines);
    assert_non_null(strstr(out.data, "\n               'doc'\n"));
    assert_non_null(strstr(out.data, "\n                       return 1 #"));
    assert_non_null(strstr(out.data, "\n>>>>>>         return 2\n"));
    assert_int_equal(lines.hit, 4);
    assert_int_equal(lines.shown, 5);
    pt_buf_release(&out);
}

/* Take the memory column out of each line of `out`. */
static void
take_memory_out(struct pt_buf *out)
{
    char *to = out->data;

    for (char *at = out->data; *at != '\0';) {
        char *end = strchr(at, '\n') + 1;
        size_t field = 7;

        if (at[field - 1] != ' ') {
            field = (size_t)(strchr(at, ':') - at) + 2;
        }
        memmove(to, at, field);
        to += field;
        at += field + PT_LISTING_MEMORY_BYTES;
        memmove(to, at, (size_t)(end - at));
        to += end - at;
        at = end;
    }
    *to = '\0';
}

static void
without_the_memory_column_nothing_differs(void **state)
{
    (void)state;
    for (int missing = 0; missing < 2; missing++) {
        struct pt_listing_style style = {.with_missing = missing,
                                         .python_version = PYTHON_3_11};
        struct pt_listing_lines lines;
        struct pt_buf plain = PT_BUF_INIT;
        struct pt_buf with_memory = PT_BUF_INIT;

        compose(&plain, source, &style, &lines);
        style.with_memory = 1;
        compose(&with_memory, source, &style, &lines);
        assert_non_null(strstr(with_memory.data,
                               "    1:      160 B        0 B  def f(x):\n"));
        assert_non_null(
            strstr(with_memory.data, "    2:   1224 KiB   10.0 KiB  f(0)\n"));
        take_memory_out(&with_memory);
        assert_string_equal(with_memory.data, plain.data);
        pt_buf_release(&plain);
        pt_buf_release(&with_memory);
    }
}

static void
an_empty_source_has_a_line_since_3_13(void **state)
{
    struct pt_listing_style style = {.python_version = PYTHON_3_11};
    struct pt_listing_lines lines;
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    compose(&out, "", &style, &lines);
    assert_string_equal(pt_buf_text(&out), "");
    assert_int_equal(lines.shown, 0);
    style.python_version = PYTHON_3_13;
    compose(&out, "", &style, &lines);
    assert_string_equal(pt_buf_text(&out), "    1: \n");
    pt_buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_stand_as_trace_writes_them),
        cmocka_unit_test(missing_lines_are_marked_but_not_docstrings),
        cmocka_unit_test(without_the_memory_column_nothing_differs),
        cmocka_unit_test(an_empty_source_has_a_line_since_3_13),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
