/* SPDX-License-Identifier: MIT */
/* test_summary.c - trace's table of modules. */
#include "tests/unit/support.h"

#include "cli/report/print/summary.h"

static void
rows_are_sorted_and_the_last_of_a_module_wins(void **state)
{
    static const struct {
        const char *module, *path;
        struct pt_listing_lines lines;
    } rows[] = {
        {"mod", "/a/mod.py", {.hit = 1, .missing = 2, .shown = 3}},
        {"empty", "/a/empty.py", {.hit = 0, .missing = 0, .shown = 0}},
        {"a.b", "x.py", {.hit = 12345, .missing = 111111, .shown = 123456}},
        {"mod", "/b/mod.py", {.hit = 2, .missing = 1, .shown = 3}},
        {"Z", "z.py", {.hit = 7, .missing = 0, .shown = 7}},
    };
    struct pt_summary summary = {0};
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(pt_summary_add(&summary, rows[i].module, rows[i].path,
                                        &rows[i].lines),
                         PT_OK);
    }
    pt_summary_print(&summary, PT_SUMMARY_TEXT, &out, PT_ESCAPE_NOTHING);
    assert_string_equal(pt_buf_text(&out),
                        "lines   cov%   module   (path)\n"
                        "    7   100%   Z   (z.py)\n"
                        "123456     9%   a.b   (x.py)\n"
                        "    3    66%   mod   (/b/mod.py)\n");
    pt_buf_reset(&out);
    summary.with_tenths = 1;
    pt_summary_print(&summary, PT_SUMMARY_TEXT, &out, PT_ESCAPE_NOTHING);
    assert_string_equal(pt_buf_text(&out),
                        "lines   cov%   module   (path)\n"
                        "    7   100.0%   Z   (z.py)\n"
                        "123456   10.0%   a.b   (x.py)\n"
                        "    3   66.7%   mod   (/b/mod.py)\n");
    pt_buf_release(&out);
    pt_summary_release(&summary);
}

static void
no_rows_are_no_table(void **state)
{
    struct pt_summary summary = {0};
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    pt_summary_print(&summary, PT_SUMMARY_TEXT, &out, PT_ESCAPE_NOTHING);
    assert_int_equal(out.used, 0);
    pt_summary_release(&summary);
}

static void
other_formats_have_all_rows_and_a_total(void **state)
{
    static const struct pt_listing_lines lines = {
        .hit = 1, .missing = 2, .shown = 3};
    struct pt_summary summary = {0};
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    assert_int_equal(pt_summary_add(&summary, "m", "/b|.py", &lines), PT_OK);
    assert_int_equal(pt_summary_add(&summary, "m", "/\"a\xff", &lines), PT_OK);
    pt_summary_print(&summary, PT_SUMMARY_MARKDOWN, &out, PT_ESCAPE_NOTHING);
    assert_string_equal(pt_buf_text(&out), "| lines | cov% | module | path |\n"
                                           "|------:|-----:|--------|------|\n"
                                           "| 3 | 33% | m | /b\\|.py |\n"
                                           "| 3 | 33% | m | /\"a\xff |\n"
                                           "| 6 | 33% | total | |\n");
    pt_buf_reset(&out);
    pt_summary_print(&summary, PT_SUMMARY_JSON, &out, PT_ESCAPE_NOTHING);
    assert_string_equal(
        pt_buf_text(&out),
        "{\"modules\": [\n"
        "  {\"module\": \"m\", \"path\": \"/b|.py\", \"lines\": 3, "
        "\"hit\": 1, \"percent\": 33},\n"
        "  {\"module\": \"m\", \"path\": \"/\\\"a\\udcff\", \"lines\": 3, "
        "\"hit\": 1, \"percent\": 33}\n"
        " ],\n"
        " \"total\": {\"lines\": 6, \"hit\": 2, \"percent\": 33}}\n");
    pt_buf_release(&out);
    pt_summary_release(&summary);
}

static void
branches_get_columns(void **state)
{
    static const struct pt_listing_lines lines = {
        .hit = 1, .shown = 2, .ways = 5, .taken = 3, .partial = 1};
    struct pt_summary summary = {.with_branches = 1};
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    assert_int_equal(pt_summary_add(&summary, "m", "m.py", &lines), PT_OK);
    pt_summary_print(&summary, PT_SUMMARY_TEXT, &out, PT_ESCAPE_NOTHING);
    pt_summary_print(&summary, PT_SUMMARY_MARKDOWN, &out, PT_ESCAPE_NOTHING);
    pt_summary_print(&summary, PT_SUMMARY_JSON, &out, PT_ESCAPE_NOTHING);
    assert_string_equal(
        pt_buf_text(&out),
        "lines   cov%   ways   taken   partial   module   (path)\n"
        "    2    50%      5       3         1   m   (m.py)\n"
        "| lines | cov% | ways | taken | partial | module | path |\n"
        "|------:|-----:|-----:|------:|--------:|--------|------|\n"
        "| 2 | 50% | 5 | 3 | 1 | m | m.py |\n"
        "| 2 | 50% | 5 | 3 | 1 | total | |\n"
        "{\"modules\": [\n"
        "  {\"module\": \"m\", \"path\": \"m.py\", \"lines\": 2, \"hit\": 1, "
        "\"percent\": 50, \"ways\": 5, \"taken\": 3, \"partial\": 1}\n"
        " ],\n"
        " \"total\": {\"lines\": 2, \"hit\": 1, \"percent\": 50, "
        "\"ways\": 5, \"taken\": 3, \"partial\": 1}}\n");
    pt_buf_release(&out);
    pt_summary_release(&summary);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_the_last_of_a_module_wins),
        cmocka_unit_test(no_rows_are_no_table),
        cmocka_unit_test(branches_get_columns),
        cmocka_unit_test(other_formats_have_all_rows_and_a_total),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
