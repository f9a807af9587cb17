/* SPDX-License-Identifier: MIT */
/* test_package.c - the package is found wherever an installation puts it. */
#include "tests/unit/support.h"

#include "cli/run/package.h"

#define PYTHON "python" PT_PYTHON_VERSION

static void
run_shell(const char *format, const char *directory)
{
    char command[512];

    snprintf(command, sizeof(command), format, directory);
    assert_int_equal(system(command), 0);
}

static void
every_layout_is_known(void **state)
{
    static const char *const layouts[] = {
        "python/pytrace",
        "lib/" PYTHON "/site-packages/pytrace",
        "lib/" PYTHON "/dist-packages/pytrace",
        "lib64/" PYTHON "/site-packages/pytrace",
        "pytrace",
    };
    struct pt_package package;
    struct pt_err err;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        char root[] = "/tmp/pytrace-package-XXXXXX";
        char bin[64], command[256], boot[256];

        assert_non_null(mkdtemp(root));
        snprintf(bin, sizeof(bin), "%s/bin", root);
        run_shell("mkdir %s", bin);
        assert_int_equal(pt_package_find_from(&package, bin, &err),
                         PT_ERR_START);
        assert_non_null(strstr(err.message, bin));
        snprintf(command, sizeof(command),
                 "cd %%s && mkdir -p %s/_boot && "
                 "touch %s/_boot/sitecustomize.py",
                 layouts[i], layouts[i]);
        run_shell(command, root);
        assert_int_equal(pt_package_find_from(&package, bin, &err), PT_OK);
        snprintf(boot, sizeof(boot), "%s/%s/_boot", root, layouts[i]);
        assert_string_equal(package.boot, boot);
        assert_string_equal(package.python, "");
        run_shell("ln -s /bin/sh %s/" PYTHON, bin);
        assert_int_equal(pt_package_find_from(&package, bin, &err), PT_OK);
        assert_true((package.python[0] != '\0') ==
                    (strncmp(layouts[i], "lib", 3) == 0));
        run_shell("rm -r %s", root);
    }
}

static void
a_colon_in_the_path_is_refused(void **state)
{
    char root[] = "/tmp/pytrace:package-XXXXXX";
    char bin[64];
    struct pt_package package;
    struct pt_err err;

    (void)state;
    assert_non_null(mkdtemp(root));
    snprintf(bin, sizeof(bin), "%s/bin", root);
    run_shell("cd '%s' && mkdir -p bin pytrace/_boot && "
              "touch pytrace/_boot/sitecustomize.py",
              root);
    assert_int_equal(pt_package_find_from(&package, bin, &err), PT_ERR_START);
    assert_non_null(strstr(err.message, "no ':' may be in it"));
    run_shell("rm -r '%s'", root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_known),
        cmocka_unit_test(a_colon_in_the_path_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
