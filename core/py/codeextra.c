/* SPDX-License-Identifier: MIT */
/* codeextra.c - see codeextra.h. */
#include "core/py/codeextra.h"

int
pt_codeextra_take(Py_ssize_t *index, freefunc forget)
{
    if (*index < 0) {
        *index = pt_extra_request(forget);
    }
    if (*index < 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace: no code extra index is free; stop the other "
                        "tools that use them");
        return -1;
    }
    return 0;
}
