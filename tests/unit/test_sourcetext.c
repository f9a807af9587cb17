/* SPDX-License-Identifier: MIT */
/* test_sourcetext.c - sources in all their encodings. */
#include "tests/unit/support.h"

#include "cli/report/source/sourcetext.h"

static int
decode(struct pt_sourcetext *source, const char *bytes, size_t count,
       struct pt_err *err)
{
    struct pt_buf buf = PT_BUF_INIT;

    pt_buf_add(&buf, bytes, count);
    return pt_sourcetext_decode_take(source, &buf, err);
}

static void
text_is_utf_8_with_one_kind_of_newline(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},
        {"\n", "\n"},
        {"a", "a\n"},
        {"a\r\nb\rc\n", "a\nb\nc\n"},
        {"a\r", "a\n"},
        {"a\r\r\n", "a\n\n"},
        {"\xef\xbb\xbf", ""},
        {"\xef\xbb\xbfx = 1\n", "x = 1\n"},
        {"x = '\xc3\xa4'\n", "x = '\xc3\xa4'\n"},
        {"# -*- coding: latin-1 -*-\n'\xe4'",
         "# -*- coding: latin-1 -*-\n'\xc3\xa4'\n"},
        {"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'\n",
         "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n"
         "'\xe2\x82\xac'\n"},
        {"\n\f # coding=Latin_1\n\xe4\n", "\n\f # coding=Latin_1\n\xc3\xa4\n"},
        {"# coding: shift_jis\n'\x83\x65'\n",
         "# coding: shift_jis\n'\xe3\x83\x86'\n"},
        {"# coding: mac_roman\n'\x8a'\n", "# coding: mac_roman\n'\xc3\xa4'\n"},
        // Not on the third line, nor behind code, nor without a name.
        {"\n\n# coding: latin-1\n", "\n\n# coding: latin-1\n"},
        {"x\n# coding: nonsense\n", "x\n# coding: nonsense\n"},
        {"# coding: \n# coding\n", "# coding: \n# coding\n"},
        {"# encoding=utf-8-unix\n\xc3\xa4\n",
         "# encoding=utf-8-unix\n\xc3\xa4\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_sourcetext source;
        struct pt_err err;

        assert_int_equal(
            decode(&source, cases[i].bytes, strlen(cases[i].bytes), &err),
            PT_OK);
        assert_string_equal(pt_buf_text(&source.text), cases[i].text);
        pt_sourcetext_release(&source);
    }
}

static void
what_is_written_back_has_the_encoding_of_the_source(void **state)
{
    static const char *const cases[] = {
        "\xef\xbb\xbfx = '\xc3\xa4'\n",
        "# coding: latin-1\n'\xe4'\n",
        "# coding: shift_jis\n'\x83\x65'\n",
        "# coding: iso2022_jp\n'\x1b$B%F\x1b(B'\n",
        "plain\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_sourcetext source;
        struct pt_buf bytes = PT_BUF_INIT;
        struct pt_err err;

        assert_int_equal(decode(&source, cases[i], strlen(cases[i]), &err),
                         PT_OK);
        assert_int_equal(
            pt_sourcetext_encode(&source, &source.text, &bytes, &err), PT_OK);
        assert_string_equal(pt_buf_text(&bytes), cases[i]);
        pt_buf_release(&bytes);
        pt_sourcetext_release(&source);
    }
}

static void
long_texts_come_through_whole(void **state)
{
    struct pt_buf bytes = PT_BUF_INIT;
    struct pt_buf back = PT_BUF_INIT;
    struct pt_sourcetext source;
    struct pt_err err;

    (void)state;
    pt_buf_add_text(&bytes, "# coding: euc-jp\n");
    for (int i = 0; i < 20000; i++) {
        pt_buf_add_text(&bytes, i % 50 == 49 ? "\n" : "\xa5\xc6");
    }
    pt_buf_add_text(&bytes, "\n");
    assert_int_equal(decode(&source, bytes.data, bytes.used, &err), PT_OK);
    assert_int_equal(pt_sourcetext_encode(&source, &source.text, &back, &err),
                     PT_OK);
    assert_int_equal(back.used, bytes.used);
    assert_memory_equal(back.data, bytes.data, bytes.used);
    pt_buf_release(&back);
    pt_buf_release(&bytes);
    pt_sourcetext_release(&source);
}

static void
bad_text_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *bytes, *message;
    } cases[] = {
        {"x = '\xe4'\n", "its byte 6 is not UTF-8; name its encoding in a "
                         "coding line"},
        {"\xed\xa0\x80\n", "its byte 1 is not UTF-8; name its encoding in a "
                           "coding line"},
        {"cut \xc3", "its byte 5 is not UTF-8; name its encoding in a coding "
                     "line"},
        {"# coding: nonsense\n", "its encoding 'nonsense' is not known here; "
                                 "write it in UTF-8"},
        {"\xef\xbb\xbf# coding: latin-1\n",
         "its coding line says 'latin-1', its byte order mark UTF-8; make "
         "them agree"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_sourcetext source;
        struct pt_err err = {.message = ""};

        assert_int_equal(
            decode(&source, cases[i].bytes, strlen(cases[i].bytes), &err),
            PT_ERR_FORMAT);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void
only_regular_files_are_read(void **state)
{
    static const struct {
        const char *path, *message;
    } cases[] = {
        {"/nonexistent/x.py", "No such file or directory"},
        {"/dev/zero", "it is not a regular file"},
        {"/", "it is not a regular file"},
    };
    struct pt_sourcetext source = PT_SOURCETEXT_INIT;
    struct pt_err err;
    char path[] = "/tmp/pytrace-test-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(pt_sourcetext_read(&source, cases[i].path, &err),
                         PT_ERR_IO);
        assert_string_equal(err.message, cases[i].message);
    }
    assert_true(fd >= 0 && write(fd, "x = 1\r\n", 7) == 7);
    close(fd);
    assert_int_equal(pt_sourcetext_read(&source, path, &err), PT_OK);
    unlink(path);
    assert_string_equal(source.text.data, "x = 1\n");
    pt_sourcetext_release(&source);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_utf_8_with_one_kind_of_newline),
        cmocka_unit_test(what_is_written_back_has_the_encoding_of_the_source),
        cmocka_unit_test(long_texts_come_through_whole),
        cmocka_unit_test(bad_text_is_refused_with_its_place),
        cmocka_unit_test(only_regular_files_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
