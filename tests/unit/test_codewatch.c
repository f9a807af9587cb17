/* SPDX-License-Identifier: MIT */
/* test_codewatch.c - births and deaths of code objects are told of. */
#include "tests/unit/inpython.h"

#include "core/py/codewatch.h"

#define TOO_MANY 5

static int births, deaths, others;
static PyCodeObject *last_born, *last_dead;

static void
on_birth(PyCodeObject *code)
{
    births++;
    last_born = code;
}

static void
on_death(PyCodeObject *code)
{
    deaths++;
    last_dead = code;
    // What is dying can still be read.
    assert_true(PyUnicode_Check(code->co_filename));
    assert_true(PyBytes_Check(code->co_linetable));
}

static void
on_death_too(PyCodeObject *code)
{
    (void)code;
    others++;
}

/* A code object without others in it, marked. */
static PyCodeObject *
new_code(void)
{
    PyCodeObject *code = code_of("x = 1\n", "a.py");

    assert_int_equal(pt_codewatch_mark(code), 0);
    assert_int_equal(pt_codewatch_mark(code), 0);
    assert_null(PyErr_Occurred());
    return code;
}

static void
births_are_told_where_there_is_a_watcher(void **state)
{
    PyCodeObject *code;

    (void)state;
    births = 0;
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_CREATED, on_birth), 0);
    code = new_code();
    assert_int_equal(births, PT_HAS_CODE_WATCHER);
    assert_true(!PT_HAS_CODE_WATCHER || last_born == code);
    Py_DECREF(code);
    pt_codewatch_remove(PT_CODEWATCH_CREATED, on_birth);
    Py_DECREF(new_code());
    assert_int_equal(births, PT_HAS_CODE_WATCHER);
}

static void
each_death_is_told_once_to_each(void **state)
{
    PyCodeObject *code;

    (void)state;
    deaths = others = 0;
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_death), 0);
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_death), 0);
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_death_too),
                     0);
    code = new_code();
    assert_int_equal(deaths, 0);
    last_dead = NULL;
    Py_DECREF(code);
    assert_int_equal(deaths, 1);
    assert_int_equal(others, 1);
    assert_ptr_equal(last_dead, code);

    pt_codewatch_remove(PT_CODEWATCH_DESTROYED, on_death);
    pt_codewatch_remove(PT_CODEWATCH_DESTROYED, on_death);
    Py_DECREF(new_code());
    assert_int_equal(deaths, 1);
    assert_int_equal(others, 2);
    pt_codewatch_remove(PT_CODEWATCH_DESTROYED, on_death_too);
    Py_DECREF(new_code());
    assert_int_equal(others, 2);
}

static void
one_that_is_added_again_behind_a_gap_is_told_once(void **state)
{
    (void)state;
    deaths = 0;
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_death_too),
                     0);
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_death), 0);
    pt_codewatch_remove(PT_CODEWATCH_DESTROYED, on_death_too);
    assert_int_equal(pt_codewatch_add(PT_CODEWATCH_DESTROYED, on_death), 0);
    Py_DECREF(new_code());
    assert_int_equal(deaths, 1);
    pt_codewatch_remove(PT_CODEWATCH_DESTROYED, on_death);
}

/* All different for the table, which calls none of them. */
static void
never_0(PyCodeObject *code)
{
    (void)code;
    abort();
}
static void
never_1(PyCodeObject *code)
{
    (void)code;
    abort();
}
static void
never_2(PyCodeObject *code)
{
    (void)code;
    abort();
}
static void
never_3(PyCodeObject *code)
{
    (void)code;
    abort();
}
static void
never_4(PyCodeObject *code)
{
    (void)code;
    abort();
}

static void
too_many_listeners_are_refused(void **state)
{
    const pt_codewatch_func listeners[TOO_MANY] = {never_0, never_1, never_2,
                                                   never_3, never_4};

    (void)state;
    for (int i = 0; i < TOO_MANY - 1; i++) {
        assert_int_equal(pt_codewatch_add(PT_CODEWATCH_CREATED, listeners[i]),
                         0);
    }
    assert_int_equal(
        pt_codewatch_add(PT_CODEWATCH_CREATED, listeners[TOO_MANY - 1]), -1);
    for (int i = 0; i < TOO_MANY; i++) {
        pt_codewatch_remove(PT_CODEWATCH_CREATED, listeners[i]);
    }
    assert_raised(PyExc_RuntimeError);
}

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(births_are_told_where_there_is_a_watcher),
        cmocka_unit_test(each_death_is_told_once_to_each),
        cmocka_unit_test(one_that_is_added_again_behind_a_gap_is_told_once),
        cmocka_unit_test(too_many_listeners_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_codewatch, run_all)
