/* SPDX-License-Identifier: MIT */
/* test_frame.c - our walk over the frames meets what CPython's meets. */
#include "tests/unit/inpython.h"

#include "core/py/frame.h"

static int looks;

static const struct pt_frame *
outward(const struct pt_frame *frame)
{
    return frame != NULL ? pt_frame_complete(frame->previous) : NULL;
}

/* Compare the stack of the caller, frame by frame. */
static PyObject *
look(PyObject *self, PyObject *unused)
{
    PyThreadState *thread = PyThreadState_Get();
    const struct pt_frame *frame = pt_frame_complete(pt_frame_top(thread));
    PyFrameObject *object = PyThreadState_GetFrame(thread);

    (void)self, (void)unused;
    looks++;
    while (object != NULL) {
        PyCodeObject *code = PyFrame_GetCode(object);
        PyFrameObject *back = PyFrame_GetBack(object);

        assert_non_null(frame);
        assert_ptr_equal(pt_frame_code(frame), code);
        assert_int_equal(pt_frame_line(frame), PyFrame_GetLineNumber(object));
        assert_ptr_equal(((struct pt_frame_object *)object)->frame, frame);
        assert_true(pt_frame_place(frame) >= (uintptr_t)pt_code_start(code));
        frame = outward(frame);
        Py_DECREF(code);
        Py_DECREF(object);
        object = back;
    }
    assert_null(frame);
    Py_RETURN_NONE;
}

static PyMethodDef look_def = {"look", look, METH_NOARGS, NULL};

/* Functions, C between them, generators, classes, text run, deep recursion:
 * each calls look(). */
static const char program[] =
    "import asyncio, functools\n"
    "look()\n"
    "def plain(*a):\n"
    "    (look\n"
    "     ())\n"
    "    return 0\n"
    "plain()\n"
    "list(map(plain, [1, 2]))\n"
    "sorted([2, 1], key=lambda x: look() or x)\n"
    "[look() for _ in range(2)]\n"
    "class C:\n"
    "    look()\n"
    "    def __init__(self): look()\n"
    "    def __add__(self, other): return plain()\n"
    "    @property\n"
    "    def value(self): return plain()\n"
    "    __eq__ = functools.lru_cache(__add__)\n"
    "    __hash__ = object.__hash__\n"
    "C() + 1\n"
    "C().value\n"
    "C() == 2\n"
    "def generator():\n"
    "    look()\n"
    "    yield plain()\n"
    "    try: yield\n"
    "    finally: look()\n"
    "def outer(): yield from generator()\n"
    "walk = outer(); next(walk); next(walk); walk.close()\n"
    "async def inner(): plain()\n"
    "async def coroutine():\n"
    "    await inner()\n"
    "    await asyncio.sleep(0)\n"
    "    look()\n"
    "asyncio.run(coroutine())\n"
    "exec('plain()\\nlook()')\n"
    "def deep(n): deep(n - 1) if n else look()\n"
    "deep(300)\n"
    "try: 1 / 0\n"
    "except ArithmeticError: look()\n";

static void
frames_are_those_of_cpython(void **state)
{
    PyObject *names = new_names(&look_def);

    (void)state;
    looks = 0;
    run_text(program, names);
    // Top, plain, map 2, sorted 2, listcomp 2, class, C() 3, +, value, ==,
    // generator 3, coroutine 2, exec 2, deep, except.
    assert_int_equal(looks, 24);
    Py_DECREF(names);
}

/* Make a frame of a code object that has not begun. */
static void
begin(struct pt_frame *frame, PyCodeObject *code)
{
    void *words[offsetof(struct pt_frame, instr) / sizeof(void *)];

    // pt_frame_set_code() gives a reference to the earlier code back, which
    // lies at different places.
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        words[i] = code;
    }
    Py_INCREF(code);
    memset(frame, 0, sizeof(*frame));
    memcpy(frame, words, sizeof(words));
    pt_frame_set_code(frame, code);
    frame->previous = NULL;
}

/* As when a function takes its closure, or its cells are made. */
static void
frames_before_their_first_instruction_are_left_out(void **state)
{
    PyObject *names = new_names(NULL);
    PyCodeObject *code;
    struct pt_frame outer, inner;
    Py_ssize_t references;

    (void)state;
    run_text("def make():\n    x = 1\n    def f(): return x\n    return f\n"
             "code = make().__code__\n",
             names);
    code = (PyCodeObject *)PyDict_GetItemString(names, "code");
    references = Py_REFCNT(code);
    begin(&outer, code);
    begin(&inner, code);
    assert_int_equal(Py_REFCNT(code), references + 2);
    assert_ptr_equal(pt_frame_code(&inner), code);
    inner.previous = &outer;
    outer.instr = pt_code_start(code) + code->_co_firsttraceable;
    assert_true(pt_frame_is_complete(&outer));
    assert_false(pt_frame_is_complete(&inner));
    assert_ptr_equal(pt_frame_complete(&inner), &outer);
    // A generator's has begun when it was made.
    inner.owner = PT_FRAME_OF_GENERATOR;
    assert_ptr_equal(pt_frame_complete(&inner), &inner);
    inner.owner = 0;
    outer.instr = inner.instr;
    assert_null(pt_frame_complete(&inner));
    assert_null(pt_frame_complete(NULL));
    Py_DECREF(code);
    Py_DECREF(code);
    Py_DECREF(names);
}

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_cpython),
        cmocka_unit_test(frames_before_their_first_instruction_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_frame, run_all)
