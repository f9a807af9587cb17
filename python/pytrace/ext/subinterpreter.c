/* SPDX-License-Identifier: MIT */
/* subinterpreter.c - the extension module pytrace._subinterpreter.
 *
 * In the same shared object as _pytrace, which serves the main interpreter
 * only. The boot module imports this one where `site` runs in a process that
 * is recorded already: in a sub-interpreter. It holds nothing.
 */
#include "core/py/compat.h"

#include "python/pytrace/ext/session.h"

PyMODINIT_FUNC PyInit__subinterpreter(void);

static int
note(PyObject *module)
{
    (void)module;
    pt_session_miss_subinterpreter();
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)note},
#if PT_HAS_INTERPRETER_SLOT
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pytrace._subinterpreter",
    .m_doc = "Tells the recording of this process of a sub-interpreter.",
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__subinterpreter(void)
{
    return PyModuleDef_Init(&definition);
}
