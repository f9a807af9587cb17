/* SPDX-License-Identifier: MIT */
/* fakepython.h - as much of an interpreter as the memory engine sees.
 *
 * Code objects, frames and thread states that tests push about as they like,
 * and the few functions of CPython and core/py that the engine calls. To be
 * included by one file of a program.
 */
#ifndef PT_TESTS_UNIT_FAKEPYTHON_H
#define PT_TESTS_UNIT_FAKEPYTHON_H

#include "core/py/compat.h"

#include <string.h>

#include "core/py/attached.h"
#include "core/py/catalog.h"
#include "core/py/codeinfo.h"
#include "core/py/codewatch.h"
#include "core/py/frame.h"

#define CODES 12u
#define UNITS 40           // code units of a code object
#define FIRST_TRACEABLE 3  // of them are not shown by tracebacks

/* A code object that is a generator's if its number is a multiple of 3. */
struct fake_code {
    PyCodeObject base;
    pt_code_unit units[UNITS];
    uint32_t identity;  // what the catalog knows it as
};

struct fake_thread {
    PyThreadState state;
#if PT_HAS_CFRAME
    _PyCFrame cframe;
#endif
};

static struct fake_code fake_code[CODES + 1];
#define FAKE_TRAMPOLINE (&fake_code[CODES])  // what frames of C run
static uint32_t fake_identities;
static int fake_main_interpreter;  // its address is the interpreter's
static _Thread_local PyThreadState *fake_attached;

static void
fake_code_born(struct fake_code *code)
{
    *code = (struct fake_code){.identity = ++fake_identities};
    code->base._co_firsttraceable = FIRST_TRACEABLE;
    code->base.co_flags = (code - fake_code) % 3 == 0 ? CO_GENERATOR : 0;
    // Never counted down to 0.
    Py_SET_REFCNT((PyObject *)code, 1 << 30);
}

static void
fake_python_start(void)
{
    for (uint32_t i = 0; i < CODES; i++) {
        fake_code_born(&fake_code[i]);
    }
}

static void
fake_thread_attach(struct fake_thread *thread)
{
    thread->state.interp = (PyInterpreterState *)&fake_main_interpreter;
#if PT_HAS_CFRAME
    thread->state.cframe = &thread->cframe;
#endif
    fake_attached = &thread->state;
}

static void
fake_thread_run(struct fake_thread *thread, struct pt_frame *frame)
{
#if PT_HAS_CFRAME
    thread->cframe.current_frame = (struct _PyInterpreterFrame *)frame;
#else
    thread->state.current_frame = (struct _PyInterpreterFrame *)frame;
#endif
}

/* Make a frame of a code object, at code unit `at`, called by `previous`. */
static void
fake_frame(struct pt_frame *frame, struct fake_code *code, int at, int owner,
           struct pt_frame *previous)
{
    void *words[offsetof(struct pt_frame, instr) / sizeof(void *)];

    // pt_frame_set_code() gives a reference to the old code back.
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        words[i] = &fake_code[0];
    }
    memset(frame, 0, sizeof(*frame));
    memcpy(frame, words, sizeof(words));
    pt_frame_set_code(frame, &code->base);
    frame->previous = previous;
    frame->instr = pt_code_start(&code->base) + at;
    frame->owner = (char)owner;
}

static uint32_t
fake_line(int unit)
{
    return (uint32_t)unit + 1;
}

// -- What the engine calls ---------------------------------------------------

int
PyCode_Addr2Line(PyCodeObject *code, int offset)
{
    (void)code;
    return (int)fake_line(offset / (int)sizeof(pt_code_unit));
}

/* One code unit an entry. */
void
pt_code_lines_start(struct pt_code_lines *walk, const PyCodeObject *code)
{
    (void)code;
    *walk = (struct pt_code_lines){0};
}

int
pt_code_lines_next(struct pt_code_lines *walk)
{
    if (walk->computed_line == UNITS) {
        return 0;
    }
    walk->line = (int)fake_line(walk->computed_line++);
    walk->units = 1;
    return 1;
}

void
_Py_Dealloc(PyObject *object)
{
    (void)object;
}

PyInterpreterState *
PyInterpreterState_Main(void)
{
    return (PyInterpreterState *)&fake_main_interpreter;
}

PyThreadState *
pt_thread_attached()
{
    return fake_attached;
}

PyThreadState *const *
pt_attached_place(void)
{
    return &fake_attached;
}

uint32_t
pt_catalog_code(struct pt_catalog *catalog, const PyCodeObject *code)
{
    (void)catalog;
    return ((const struct fake_code *)code)->identity;
}

int
pt_codewatch_mark(PyCodeObject *code)
{
    (void)code;
    return 0;
}

#endif
