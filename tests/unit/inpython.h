/* SPDX-License-Identifier: MIT */
/* inpython.h - unit tests of core/py, which wants a real interpreter.
 *
 * Such a program is an extension module with the function run(), which
 * tests/CMakeLists.txt has the interpreter import and call: it returns how
 * many of its tests failed. To be included first, by one file of a program.
 */
#ifndef PT_TESTS_UNIT_INPYTHON_H
#define PT_TESTS_UNIT_INPYTHON_H

#include "core/py/compat.h"

#include "tests/unit/support.h"

/* Has the module `name` around a function `int run_all(void)`. */
#define PT_TEST_MODULE(name, run_all)                                      \
  static PyObject *run(PyObject *module, PyObject *unused)                 \
  {                                                                        \
    (void)module, (void)unused;                                            \
    return PyLong_FromLong(run_all());                                     \
  }                                                                        \
  PyMODINIT_FUNC PyInit_##name(void);                                      \
  PyMODINIT_FUNC PyInit_##name(void)                                       \
  {                                                                        \
    static PyMethodDef methods[] = {{"run", run, METH_NOARGS, NULL},       \
                                    {NULL, NULL, 0, NULL}};                \
    static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,         \
                                            .m_name = #name, .m_size = -1, \
                                            .m_methods = methods};         \
    return PyModule_Create(&definition);                                   \
  }

/* `object` itself, which must be there: what Python says else is printed. */
static inline PyObject *
sound(PyObject *object)
{
    if (object == NULL) {
        PyErr_Print();
    }
    assert_non_null(object);
    assert_null(PyErr_Occurred());
    return object;
}

/* There must be an exception of this type, which is taken away. */
static inline void
assert_raised(PyObject *type)
{
    assert_non_null(PyErr_Occurred());
    assert_true(PyErr_ExceptionMatches(type));
    PyErr_Clear();
}

/* A module's namespace, with one function of ours in it if `function` is not
 * NULL. New reference. */
static inline PyObject *
new_names(PyMethodDef *function)
{
    PyObject *names = sound(PyDict_New());

    assert_int_equal(
        PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()), 0);
    if (function != NULL) {
        PyObject *object = sound(PyCFunction_New(function, NULL));

        PyDict_SetItemString(names, function->ml_name, object);
        Py_DECREF(object);
    }
    return names;
}

/* Run statements among these names. */
static inline void
run_text(const char *text, PyObject *names)
{
    Py_DECREF(sound(PyRun_String(text, Py_file_input, names, names)));
}

/* The value of an expression. New reference. */
static inline PyObject *
value_of(const char *expression, PyObject *names)
{
    return sound(PyRun_String(expression, Py_eval_input, names, names));
}

/* The same, of a whole number. */
static inline long
number_of(const char *expression, PyObject *names)
{
    PyObject *value = value_of(expression, names);
    long number = PyLong_AsLong(value);

    Py_DECREF(value);
    assert_null(PyErr_Occurred());
    return number;
}

/* The code object of a module with that text. New reference. */
static inline PyCodeObject *
code_of(const char *text, const char *filename)
{
    return (PyCodeObject *)sound(
        Py_CompileString(text, filename, Py_file_input));
}

/* The code object of a function among these names. Borrowed. */
static inline PyCodeObject *
code_at(const char *function, PyObject *names)
{
    return (PyCodeObject *)PyFunction_GetCode(
        PyDict_GetItemString(names, function));
}

#endif
