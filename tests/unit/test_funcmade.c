/* SPDX-License-Identifier: MIT */
/* test_funcmade.c - functions built by hand get the code that is chosen. */
#include "tests/unit/inpython.h"

#include "core/py/funcmade.h"
#include "core/py/guard.h"

static int asked, inside;
static PyCodeObject *instead;  // NULL: what it is asked about

static PyCodeObject *
choose(PyCodeObject *code)
{
    PyCodeObject *chosen = instead != NULL ? instead : code;

    asked++;
    inside += pt_guard_inside();
    return (PyCodeObject *)Py_NewRef((PyObject *)chosen);
}

static PyObject *names;

static int
set_up(void **state)
{
    (void)state;
    asked = inside = 0;
    instead = NULL;
    names = new_names(NULL);
    run_text("import types\n"
             "def one(): return 1\n"
             "def two(): return 2\n"
             "def other(): return 3\n",
             names);
    return pt_funcmade_start(choose);
}

static int
tear_down(void **state)
{
    (void)state;
    pt_funcmade_stop();
    Py_CLEAR(names);
    return PyErr_Occurred() != NULL;
}

static void
both_ways_are_asked_about(void **state)
{
    (void)state;
    run_text("made = types.FunctionType(one.__code__, {})\n", names);
    assert_int_equal(asked, 1);
    assert_int_equal(number_of("made()", names), 1);
    run_text("made.__code__ = two.__code__\n", names);
    assert_int_equal(asked, 2);
    assert_int_equal(inside, 2);
    assert_int_equal(number_of("made()", names), 2);
    // What the compiler makes is another matter.
    run_text("def three(): return 3\nthree()\n", names);
    assert_int_equal(asked, 2);
}

static void
what_is_chosen_runs(void **state)
{
    Py_ssize_t references = Py_REFCNT(code_at("one", names));

    (void)state;
    instead = code_at("other", names);
    run_text("made = types.FunctionType(one.__code__, {})\n", names);
    assert_int_equal(number_of("made()", names), 3);
    // The function has let go of the other.
    assert_int_equal(Py_REFCNT(code_at("one", names)), references);
    run_text("two.__code__ = one.__code__\n", names);
    assert_int_equal(number_of("two()", names), 3);
    assert_int_equal(Py_REFCNT(code_at("one", names)), references);
}

static void
what_fails_is_not_asked_about(void **state)
{
    (void)state;
    run_text("for act in (lambda: types.FunctionType(1, {}),\n"
             "            lambda: types.FunctionType(),\n"
             "            lambda: setattr(one, '__code__', 2)):\n"
             "    try: act()\n"
             "    except TypeError: pass\n"
             "    else: raise AssertionError\n",
             names);
    assert_int_equal(asked, 0);
    assert_int_equal(number_of("one()", names), 1);
}

static void
nobody_is_asked_when_stopped(void **state)
{
    (void)state;
    pt_funcmade_stop();
    pt_funcmade_stop();
    run_text("made = types.FunctionType(one.__code__, {})\n"
             "made.__code__ = two.__code__\n",
             names);
    assert_int_equal(asked, 0);
    assert_int_equal(number_of("made()", names), 2);
}

#define AMONG_FUNCTIONS(test) \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        AMONG_FUNCTIONS(both_ways_are_asked_about),
        AMONG_FUNCTIONS(what_is_chosen_runs),
        AMONG_FUNCTIONS(what_fails_is_not_asked_about),
        AMONG_FUNCTIONS(nobody_is_asked_when_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_funcmade, run_all)
