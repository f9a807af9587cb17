/* SPDX-License-Identifier: MIT */
/* test_program.c - is it a program, and the interpreter's command line. */
#include "tests/unit/support.h"

#include <sys/stat.h>

#include "cli/run/program.h"
#include "core/base/rawmem.h"

static char scratch[] = "/tmp/pytrace-program-XXXXXX";

static void
only_what_can_run_is_a_program(void **state)
{
    static const struct {
        const char *name;
        int code;
    } cases[] = {
        {"-", PT_OK},
        {"script.py", PT_OK},
        {"app", PT_OK},
        {"plain", PT_ERR_USAGE},
        {"missing.py", PT_ERR_USAGE},
        {"", PT_ERR_USAGE},
        {"script.py/x", PT_ERR_USAGE},
    };
    struct pt_err err;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(pt_program_check(cases[i].name, &err), cases[i].code);
    }
    assert_int_equal(pt_program_check("plain", &err), PT_ERR_USAGE);
    assert_string_equal(err.message,
                        "cannot run the directory 'plain': it has no "
                        "__main__.py; name a script in it");
}

static void
words_are_what_python_itself_would_get(void **state)
{
    static const struct {
        struct pt_options options;
        const char *rest[3];
        const char *words[5];
    } cases[] = {
        {{.cmd = NULL}, {"prog.py", "-a"}, {"prog.py", "-a"}},
        {{.is_module = 1}, {"mod", "x"}, {"-m", "mod", "x"}},
        {{.cmd = "pass"}, {NULL}, {"-c", "pass"}},
        {{.cmd = "pass"}, {"--", "b"}, {"-c", "pass", "--", "b"}},
        {{.cmd = NULL}, {"-"}, {"-"}},
        {{.cmd = NULL}, {"-odd.py"}, {"--", "-odd.py"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char **words;

        assert_int_equal(pt_program_words(&cases[i].options,
                                          (char **)cases[i].rest, &words),
                         PT_OK);
        for (size_t j = 0; cases[i].words[j] != NULL; j++) {
            assert_string_equal(words[j + 1], cases[i].words[j]);
            assert_true(cases[i].words[j + 1] != NULL || words[j + 2] == NULL);
        }
        pt_rawmem_free(words);
    }
}

static int
make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) == NULL || chdir(scratch) != 0 ||
           mkdir("app", 0777) != 0 || mkdir("plain", 0777) != 0 ||
           fclose(fopen("app/__main__.py", "w")) != 0 ||
           fclose(fopen("script.py", "w")) != 0;
}

static int
remove_scratch(void **state)
{
    (void)state;
    return unlink("app/__main__.py") != 0 || unlink("script.py") != 0 ||
           rmdir("app") != 0 || rmdir("plain") != 0 || chdir("/") != 0 ||
           rmdir(scratch) != 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_can_run_is_a_program),
        cmocka_unit_test(words_are_what_python_itself_would_get),
    };

    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
