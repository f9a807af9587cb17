/* SPDX-License-Identifier: MIT */
/* test_codeface.c - what a program reads of code is that of the one chosen */
#include "tests/unit/inpython.h"

#include "core/py/codeface.h"
#include "core/py/guard.h"

static int inside;
static PyObject *names;
static PyObject *consts_asked;      // borrowed
static PyCodeObject *real, *other;  // read of `other` in place of `real`

static PyCodeObject *
choose(PyCodeObject *code, PyObject *consts)
{
    inside += pt_guard_inside();
    consts_asked = consts;
    return (PyCodeObject *)Py_NewRef(
        (PyObject *)(code == real ? other : code));
}

static int
set_up(void **state)
{
    (void)state;
    inside = 0;
    names = new_names(NULL);
    run_text("import warnings\n"
             "warnings.simplefilter('ignore')\n"
             "def real(a): return a\n"
             "def other(a):\n"
             "    try: return [a, 'const', a + 1]\n"
             "    except ValueError: return 3\n"
             "READ = ['co_code', 'co_consts', 'co_stacksize', 'co_lnotab',\n"
             "        'co_linetable', 'co_exceptiontable']\n"
             "def read(f):\n"
             "    return ([getattr(f.__code__, name) for name in READ],\n"
             "            list(f.__code__.co_lines()),\n"
             "            list(f.__code__.co_positions()))\n"
             "differ = [a != b for a, b in zip(read(real)[0],\n"
             "                                 read(other)[0])]\n",
             names);
    real = code_at("real", names);
    other = code_at("other", names);
    return pt_codeface_start(choose);
}

static int
tear_down(void **state)
{
    (void)state;
    pt_codeface_stop();
    Py_CLEAR(names);
    return PyErr_Occurred() != NULL;
}

static void
instructions_are_read_from_the_other(void **state)
{
    Py_ssize_t references = Py_REFCNT(other);

    (void)state;
    assert_int_equal(number_of("all(differ)", names), 1);
    assert_int_equal(number_of("read(real) == read(other)", names), 1);
    assert_int_equal(Py_REFCNT(other), references);
    assert_true(inside >= 8);
    // All else is its own, and it runs as ever.
    run_text("assert real.__code__.co_name == 'real' and real(5) == 5\n",
             names);
}

static void
copies_are_made_of_the_other(void **state)
{
    (void)state;
    run_text("other.__code__ = real.__code__.replace(co_name='new')\n"
             "assert other.__code__.co_name == 'new'\n"
             "assert other(5) == [5, 'const', 6]\n",
             names);
    assert_null(consts_asked);
    run_text("consts = (None, 'changed', 1, ValueError, 3)\n"
             "real.__code__.replace(co_consts=consts)\n",
             names);
    assert_ptr_equal(consts_asked, PyDict_GetItemString(names, "consts"));
}

static void
the_type_looks_as_ever(void **state)
{
    (void)state;
    run_text("code = type(real.__code__)\n"
             "assert list(code.co_lines(real.__code__)) == \\\n"
             "    list(other.__code__.co_lines())\n"
             "for name in READ:\n"
             "    for act in (lambda: setattr(real.__code__, name, 1),\n"
             "                lambda: delattr(real.__code__, name)):\n"
             "        try: act()\n"
             "        except AttributeError: pass\n"
             "        else: raise AssertionError(name)\n"
             "    assert name in dir(real.__code__), name\n",
             names);
}

static void
nobody_is_asked_when_stopped(void **state)
{
    (void)state;
    pt_codeface_stop();
    pt_codeface_stop();
    assert_int_equal(number_of("read(real) == read(other)", names), 0);
    assert_int_equal(inside, 0);
}

#define AMONG_CODE(test) \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        AMONG_CODE(instructions_are_read_from_the_other),
        AMONG_CODE(copies_are_made_of_the_other),
        AMONG_CODE(the_type_looks_as_ever),
        AMONG_CODE(nobody_is_asked_when_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_codeface, run_all)
