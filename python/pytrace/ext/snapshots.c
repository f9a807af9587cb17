/* SPDX-License-Identifier: MIT */
/* snapshots.c - snapshots that the program takes of itself. */
#include "python/pytrace/ext/snapshots.h"

#include "core/py/codeinfo.h"
#include "core/timeline/instant.h"
#include "memtrace/memtrace.h"
#include "python/pytrace/ext/session.h"

PyDoc_STRVAR(
    snapshot_doc,
    "snapshot($module, label, /)\n--\n\n"
    "Put a snapshot of this process's figures into the recording.\n\n"
    "What was counted by now, by place: hits, blocks alive, blocks\n"
    "allocated. pytrace report FILE@label shows it, pytrace diff\n"
    "compares two. The label is cut at 1 KiB. True if there is one now;\n"
    "False when the program does not run under pytrace, in a\n"
    "sub-interpreter, and when there was no space or memory for it.");

static PyObject *
snapshot(PyObject *module, PyObject *label)
{
    struct pt_timeline *timeline = pt_session_timeline();
    char text[PT_INSTANT_LABEL_MAX];
    size_t bytes;

    (void)module;
    if (!PyUnicode_Check(label)) {
        PyErr_Format(PyExc_TypeError,
                     "snapshot() needs a str as label, not %.200s",
                     Py_TYPE(label)->tp_name);
        return NULL;
    }
    if (timeline == NULL ||
        PyInterpreterState_Get() != PyInterpreterState_Main()) {
        Py_RETURN_FALSE;
    }
    pt_memtrace_repair();
    bytes = pt_code_text(label, text, sizeof(text));
    return PyBool_FromLong(pt_instant_take(timeline, text, bytes) == PT_OK);
}

static PyMethodDef methods[] = {
    {"snapshot", snapshot, METH_O, snapshot_doc},
    {NULL, NULL, 0, NULL},
};

int
pt_snapshots_add(PyObject *module)
{
    return PyModule_AddFunctions(module, methods);
}
