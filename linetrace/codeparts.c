/* SPDX-License-Identifier: MIT */
/* codeparts.c - see codeparts.h. */
#include "linetrace/codeparts.h"

#include "core/py/frame.h"

void
pt_codeparts_release(struct pt_codeparts *parts)
{
    Py_CLEAR(parts->code);
    Py_CLEAR(parts->consts);
    Py_CLEAR(parts->lines);
    Py_CLEAR(parts->ranges);
}

// As code.replace() does it, which has no C interface of its own. Most code
// has nothing but locals, and a tuple of them.
PyCodeObject *
pt_codeparts_build(const struct pt_codeparts *parts, PyCodeObject *old)
{
    bool is_plain = old->co_ncellvars == 0 && old->co_nfreevars == 0;
    PyObject *locals = is_plain ? Py_NewRef(old->co_localsplusnames)
                                : PyCode_GetVarnames(old);
    PyObject *frees = is_plain ? PyTuple_New(0) : PyCode_GetFreevars(old);
    PyObject *cells = is_plain ? PyTuple_New(0) : PyCode_GetCellvars(old);
    PyCodeObject *built = NULL;

    if (locals != NULL && frees != NULL && cells != NULL) {
        built = pt_code_new(
            old->co_argcount, old->co_posonlyargcount, old->co_kwonlyargcount,
            (int)PyTuple_GET_SIZE(locals), parts->stack_size, old->co_flags,
            parts->code, parts->consts, old->co_names, locals, frees, cells,
            old->co_filename, old->co_name, old->co_qualname,
            old->co_firstlineno, parts->lines, parts->ranges);
    }
    Py_XDECREF(locals);
    Py_XDECREF(frees);
    Py_XDECREF(cells);
    return built;
}

// 3.12.0 forgets which locals of a class or module body are hidden; 3.14 which
// ones are arguments, which nothing depends on that has begun to run.
bool
pt_codeparts_keep_kinds(PyCodeObject *built, PyCodeObject *old)
{
    Py_ssize_t size = PyBytes_GET_SIZE(old->co_localspluskinds);
    const char *known = PyBytes_AS_STRING(old->co_localspluskinds);
    const char *made = PyBytes_AS_STRING(built->co_localspluskinds);

    if (PyBytes_GET_SIZE(built->co_localspluskinds) != size) {
        return false;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        if ((known[i] ^ made[i]) & ~PT_FRAME_VALUE_IS_ARGUMENT) {
            return false;
        }
    }
    Py_DECREF(built->co_localspluskinds);
    built->co_localspluskinds = Py_NewRef(old->co_localspluskinds);
    return true;
}
