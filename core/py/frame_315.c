/* SPDX-License-Identifier: MIT */
/* frame_315.c - proof that frame_314.h mirrors the interpreter's frame. */
#define Py_BUILD_CORE 1
#include "core/py/frame.h"

#include <assert.h>
#include <stddef.h>

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_interpframe_structs.h"
#include "internal/pycore_stackref.h"

#define PT_SAME_PLACE(ours, theirs)                        \
  static_assert(offsetof(struct pt_frame, ours) ==         \
                    offsetof(_PyInterpreterFrame, theirs), \
                #ours " stands elsewhere in CPython 3.15")

PT_SAME_PLACE(executable, f_executable);
PT_SAME_PLACE(previous, previous);
PT_SAME_PLACE(func, f_funcobj);
PT_SAME_PLACE(globals, f_globals);
PT_SAME_PLACE(builtins, f_builtins);
PT_SAME_PLACE(locals, f_locals);
PT_SAME_PLACE(object, frame_obj);
PT_SAME_PLACE(instr, instr_ptr);
PT_SAME_PLACE(stack_top, stackpointer);
PT_SAME_PLACE(owner, owner);
PT_SAME_PLACE(values, localsplus);
static_assert(CO_FAST_CELL == PT_FRAME_VALUE_IS_CELL, "cells");
static_assert(sizeof(_Py_CODEUNIT) == sizeof(pt_code_unit), "code unit");
static_assert(FRAME_OWNED_BY_GENERATOR == PT_FRAME_OF_GENERATOR, "owner");
static_assert(FRAME_OWNED_BY_INTERPRETER == PT_FRAME_OF_INTERPRETER, "owner");
static_assert(sizeof(_PyStackRef) == sizeof(uintptr_t), "tagged");
static_assert((Py_INT_TAG | Py_TAG_BITS) == PT_FRAME_REFERENCE_TAG, "tag");
static_assert(offsetof(pt_generator, gi_qualname) ==
                  offsetof(PyGenObject, gi_qualname),
              "gi_qualname");
static_assert(offsetof(struct pt_frame_object, frame) ==
                  offsetof(struct _frame, f_frame),
              "f_frame");
static_assert(offsetof(struct pt_frame_object, trace) ==
                  offsetof(struct _frame, f_trace),
              "f_trace");
static_assert(offsetof(struct pt_frame_object, line) ==
                  offsetof(struct _frame, f_lineno),
              "f_lineno");
