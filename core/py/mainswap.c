/* SPDX-License-Identifier: MIT */
/* mainswap.c - a frame evaluation function that is used once. */
#include "core/py/mainswap.h"

#include <string.h>

#include "core/py/frame.h"
#include "core/py/guard.h"

static pt_mainswap_func replace;
static _PyFrameEvalFunction earlier;
static PyCodeObject *empty;  // an empty module's code

void
pt_mainswap_stop(void)
{
    if (replace != NULL) {
        replace = NULL;
        _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(),
                                             earlier);
    }
}

/* Let the frame of the code that was not run end as CPython ends frames: it
 * gets the code of an empty module and returns from that. */
static void
end_unused_frame(PyThreadState *thread, struct pt_frame *frame)
{
    PyObject *type, *value, *traceback, *result;

    PyErr_Fetch(&type, &value, &traceback);
    pt_frame_set_code(frame, empty);
    result = earlier(thread, (struct _PyInterpreterFrame *)frame, 0);
    Py_XDECREF(result);
    PyErr_Restore(type, value, traceback);
}

static PyObject *
run_replaced(PyThreadState *thread, struct pt_frame *frame)
{
    PyCodeObject *code = pt_frame_code(frame), *instead;
    PyObject *result;

    pt_guard_enter();
    instead = replace(code);
    pt_guard_leave();
    pt_mainswap_stop();
    if (instead == code) {
        Py_DECREF(instead);
        return earlier(thread, (struct _PyInterpreterFrame *)frame, 0);
    }
    result =
        PyEval_EvalCode((PyObject *)instead, frame->globals, frame->locals);
    Py_DECREF(instead);
    end_unused_frame(thread, frame);
    return result;
}

static int
is_named(const PyCodeObject *code, const char *name)
{
    return PyUnicode_CompareWithASCIIString(code->co_name, name) == 0;
}

static PyObject *
eval_frame(PyThreadState *thread, struct _PyInterpreterFrame *raw, int thrown)
{
    struct pt_frame *frame = (struct pt_frame *)raw;
    _PyFrameEvalFunction evaluate = earlier;

    // Below the script there is no frame.
    if (replace != NULL && !thrown && pt_frame_top(thread) == NULL) {
        if (is_named(pt_frame_code(frame), "<module>")) {
            return run_replaced(thread, frame);
        }
        if (is_named(pt_frame_code(frame), "_run_module_as_main")) {
            // runpy loads the program, through exec().
            pt_mainswap_stop();
        }
    }
    return evaluate(thread, raw, thrown);
}

int
pt_mainswap_start(pt_mainswap_func func)
{
    PyInterpreterState *interpreter = PyInterpreterState_Get();

    if (empty == NULL) {
        empty =
            (PyCodeObject *)Py_CompileString("", "<pytrace>", Py_file_input);
    }
    if (empty == NULL) {
        return -1;
    }
    replace = func;
    earlier = _PyInterpreterState_GetEvalFrameFunc(interpreter);
    _PyInterpreterState_SetEvalFrameFunc(interpreter, eval_frame);
    return 0;
}
