/* SPDX-License-Identifier: MIT */
/* codewatch.c - listeners over the one watcher (or code extra) we take. */
#include "core/py/codewatch.h"

#include "core/py/codeextra.h"
#include "core/py/guard.h"

#define LISTENERS_MAX 4

static pt_codewatch_func listener[PT_CODEWATCH_EVENTS][LISTENERS_MAX];

static void
tell(enum pt_codewatch_event event, PyCodeObject *code)
{
    for (int i = 0; i < LISTENERS_MAX; i++) {
        if (listener[event][i] != NULL) {
            listener[event][i](code);
        }
    }
}

#if PT_HAS_CODE_WATCHER

static int
on_code_event(PyCodeEvent event, PyCodeObject *code)
{
    tell(event == PY_CODE_EVENT_CREATE ? PT_CODEWATCH_CREATED
                                       : PT_CODEWATCH_DESTROYED,
         code);
    return 0;
}

static int
start_watching(void)
{
    static int watcher = -1;

    if (watcher < 0) {
        watcher = PyCode_AddWatcher(on_code_event);
    }
    return watcher < 0 ? -1 : 0;
}

int
pt_codewatch_mark(PyCodeObject *code)
{
    (void)code;
    return 0;
}

#else

static Py_ssize_t extra_index = -1;

static void
on_extra_freed(void *extra)
{
    tell(PT_CODEWATCH_DESTROYED, extra);
}

static int
start_watching(void)
{
    return pt_codeextra_take(&extra_index, on_extra_freed);
}

int
pt_codewatch_mark(PyCodeObject *code)
{
    void *extra = NULL;
    int failed;

    if (pt_extra_get(code, extra_index, &extra) == 0 && extra != NULL) {
        return 0;
    }
    pt_guard_enter();
    failed = pt_extra_set(code, extra_index, code) != 0;
    if (failed) {
        PyErr_Clear();
    }
    pt_guard_leave();
    return failed ? -1 : 0;
}

#endif

int
pt_codewatch_add(enum pt_codewatch_event event, pt_codewatch_func func)
{
    if (start_watching() < 0) {
        return -1;
    }
    // Wherever it stands already: it is told once.
    pt_codewatch_remove(event, func);
    for (int i = 0; i < LISTENERS_MAX; i++) {
        if (listener[event][i] == NULL) {
            listener[event][i] = func;
            return 0;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "pytrace: too many code listeners");
    return -1;
}

void
pt_codewatch_remove(enum pt_codewatch_event event, pt_codewatch_func func)
{
    for (int i = 0; i < LISTENERS_MAX; i++) {
        if (listener[event][i] == func) {
            listener[event][i] = NULL;
        }
    }
}
