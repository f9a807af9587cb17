/* SPDX-License-Identifier: MIT */
/* test_extload.c - each extension module that is loaded is told of. */
#include "tests/unit/inpython.h"

#include "core/py/extload.h"

static int loads;

static void
on_load(void)
{
    loads++;
}

static int
set_up(void **state)
{
    (void)state;
    loads = 0;
    return pt_extload_watch(on_load);
}

/* The extension at hand is this one, which its own file loads again. */
static const char load_again[] =
    "import importlib.util, sys\n"
    "def load():\n"
    "    path = sys.modules['test_extload'].__file__\n"
    "    spec = importlib.util.spec_from_file_location('test_extload', path)\n"
    "    return importlib.util.module_from_spec(spec)\n";

static void
a_load_is_told_once(void **state)
{
    PyObject *names = new_names(NULL);

    (void)state;
    // Watched twice, told once.
    assert_int_equal(pt_extload_watch(on_load), 0);
    run_text(load_again, names);
    loads = 0;  // of what importlib needs
    run_text("assert load().run\n", names);
    assert_int_equal(loads, 1);
    // Not an extension.
    run_text("import importlib.util, types\n"
             "exec('x = 1', types.ModuleType('plain').__dict__)\n",
             names);
    assert_int_equal(loads, 1);
    run_text("load()\n", names);
    assert_int_equal(loads, 2);
    Py_DECREF(names);
}

static void
a_load_that_fails_is_none(void **state)
{
    PyObject *names = new_names(NULL);

    (void)state;
    run_text("import _imp, importlib.util\n", names);
    loads = 0;
    run_text("spec = importlib.util.spec_from_file_location(\n"
             "    'gone', '/nonexistent/gone.so')\n"
             "try: importlib.util.module_from_spec(spec)\n"
             "except ImportError as error: said = str(error)\n"
             "try: _imp.create_dynamic()\n"
             "except TypeError: pass\n",
             names);
    assert_true(number_of("'gone.so' in said", names));
    assert_int_equal(loads, 0);
    Py_DECREF(names);
}

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_load_is_told_once, set_up),
        cmocka_unit_test_setup(a_load_that_fails_is_none, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_extload, run_all)
