/* SPDX-License-Identifier: MIT */
/* test_saferepr.c - values are shown, within limits, without asking them. */
#include "tests/unit/inpython.h"

#include "core/base/rawmem.h"
#include "core/py/guard.h"
#include "core/py/saferepr.h"

static const struct pt_saferepr_limits usual;

static void
assert_shown(PyObject *value, const struct pt_saferepr_limits *limits,
             const char *wanted)
{
    struct pt_buf out = PT_BUF_INIT;

    pt_saferepr(&out, value, limits);
    assert_int_equal(pt_buf_check(&out), PT_OK);
    assert_string_equal(pt_buf_text(&out), wanted);
    assert_false(pt_guard_inside());
    pt_buf_release(&out);
}

static const struct {
    const char *expression, *text;
    struct pt_saferepr_limits limits;
} cases[] = {
    {"None", "None", {0}},
    {"True", "True", {0}},
    {"-7", "-7", {0}},
    {"1 << 600", "<int of 601 bits>", {0}},
    {"2.5", "2.5", {0}},
    {"'a\\n\\x1b\\u20ac'", "'a\\n\\x1b\xe2\x82\xac'", {0}},
    {"b'\\xff\\0'", "b'\\xff\\x00'", {0}},
    {"(1,)", "(1,)", {0}},
    {"[1, 'b', {2: ()}]", "[1, 'b', {2: ()}]", {0}},
    {"[[[[1]]]]", "[[[...]]]", {0}},
    {"[[[[1]]]]", "[...]", {.depth = 1}},
    {"list(range(20))", "[0, 1, 2, 3, 4, 5, 6, 7, ...]", {0}},
    {"list(range(20))", "[0, 1, ...]", {.items = 2}},
    {"'abcdefgh'", "'abc...", {.bytes = 4}},
    // Cut between characters.
    {"'\\u20ac\\u20ac'", "'...", {.bytes = 3}},
    {"'\\u20ac\\u20ac'", "'\xe2\x82\xac...", {.bytes = 4}},
    {"len", "<built-in function len>", {0}},
    {"int", "<class int>", {0}},
    {"object()", "<object object>", {0}},
    {"KeyError('a', 1)", "KeyError('a', 1)", {0}},
};

static void
each_value_has_its_text(void **state)
{
    PyObject *names = new_names(NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        PyObject *value = value_of(cases[i].expression, names);

        assert_shown(value, &cases[i].limits, cases[i].text);
        Py_DECREF(value);
    }
    assert_shown(NULL, &usual, "NULL");
    Py_DECREF(names);
}

static void
no_code_of_the_program_runs(void **state)
{
    PyObject *names = new_names(NULL);

    (void)state;
    run_text("ran = []\n"
             "class Odd(int):\n"
             "    def __repr__(self): ran.append(1)\n"
             "    __str__ = __int__ = __index__ = __eq__ = __repr__\n"
             "    __hash__ = __bool__ = __getattribute__ = __repr__\n"
             "odd = Odd(5)\n",
             names);
    assert_shown(PyDict_GetItemString(names, "odd"), &usual, "Odd(5)");
    assert_int_equal(number_of("len(ran)", names), 0);
    Py_DECREF(names);
}

static void
an_exception_under_way_stays(void **state)
{
    PyObject *names = new_names(NULL);
    PyObject *value = value_of("[{1, 2}, 1 << 99999, 'a']", names);

    (void)state;
    PyErr_SetString(PyExc_KeyError, "under way");
    assert_shown(value, &usual, "[{1, 2}, <int of 100000 bits>, 'a']");
    assert_raised(PyExc_KeyError);
    Py_DECREF(value);
    Py_DECREF(names);
}

static void
it_is_appended_to_what_is_there(void **state)
{
    const struct pt_saferepr_limits four = {.bytes = 4};
    struct pt_buf out = PT_BUF_INIT;
    PyObject *text = sound(PyUnicode_FromString("long\tenough"));

    (void)state;
    pt_buf_add_text(&out, "a text of some length: ");
    pt_saferepr(&out, text, &four);
    pt_buf_add_char(&out, ' ');
    pt_saferepr_type(&out, &PyLong_Type);
    pt_buf_add_char(&out, ' ');
    pt_saferepr_text(&out, text, 5);
    assert_string_equal(pt_buf_text(&out),
                        "a text of some length: 'lon... int long\\t");
    pt_buf_release(&out);
    Py_DECREF(text);
}

#ifdef PT_TORTURE
static void
without_memory_the_buffer_says_so(void **state)
{
    PyObject *names = new_names(NULL);
    PyObject *value =
        value_of("[{'a': (1, 2.5)}, object(), 'text'] * 9", names);
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        const struct pt_saferepr_limits wide = {.bytes = 2000, .items = 99};
        struct pt_buf out = PT_BUF_INIT;

        pt_rawmem_fail_at(nth);
        pt_saferepr(&out, value, &wide);
        failed = pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
        assert_int_equal(pt_buf_check(&out), failed ? PT_ERR_NOMEM : PT_OK);
        assert_null(PyErr_Occurred());
        pt_buf_release(&out);
    }
    Py_DECREF(value);
    Py_DECREF(names);
}
#endif

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_has_its_text),
        cmocka_unit_test(no_code_of_the_program_runs),
        cmocka_unit_test(an_exception_under_way_stays),
        cmocka_unit_test(it_is_appended_to_what_is_there),
#ifdef PT_TORTURE
        cmocka_unit_test(without_memory_the_buffer_says_so),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_saferepr, run_all)
