/* SPDX-License-Identifier: MIT */
/* frame.c - see frame.h. */
#include "core/py/frame.h"

bool
pt_frame_is_any_of(const PyCodeObject *code)
{
    PyThreadState *thread =
        PyInterpreterState_ThreadHead(PyInterpreterState_Get());

    for (; thread != NULL; thread = PyThreadState_Next(thread)) {
        const struct pt_frame *frame = pt_frame_top(thread);

        for (; frame != NULL; frame = frame->previous) {
            if (pt_frame_code(frame) == code) {
                return true;
            }
        }
    }
    return false;
}

void
pt_frame_rewind(const PyCodeObject *code, const pt_code_unit *at,
                PyObject *top)
{
    PyThreadState *thread =
        PyInterpreterState_ThreadHead(PyInterpreterState_Get());

    for (; thread != NULL; thread = PyThreadState_Next(thread)) {
        struct pt_frame *frame = (struct pt_frame *)pt_frame_top(thread);

        for (; frame != NULL; frame = frame->previous) {
            // Where nothing is traced, a frame that runs says nothing of it.
            if (frame->instr == at && pt_frame_code(frame) == code &&
                pt_frame_take(frame, top)) {
                frame->instr--;
            }
        }
    }
}
