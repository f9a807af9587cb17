/* SPDX-License-Identifier: MIT */
/* trace_events.c - what a Tracer does at a call, a line and a return.
 *
 * A trace function that raises is switched off and its exception goes to the
 * program (CPython docs, sys.settrace). So is what ours may meet: sys.stdout
 * that cannot be written to, and the user's own hooks.
 */
#include "python/pytrace/ext/trace_tracer.h"

#include "core/py/frame.h"

/* Count the function that a frame runs; a resumed generator was called before.
 */
static int
count_function(struct pt_tracer *self, const struct pt_frame *frame,
               struct pt_trace_place *place)
{
    PyCodeObject *code = pt_frame_code(frame);
    const pt_code_unit *first = pt_code_start(code) + code->_co_firsttraceable;

    if (place->function == PT_TRACE_NO_FUNCTION &&
        pt_trace_name_function(&self->names, code, place) < 0) {
        return -1;
    }
    if (self->counts_functions) {
        pt_tally_add(&self->functions, pt_tally_key(0, place->function),
                     !self->counts_calls || frame->instr == first);
    }
    return 0;
}

static int
count_caller(struct pt_tracer *self, const struct pt_frame *frame,
             uint32_t function)
{
    const struct pt_frame *back = pt_frame_complete(frame->previous);
    struct pt_trace_place *place;

    if (back == NULL) {
        return 0;
    }
    place = pt_trace_place(&self->names, pt_frame_code(back));
    if (place == NULL || (place->function == PT_TRACE_NO_FUNCTION &&
                          pt_trace_name_function(
                              &self->names, pt_frame_code(back), place) < 0)) {
        return -1;
    }
    pt_tally_add(&self->callers, pt_tally_key(place->function, function), 1);
    return 0;
}

static PyObject *
decide_slow(struct pt_tracer *self, PyObject *file)
{
    PyObject *module = pt_trace_modname(file);
    PyObject *answer = NULL, *found = NULL;
    int ignored;

    if (module != NULL) {
        answer =
            PyObject_CallMethod(self->ignore, "names", "OO", file, module);
    }
    ignored = answer != NULL ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    if (ignored >= 0) {
        found = ignored ? Py_None : module;
        if (PyDict_SetItem(self->modules, file, found) < 0) {
            found = NULL;
        }
    }
    Py_XDECREF(module);
    return found;
}

/* The name of the module that a frame belongs to, None if it is ignored.
 * Borrowed from self->modules, or NULL with an exception. */
static PyObject *
module_of(struct pt_tracer *self, const struct pt_frame *frame)
{
    static PyObject *name;
    PyObject *file, *module;

    if (name == NULL) {
        name = PyUnicode_InternFromString("__file__");
        if (name == NULL) {
            return NULL;
        }
    }
    file = PyDict_GetItemWithError(frame->globals, name);
    if (file == NULL || !PyUnicode_Check(file) ||
        PyUnicode_GET_LENGTH(file) == 0) {
        return PyErr_Occurred() ? NULL : Py_None;
    }
    module = PyDict_GetItemWithError(self->modules, file);
    if (pt_likely(module != NULL) || PyErr_Occurred()) {
        return module;
    }
    return decide_slow(self, file);
}

static int
call_hook(PyObject *hook, PyObject *arg)
{
    PyObject *answer = hook != NULL ? PyObject_CallOneArg(hook, arg) : NULL;
    int truth;

    if (hook == NULL) {
        return 1;
    }
    if (answer == NULL) {
        return -1;
    }
    truth = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return truth;
}

/* A frame of which we follow the lines begins. 0, or -1 with an exception. */
static int
begin_frame(struct pt_tracer *self, PyCodeObject *code, PyObject *module)
{
    if (self->show.linecache != NULL &&
        pt_trace_show_text(&self->show, " --- modulename: %U, funcname: %U\n",
                           module, code->co_name) < 0) {
        return -1;
    }
    return call_hook(self->on_start, code->co_name) < 0 ? -1 : 0;
}

/* A frame begins or goes on: 1 if we want its other events, 0 if not, -1 with
 * an exception. */
static int
on_call(struct pt_tracer *self, struct pt_frame_object *object)
{
    const struct pt_frame *frame = object->frame;
    PyCodeObject *code = pt_frame_code(frame);
    struct pt_trace_place *place;
    PyObject *module;
    int wanted = call_hook(self->wants_frame, (PyObject *)object);

    if (wanted <= 0) {
        return wanted;
    }
    place = pt_trace_place(&self->names, code);
    if (place == NULL) {
        return -1;
    }
    if (self->counts_functions || self->counts_callers) {
        if (count_function(self, frame, place) < 0) {
            return -1;
        }
        if (self->counts_callers &&
            count_caller(self, frame, place->function) < 0) {
            return -1;
        }
    }
    if (!self->counts_lines && !self->has_hooks &&
        self->show.linecache == NULL) {
        return 0;
    }
    module = module_of(self, frame);
    if (module == NULL || module == Py_None) {
        return module != NULL ? 0 : -1;
    }
    return begin_frame(self, code, module) < 0 ? -1 : 1;
}

/* Budget: 25 instructions when only counting. */
PT_INLINE int
on_line(struct pt_tracer *self, PyCodeObject *code, int line)
{
    struct pt_trace_place *place = pt_trace_place(&self->names, code);
    uint32_t file;

    if (pt_unlikely(place == NULL)) {
        return -1;
    }
    file = place->file;
    if (self->counts_lines) {
        pt_tally_add(&self->lines, pt_tally_key(file, (uint32_t)line), 1);
    }
    if (self->show.linecache != NULL) {
        return pt_trace_show_line(&self->show, code->co_filename, file, line);
    }
    return 0;
}

/* The frame returns, yields or is left by an exception. */
static int
on_return(struct pt_tracer *self, PyCodeObject *code)
{
    if (self->shows_returns &&
        pt_trace_show_text(&self->show, " --- return from %U\n",
                           code->co_name) < 0) {
        return -1;
    }
    return call_hook(self->on_finish, code->co_name) < 0 ? -1 : 0;
}

/* An event of a frame whose f_trace the program has set: as CPython's own
 * function would pass it on. */
PT_COLD static int
pass_on(struct pt_frame_object *frame, int what, PyObject *arg)
{
    static const char *const names[] = {"call",     "exception", "line",
                                        "return",   "c_call",    "c_exception",
                                        "c_return", "opcode"};
    PyObject *function = Py_NewRef(frame->trace);
    PyObject *next = PyObject_CallFunction(function, "OsO", frame, names[what],
                                           arg != NULL ? arg : Py_None);

    Py_DECREF(function);
    if (next == NULL) {
        return -1;
    }
    if (next == Py_None) {
        Py_DECREF(next);
        return 0;
    }
    Py_XSETREF(frame->trace, next);
    return 0;
}

/* An event of a frame that we follow. */
PT_INLINE int
on_local_event(struct pt_tracer *self, struct pt_frame_object *frame, int what)
{
    PyCodeObject *code = pt_frame_code(frame->frame);

    if (pt_likely(what == PyTrace_LINE)) {
        int line = frame->line;

        // 3.13 leaves it to whoever asks to work it out.
        if (pt_unlikely(line <= 0)) {
            line = PyFrame_GetLineNumber((PyFrameObject *)frame);
        }
        return line >= 0 ? on_line(self, code, line) : 0;
    }
    if (what == PyTrace_RETURN) {
        return on_return(self, code);
    }
    return 0;
}

/* Switch tracing off in this thread, with an exception under way. */
PT_COLD static int
fail(struct pt_frame_object *frame)
{
    PyEval_SetTrace(NULL, NULL);
    Py_CLEAR(frame->trace);
    return -1;
}

int
pt_tracer_on_event(PyObject *self, PyFrameObject *object, int what,
                   PyObject *arg)
{
    struct pt_frame_object *frame = (struct pt_frame_object *)object;
    struct pt_tracer *tracer = (struct pt_tracer *)self;
    int result = 0;

    if (what != PyTrace_CALL && frame->trace == NULL) {
        return 0;
    }
    // A hook, or what sys.stdout is, may take us out.
    Py_INCREF(self);
    if (what == PyTrace_CALL) {
        result = on_call(tracer, frame);
        if (result > 0) {
            Py_XSETREF(frame->trace, Py_NewRef(self));
            result = 0;
        }
    }
    else if (pt_likely(frame->trace == self)) {
        result = on_local_event(tracer, frame, what);
    }
    else {
        result = pass_on(frame, what, arg);
    }
    if (pt_unlikely(result < 0)) {
        result = fail(frame);
    }
    Py_DECREF(self);
    return result;
}

PyObject *
pt_tracer_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"frame", "why", "arg", NULL};
    PyThreadState *thread = pt_thread_attached();
    PyObject *frame, *why, *arg;
    int result;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!UO:Tracer", keywords,
                                     &PyFrame_Type, &frame, &why, &arg)) {
        return NULL;
    }
    if (PyUnicode_CompareWithASCIIString(why, "call") == 0) {
        if (thread->c_traceobj == self &&
            thread->c_tracefunc != pt_tracer_on_event) {
            PyEval_SetTrace(pt_tracer_on_event, self);
        }
        result =
            on_call((struct pt_tracer *)self, (struct pt_frame_object *)frame);
        if (result == 0) {
            Py_RETURN_NONE;
        }
    }
    else {
        int what = PyUnicode_CompareWithASCIIString(why, "line") == 0
                       ? PyTrace_LINE
                   : PyUnicode_CompareWithASCIIString(why, "return") == 0
                       ? PyTrace_RETURN
                       : PyTrace_EXCEPTION;

        result = on_local_event((struct pt_tracer *)self,
                                (struct pt_frame_object *)frame, what);
    }
    return result < 0 ? NULL : Py_NewRef(self);
}
