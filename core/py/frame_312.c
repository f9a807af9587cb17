/* SPDX-License-Identifier: MIT */
/* frame_312.c - proof that frame_312.h mirrors the interpreter's frame. */
#define Py_BUILD_CORE 1
#include "core/py/frame.h"

#include <assert.h>
#include <stddef.h>

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"

#define PT_SAME_PLACE(ours, theirs)                        \
  static_assert(offsetof(struct pt_frame, ours) ==         \
                    offsetof(_PyInterpreterFrame, theirs), \
                #ours " stands elsewhere in CPython 3.12")

PT_SAME_PLACE(code, f_code);
PT_SAME_PLACE(previous, previous);
PT_SAME_PLACE(func, f_funcobj);
PT_SAME_PLACE(globals, f_globals);
PT_SAME_PLACE(builtins, f_builtins);
PT_SAME_PLACE(locals, f_locals);
PT_SAME_PLACE(object, frame_obj);
PT_SAME_PLACE(instr, prev_instr);
PT_SAME_PLACE(stacktop, stacktop);
PT_SAME_PLACE(owner, owner);
PT_SAME_PLACE(values, localsplus);
static_assert(CO_FAST_CELL == PT_FRAME_VALUE_IS_CELL, "cells");
static_assert(sizeof(_Py_CODEUNIT) == sizeof(pt_code_unit), "code unit");
static_assert(FRAME_OWNED_BY_GENERATOR == PT_FRAME_OF_GENERATOR, "owner");
static_assert(FRAME_OWNED_BY_CSTACK == PT_FRAME_OF_C_STACK, "owner");
static_assert(offsetof(struct pt_frame_object, frame) ==
                  offsetof(struct _frame, f_frame),
              "f_frame");
static_assert(offsetof(struct pt_frame_object, trace) ==
                  offsetof(struct _frame, f_trace),
              "f_trace");
static_assert(offsetof(struct pt_frame_object, line) ==
                  offsetof(struct _frame, f_lineno),
              "f_lineno");
