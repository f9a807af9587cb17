/* SPDX-License-Identifier: MIT */
/* test_interpreter.c - which Python is chosen, and found, and refused. */
#include "tests/unit/support.h"

#include "cli/run/interpreter.h"

static void
what_is_asked_for_comes_first(void **state)
{
    struct pt_interpreter chosen;
    struct pt_err err;

    (void)state;
    setenv("VIRTUAL_ENV", "/nonexistent", 1);
    assert_int_equal(pt_interpreter_choose(&chosen, "/bin/sh", "", &err),
                     PT_OK);
    assert_string_equal(chosen.path, "/bin/sh");
    assert_true(chosen.is_asked_for);
    setenv("PATH", "/nonexistent::/bin", 1);
    assert_int_equal(pt_interpreter_choose(&chosen, "sh", "", &err), PT_OK);
    assert_string_equal(chosen.path, "/bin/sh");
}

static void
what_cannot_be_executed_is_refused(void **state)
{
    static const char *const asked[] = {
        "/nonexistent/python", "nonexistent", "/", "/dev/null", __FILE__, ""};
    struct pt_interpreter chosen;
    struct pt_err err;

    (void)state;
    setenv("PATH", "/bin", 1);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        char wanted[256];

        snprintf(wanted, sizeof(wanted), "interpreter '%s'", asked[i]);
        assert_int_equal(pt_interpreter_choose(&chosen, asked[i], "", &err),
                         PT_ERR_USAGE);
        assert_non_null(strstr(err.message, wanted));
    }
}

static void
a_virtual_environment_has_its_own(void **state)
{
    char directory[] = "/tmp/pytrace-venv-XXXXXX";
    char bin[64], python[80];
    struct pt_interpreter chosen;
    struct pt_err err;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(bin, sizeof(bin), "%s/bin", directory);
    snprintf(python, sizeof(python), "%s/python", bin);
    assert_int_equal(mkdir(bin, 0777), 0);
    setenv("VIRTUAL_ENV", directory, 1);
    assert_int_equal(pt_interpreter_choose(&chosen, NULL, "/bin/sh", &err),
                     PT_ERR_START);
    assert_non_null(strstr(err.message, python));
    assert_int_equal(symlink("/bin/sh", python), 0);
    assert_int_equal(pt_interpreter_choose(&chosen, NULL, "", &err), PT_OK);
    assert_string_equal(chosen.path, python);
    unlink(python);
    rmdir(bin);
    rmdir(directory);
}

static void
else_it_is_the_one_installed_for(void **state)
{
    struct pt_interpreter chosen;
    struct pt_err err;

    (void)state;
    unsetenv("VIRTUAL_ENV");
    assert_int_equal(pt_interpreter_choose(&chosen, NULL, "/bin/sh", &err),
                     PT_OK);
    assert_string_equal(chosen.path, "/bin/sh");
    assert_int_equal(pt_interpreter_choose(&chosen, NULL, "", &err), PT_OK);
    assert_string_equal(chosen.path, PT_PYTHON_EXECUTABLE);
    assert_false(chosen.is_asked_for);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_comes_first),
        cmocka_unit_test(what_cannot_be_executed_is_refused),
        cmocka_unit_test(a_virtual_environment_has_its_own),
        cmocka_unit_test(else_it_is_the_one_installed_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
