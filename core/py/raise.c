/* SPDX-License-Identifier: MIT */
/* raise.c - error codes to exception types. */
#include "core/py/raise.h"

PyObject *
pt_raise(const struct pt_err *err)
{
    PyObject *type = PyExc_RuntimeError;

    switch (err->code) {
    case PT_ERR_NOMEM:
        type = PyExc_MemoryError;
        break;
    case PT_ERR_IO:
    case PT_ERR_NOSPACE:
        type = PyExc_OSError;
        break;
    case PT_ERR_FORMAT:
    case PT_ERR_VERSION:
    case PT_ERR_CORRUPT:
    case PT_ERR_RANGE:
    case PT_ERR_USAGE:
        type = PyExc_ValueError;
        break;
    default:
        break;
    }
    PyErr_SetString(type, err->message);
    return NULL;
}
