/* SPDX-License-Identifier: MIT */
/* compat.h - Python.h, and what differs between versions, named by behaviour.
 *
 * Included first by every file that sees Python; the only file that compares
 * PY_VERSION_HEX.
 */
#ifndef PT_CORE_PY_COMPAT_H
#define PT_CORE_PY_COMPAT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

// What a recording says of the interpreter.
#define PT_RUNNING_VERSION PY_VERSION_HEX

// The directory below lib/ that holds this version's standard library.
#define PT_LIBRARY_NAME \
  "python" Py_STRINGIFY(PY_MAJOR_VERSION) "." Py_STRINGIFY(PY_MINOR_VERSION)

// PEP 669: sys.monitoring, PyCode_AddWatcher and immortal objects.
#define PT_HAS_MONITORING (PY_VERSION_HEX >= 0x030C0000)
#define PT_HAS_CODE_WATCHER (PY_VERSION_HEX >= 0x030C0000)
#define PT_HAS_IMMORTAL (PY_VERSION_HEX >= 0x030C0000)

// Py_mod_multiple_interpreters: sub-interpreters have a GIL of their own.
#define PT_HAS_INTERPRETER_SLOT (PY_VERSION_HEX >= 0x030C0000)

// The state attached to a thread is in a thread local, not in the runtime.
#define PT_HAS_THREAD_LOCAL_STATE (PY_VERSION_HEX >= 0x030C0000)

// Offsets that handlers find on the stack are no objects (_PyStackRef).
#define PT_HAS_TAGGED_INTS (PY_VERSION_HEX >= 0x030E0000)

// The running frame hangs on a _PyCFrame, not on the thread state.
#define PT_HAS_CFRAME (PY_VERSION_HEX < 0x030D0000)

// PyRefTracer_SetTracer: objects that come from a free list are seen.
#define PT_HAS_REF_TRACER (PY_VERSION_HEX >= 0x030D0000)

// _thread.start_joinable_thread: what threading starts threads with.
#define PT_HAS_JOINABLE_THREAD (PY_VERSION_HEX >= 0x030D0000)

// Dicts have a number that changes with them (PEP 509, withdrawn by PEP 699).
#define PT_HAS_DICT_VERSION (PY_VERSION_HEX < 0x030E0000)

// trace -t: what stands between "name(3)" and the source.
#define PT_TRACE_GAP (PY_VERSION_HEX >= 0x030D0000 ? ":  " : ": ")

// Type flags of two words in front of an object (Objects/object_layout.md).
#ifdef Py_TPFLAGS_PREHEADER
#  define PT_TPFLAGS_PREHEADER Py_TPFLAGS_PREHEADER
#else
#  define PT_TPFLAGS_PREHEADER Py_TPFLAGS_MANAGED_DICT
#endif

// A specialised RESUME that keeps LINE events of one-line functions silent
// unless PY_START is on as well (LINE events, cpython 3.13 to 3.15).
#define PT_HAS_RESUME_CHECK (PY_VERSION_HEX >= 0x030D0000)

#if PY_VERSION_HEX < 0x030B0000
#  error "pytrace needs CPython 3.11 or newer"
#elif PY_VERSION_HEX < 0x030C0000
#  define PT_FRAME_HEADER "core/py/frame_311.h"
#elif PY_VERSION_HEX < 0x030D0000
#  define PT_FRAME_HEADER "core/py/frame_312.h"
#elif PY_VERSION_HEX < 0x030E0000
#  define PT_FRAME_HEADER "core/py/frame_313.h"
#elif PY_VERSION_HEX < 0x03100000
#  define PT_FRAME_HEADER "core/py/frame_314.h"
#else
#  error "pytrace knows no frame layout for this CPython: see docs/versions.md"
#endif

#if PY_VERSION_HEX < 0x030D0000
#  define pt_thread_attached() _PyThreadState_UncheckedGet()
#else
#  define pt_thread_attached() PyThreadState_GetUnchecked()
#endif

/* How many more calls of Python code a thread may nest. */
#if PY_VERSION_HEX < 0x030C0000
#  define pt_calls_left(thread) ((thread)->recursion_remaining)
#else
#  define pt_calls_left(thread) ((thread)->py_recursion_remaining)
#endif

/* Exported by every version; not in the public headers of 3.13. */
PyAPI_FUNC(PyObject *) _PyTraceMalloc_GetTraceback(unsigned int, uintptr_t);
#define pt_core_traceback(domain, block) \
  _PyTraceMalloc_GetTraceback(domain, block)

/* Say on stderr that an exception was ignored: "Exception ignored <where>". */
#if PY_VERSION_HEX < 0x030D0000
#  define pt_unraisable(where, object) _PyErr_WriteUnraisableMsg(where, object)
#else
#  define pt_unraisable(where, object) \
    PyErr_FormatUnraisable("Exception ignored " where " %R", object)
#endif

// A reference count that is never reached by counting down.
#if PY_VERSION_HEX >= 0x030E0000
#  define PT_REFCNT_FOREVER _Py_IMMORTAL_INITIAL_REFCNT
#elif PT_HAS_IMMORTAL
#  define PT_REFCNT_FOREVER _Py_IMMORTAL_REFCNT
#else
#  define PT_REFCNT_FOREVER ((Py_ssize_t)1 << 40)
#endif

// A new reference. Static types keep theirs elsewhere since 3.12.
#if PT_HAS_INTERPRETER_SLOT
#  define pt_type_dict(type) PyType_GetDict(type)
#else
#  define pt_type_dict(type) Py_NewRef((type)->tp_dict)
#endif

#if PT_HAS_CODE_WATCHER
#  define pt_code_new PyUnstable_Code_NewWithPosOnlyArgs
#else
#  define pt_code_new PyCode_NewWithPosOnlyArgs
#endif

#if PT_HAS_CODE_WATCHER
#  define pt_extra_request(free) PyUnstable_Eval_RequestCodeExtraIndex(free)
#  define pt_extra_get(code, index, extra) \
    PyUnstable_Code_GetExtra((PyObject *)(code), index, extra)
#  define pt_extra_set(code, index, extra) \
    PyUnstable_Code_SetExtra((PyObject *)(code), index, extra)
#else
#  define pt_extra_request(free) _PyEval_RequestCodeExtraIndex(free)
#  define pt_extra_get(code, index, extra) \
    _PyCode_GetExtra((PyObject *)(code), index, extra)
#  define pt_extra_set(code, index, extra) \
    _PyCode_SetExtra((PyObject *)(code), index, extra)
#endif

#endif
