/* SPDX-License-Identifier: MIT */
/* test_monitoring.c - sys.monitoring through C: ids, events, DISABLE. */
#include "tests/unit/inpython.h"

#include "core/py/monitoring.h"

static struct pt_monitor monitor, second;
static PyObject *names;
static int hits[8];  // by line
static int is_disabling;

static PyObject *
on_line(PyObject *self, PyObject *const *args, size_t count, PyObject *kwargs)
{
    uint32_t line = pt_monitor_number(args[1]);

    (void)self, (void)kwargs;
    assert_int_equal(PyVectorcall_NARGS(count), 2);
    assert_true(PyCode_Check(args[0]));
    if (line < COUNT_OF(hits)) {
        hits[line]++;
    }
    return Py_NewRef(is_disabling ? pt_monitor_disable : Py_None);
}

static PyObject *
on_line_for(PyObject *self, PyObject *const *args, size_t count,
            PyObject *kwargs)
{
    (void)args, (void)count, (void)kwargs;
    ++*(int *)((pt_monitor_callback *)self)->context;
    Py_RETURN_NONE;
}

static int
set_up(void **state)
{
    (void)state;
    memset(hits, 0, sizeof(hits));
    is_disabling = 0;
    names = new_names(NULL);
    run_text("import sys\n"
             "def f(n):\n"
             "    for i in range(n):\n"
             "        pass\n"
             "def g():\n"
             "    return 0\n",
             names);
    return pt_monitor_open(&monitor);
}

static int
tear_down(void **state)
{
    (void)state;
    pt_monitor_close(&monitor);
    Py_CLEAR(names);
    return PyErr_Occurred() != NULL;
}

static void
lines_of_one_code_object_are_told(void **state)
{
    long line;

    (void)state;
    assert_int_equal(pt_monitor_on(&monitor, "LINE", on_line, &line), 0);
    assert_int_equal(pt_monitor_set_local(&monitor, code_at("f", names), line),
                     0);
    run_text("f(3); g()\n", names);
    assert_int_equal(hits[3], 4);
    assert_int_equal(hits[4], 3);
    assert_int_equal(hits[6], 0);
    assert_int_equal(pt_monitor_set_local(&monitor, code_at("f", names), 0),
                     0);
    run_text("f(3)\n", names);
    assert_int_equal(hits[4], 3);
}

static void
lines_of_all_code_are_told(void **state)
{
    long line;

    (void)state;
    assert_int_equal(pt_monitor_on(&monitor, "LINE", on_line, &line), 0);
    assert_int_equal(pt_monitor_set(&monitor, line), 0);
    run_text("f(2); g(); g()\n", names);
    assert_int_equal(pt_monitor_set(&monitor, 0), 0);
    run_text("g()\n", names);
    assert_int_equal(hits[4], 2);
    assert_int_equal(hits[6], 2);
}

static void
what_is_disabled_comes_again_after_a_restart(void **state)
{
    long line;

    (void)state;
    is_disabling = 1;
    assert_int_equal(pt_monitor_on(&monitor, "LINE", on_line, &line), 0);
    assert_int_equal(pt_monitor_set(&monitor, line), 0);
    run_text("f(5); f(5)\n", names);
    assert_int_equal(hits[4], 1);
    assert_int_equal(pt_monitor_restart(), 0);
    run_text("f(5)\n", names);
    assert_int_equal(hits[4], 2);
}

static void
tools_of_one_kind_tell_each_other_apart(void **state)
{
    int first = 0, other = 0;
    long line;

    (void)state;
    assert_int_equal(pt_monitor_open(&second), 0);
    assert_int_not_equal(second.tool, monitor.tool);
    assert_int_equal(
        pt_monitor_on_for(&monitor, "LINE", on_line_for, &first, &line), 0);
    assert_int_equal(
        pt_monitor_on_for(&second, "LINE", on_line_for, &other, &line), 0);
    assert_int_equal(pt_monitor_set_local(&monitor, code_at("g", names), line),
                     0);
    run_text("g()\n", names);
    assert_int_equal(pt_monitor_set_local(&second, code_at("g", names), line),
                     0);
    run_text("g()\n", names);
    assert_int_equal(first, 2);
    assert_int_equal(other, 1);
    pt_monitor_close(&second);
    run_text("g()\n", names);
    assert_int_equal(first, 3);
    assert_int_equal(other, 1);
}

static void
an_event_that_is_none_is_refused(void **state)
{
    long event;

    (void)state;
    assert_int_equal(pt_monitor_on(&monitor, "DANCE", on_line, &event), -1);
    assert_raised(PyExc_AttributeError);
}

/* The id is searched for, and given back. */
static void
ids_of_others_are_left_alone(void **state)
{
    long taken = monitor.tool;

    (void)state;
    assert_true(taken >= 0 && taken < 6);
    pt_monitor_close(&monitor);
    pt_monitor_close(&monitor);
    assert_int_equal(monitor.tool, -1);
    run_text("for i in range(5, 0, -1):\n"
             "    sys.monitoring.use_tool_id(i, 'another')\n",
             names);
    assert_int_equal(pt_monitor_open(&monitor), 0);
    assert_int_equal(monitor.tool, 0);
    assert_int_equal(pt_monitor_open(&second), -1);
    assert_int_equal(second.tool, -1);
    assert_raised(PyExc_RuntimeError);
    assert_true(number_of("sys.monitoring.get_tool(0) == 'pytrace'", names));
    pt_monitor_close(&monitor);
    assert_true(number_of("sys.monitoring.get_tool(0) is None", names));
    run_text("for i in range(1, 6):\n"
             "    assert sys.monitoring.get_tool(i) == 'another'\n"
             "    sys.monitoring.free_tool_id(i)\n",
             names);
}

#define AS_A_TOOL(test) \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        AS_A_TOOL(lines_of_one_code_object_are_told),
        AS_A_TOOL(lines_of_all_code_are_told),
        AS_A_TOOL(what_is_disabled_comes_again_after_a_restart),
        AS_A_TOOL(tools_of_one_kind_tell_each_other_apart),
        AS_A_TOOL(an_event_that_is_none_is_refused),
        AS_A_TOOL(ids_of_others_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_monitoring, run_all)
