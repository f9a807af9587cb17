/* SPDX-License-Identifier: MIT */
/* test_mainswap.c - the first module that runs below nothing is replaced.
 *
 * Below a script there is no frame; so these run in a thread of their own,
 * which has none either.
 */
#include "tests/unit/inpython.h"

#include <pthread.h>

#include "core/py/guard.h"
#include "core/py/mainswap.h"

static int asked, inside;
static const char *replacement;  // text, or NULL for the code itself
static PyObject *names;

static PyCodeObject *
replace(PyCodeObject *code)
{
    asked++;
    inside += pt_guard_inside();
    return replacement != NULL ? (PyCodeObject *)Py_CompileString(
                                     replacement, "instead.py", Py_file_input)
                               : (PyCodeObject *)Py_NewRef((PyObject *)code);
}

/* How what was run ended: its exception's type, or None. Borrowed. */
static PyObject *
ended_with(void)
{
    return PyDict_GetItemString(names, "ended_with");
}

/* Run a text, or a function if it is "name()". */
static PyObject *
run_one(const char *text)
{
    size_t length = strlen(text);
    PyObject *function, *result;

    if (length < 2 || strcmp(text + length - 2, "()") != 0) {
        return PyRun_String(text, Py_file_input, names, names);
    }
    function = PyUnicode_FromStringAndSize(text, (Py_ssize_t)length - 2);
    result = PyObject_CallNoArgs(PyDict_GetItem(names, function));
    Py_DECREF(function);
    return result;
}

static void *
run_below_nothing(void *text)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *result = run_one(text);
    PyObject *type = result != NULL ? Py_None : PyErr_Occurred();

    PyDict_SetItemString(names, "ended_with", type);
    PyErr_Clear();
    Py_XDECREF(result);
    PyGILState_Release(gil);
    return NULL;
}

static void
run_script(const char *text)
{
    pthread_t number;
    PyThreadState *thread = PyEval_SaveThread();

    if (pthread_create(&number, NULL, run_below_nothing, (void *)text) != 0) {
        abort();
    }
    pthread_join(number, NULL);
    PyEval_RestoreThread(thread);
}

static int
set_up(void **state)
{
    (void)state;
    asked = inside = 0;
    replacement = NULL;
    names = new_names(NULL);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    pt_mainswap_stop();
    Py_CLEAR(names);
    return PyErr_Occurred() != NULL;
}

static void
the_script_alone_is_replaced(void **state)
{
    (void)state;
    replacement = "x = 2\n";
    assert_int_equal(pt_mainswap_start(replace), 0);
    // Below a frame, as imports are.
    run_text("x = 0\n", names);
    assert_int_equal(asked, 0);
    run_script("x = 1\n");
    assert_int_equal(asked, 1);
    assert_int_equal(inside, 1);
    assert_ptr_equal(ended_with(), Py_None);
    assert_int_equal(number_of("x", names), 2);
    run_script("x = 1\n");
    assert_int_equal(asked, 1);
    assert_int_equal(number_of("x", names), 1);
}

static void
it_may_be_left_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(pt_mainswap_start(replace), 0);
    run_script("x = 1\n");
    assert_int_equal(asked, 1);
    assert_int_equal(number_of("x", names), 1);
}

static void
its_exception_is_its_own(void **state)
{
    (void)state;
    replacement = "x = 5\nraise KeyError(x)\n";
    assert_int_equal(pt_mainswap_start(replace), 0);
    run_script("x = 1\n");
    assert_int_equal(number_of("x", names), 5);
    assert_ptr_equal(ended_with(), PyExc_KeyError);
}

/* python -m: runpy finds the program, and exec() runs it. Other functions,
 * such as threads run, tell nothing. */
static void
runpy_ends_it(void **state)
{
    (void)state;
    run_text("def _run_module_as_main(): pass\n"
             "def another(): pass\n",
             names);
    replacement = "x = 2\n";
    assert_int_equal(pt_mainswap_start(replace), 0);
    run_script("another()");
    run_script("_run_module_as_main()");
    run_script("x = 1\n");
    assert_int_equal(asked, 0);
    assert_int_equal(number_of("x", names), 1);
}

static void
stopped_it_asks_nobody(void **state)
{
    (void)state;
    replacement = "x = 2\n";
    assert_int_equal(pt_mainswap_start(replace), 0);
    pt_mainswap_stop();
    pt_mainswap_stop();
    run_script("x = 1\n");
    assert_int_equal(asked, 0);
    assert_int_equal(number_of("x", names), 1);
}

#define AS_A_SCRIPT(test) \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        AS_A_SCRIPT(the_script_alone_is_replaced),
        AS_A_SCRIPT(it_may_be_left_as_it_is),
        AS_A_SCRIPT(its_exception_is_its_own),
        AS_A_SCRIPT(runpy_ends_it),
        AS_A_SCRIPT(stopped_it_asks_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_mainswap, run_all)
