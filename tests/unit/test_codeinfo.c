/* SPDX-License-Identifier: MIT */
/* test_codeinfo.c - lines and texts as CPython itself tells them. */
#include "tests/unit/inpython.h"

#include "core/py/codeinfo.h"

/* Lines that go back, far ahead, over several, and none at all. */
static const char odd_source[] =
    "import os\n"
    "def f(a, *b):\n"
    "    for x in (a +\n"
    "\n\n"
    "              a,\n"
    "              [y for y in b if y]):\n"
    "        try:\n"
    "            with open(os.devnull) as file: file.read(x)\n"
    "        except (OSError,\n"
    "                TypeError) as error:\n"
    "            print(error)\n"
    "        finally:\n"
    "            a = lambda: (yield)\n"
    "    match a:\n"
    "        case [1, *_]: return a\n"
    "        case _: pass\n"
    "class C: x = 1; y = \\\n"
    "    2\n"
    "async def g(c):\n"
    "    async with c: return [x async for x in c]\n"
    "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
    "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
    "if C: f(1); f(2)\n";

/* Each unit of this code and of that in it has the line CPython says. */
static int
compare_lines(PyCodeObject *code)
{
    struct pt_code_lines walk;
    int unit = 0, compared = 1;

    pt_code_lines_start(&walk, code);
    while (pt_code_lines_next(&walk)) {
        for (int i = 0; i < walk.units; i++, unit++) {
            assert_int_equal(PyCode_Addr2Line(code, unit * 2), walk.line);
        }
    }
    assert_int_equal(unit, Py_SIZE(code));
    assert_true(pt_code_can_run(code));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);

        if (PyCode_Check(constant)) {
            compared += compare_lines((PyCodeObject *)constant);
        }
    }
    return compared;
}

static void
each_unit_has_its_line(void **state)
{
    PyCodeObject *code = code_of(odd_source, "odd.py");

    (void)state;
    assert_true(compare_lines(code) >= 5);
    Py_DECREF(code);
    code = code_of("", "empty.py");
    assert_int_equal(compare_lines(code), 1);
    Py_DECREF(code);
}

/* Of a module that was written for other ends. */
static void
each_unit_of_a_real_module_too(void **state)
{
    PyObject *names = new_names(NULL);
    PyObject *code;

    (void)state;
    run_text("import os\nwith open(os.__file__) as file:\n"
             "    code = compile(file.read(), os.__file__, 'exec')\n",
             names);
    code = PyDict_GetItemString(names, "code");
    assert_true(compare_lines((PyCodeObject *)code) > 50);
    Py_DECREF(names);
}

/* What Cython makes for tracebacks. */
static void
code_without_instructions_cannot_run(void **state)
{
    PyObject *names = new_names(NULL);
    PyObject *stub;

    (void)state;
    stub = value_of("(lambda code: code.replace(co_code="
                    "bytes(len(code.co_code))))((lambda: 1).__code__)",
                    names);
    assert_false(pt_code_can_run((PyCodeObject *)stub));
    Py_DECREF(stub);
    Py_DECREF(names);
    stub = (PyObject *)PyCode_NewEmpty("fake.pyx", "run", 912);
    assert_false(pt_code_can_run((PyCodeObject *)stub));
    Py_DECREF(stub);
}

/* What comes nearest to it. */
static void
what_only_fails_can_run(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        PyCodeObject *code =
            code_of(i ? "def f(): assert 0" : "assert 0", "fails.py");

        compare_lines(code);
        Py_DECREF(code);
    }
}

static const struct {
    const char *expression, *text;
} texts[] = {
    {"''", ""},
    {"'abc'", "abc"},
    {"'a\\0b'", "a"},  // as far as C reads it
    {"'\\x7f\\x80\\xff'", "\x7f\xc2\x80\xc3\xbf"},
    {"'\\u07ff\\u0800\\uffff'", "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
    {"'\\U00010000\\U0010ffff'", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
    // Bytes that were no UTF-8 come back; other surrogates do as they are.
    {"'x\\udc80\\udcff'", "x\x80\xff"},
    {"'\\ud800'", "\xed\xa0\x80"},
    {"b'abc'", ""},
    {"None", ""},
};

static void
texts_are_copied_as_utf_8(void **state)
{
    PyObject *names = new_names(NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        PyObject *text = value_of(texts[i].expression, names);
        char out[64] = {0};
        size_t used = pt_code_text(text, out, sizeof(out));

        assert_string_equal(out, texts[i].text);
        assert_true(used >= strlen(texts[i].text) && used < sizeof(out));
        Py_DECREF(text);
    }
    assert_int_equal(pt_code_text(NULL, NULL, 0), 0);
    Py_DECREF(names);
}

/* What does not fit is cut between characters, and nothing behind is touched.
 */
static void
long_texts_are_cut(void **state)
{
    PyObject *names = new_names(NULL);
    PyObject *ascii = value_of("'abcdefgh' * 8", names);
    PyObject *wide = value_of("'\\u20ac' * 20", names);

    (void)state;
    for (size_t room = 0; room < 70; room++) {
        char out[80];
        size_t used;

        memset(out, '#', sizeof(out));
        used = pt_code_text(ascii, out, room);
        assert_true(used <= room && used + 4 > (room < 64 ? room : 64));
        assert_int_equal(out[room], '#');
        used = pt_code_text(wide, out, room);
        assert_true(used <= room && used % 3 == 0);
        assert_int_equal(out[room], '#');
    }
    Py_DECREF(ascii);
    Py_DECREF(wide);
    Py_DECREF(names);
}

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unit_has_its_line),
        cmocka_unit_test(each_unit_of_a_real_module_too),
        cmocka_unit_test(code_without_instructions_cannot_run),
        cmocka_unit_test(what_only_fails_can_run),
        cmocka_unit_test(texts_are_copied_as_utf_8),
        cmocka_unit_test(long_texts_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_codeinfo, run_all)
