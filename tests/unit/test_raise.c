/* SPDX-License-Identifier: MIT */
/* test_raise.c - each of our errors has its exception. */
#include "tests/unit/inpython.h"

#include "core/py/raise.h"

static void
each_error_has_its_exception(void **state)
{
    const struct {
        enum pt_error code;
        PyObject *type;
    } cases[] = {
        {PT_ERR_NOMEM, PyExc_MemoryError},  {PT_ERR_IO, PyExc_OSError},
        {PT_ERR_NOSPACE, PyExc_OSError},    {PT_ERR_FORMAT, PyExc_ValueError},
        {PT_ERR_VERSION, PyExc_ValueError}, {PT_ERR_CORRUPT, PyExc_ValueError},
        {PT_ERR_RANGE, PyExc_ValueError},   {PT_ERR_USAGE, PyExc_ValueError},
        {PT_OK, PyExc_RuntimeError},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_err err = {.code = cases[i].code, .message = "what and why"};
        PyObject *type, *value, *traceback, *text;

        assert_null(pt_raise(&err));
        PyErr_Fetch(&type, &value, &traceback);
        assert_ptr_equal(type, cases[i].type);
        text = sound(PyObject_Str(value));
        assert_string_equal(PyUnicode_AsUTF8(text), "what and why");
        Py_DECREF(text);
        Py_XDECREF(traceback);
        Py_DECREF(value);
        Py_DECREF(type);
    }
}

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_has_its_exception),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_raise, run_all)
