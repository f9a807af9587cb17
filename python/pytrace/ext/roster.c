/* SPDX-License-Identifier: MIT */
/* roster.c - see roster.h. */
#include "python/pytrace/ext/roster.h"

int
pt_roster_init(struct pt_roster *roster)
{
    roster->list = PyList_New(0);
    roster->numbers = PyDict_New();
    return roster->list != NULL && roster->numbers != NULL ? 0 : -1;
}

void
pt_roster_release(struct pt_roster *roster)
{
    Py_CLEAR(roster->list);
    Py_CLEAR(roster->numbers);
}

int64_t
pt_roster_number(struct pt_roster *roster, PyObject *name)
{
    PyObject *number = PyDict_GetItemWithError(roster->numbers, name);
    int64_t next = PyList_GET_SIZE(roster->list);

    if (number != NULL) {
        return PyLong_AsSsize_t(number);
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    number = PyLong_FromLongLong(next);
    if (number == NULL || PyList_Append(roster->list, name) < 0 ||
        PyDict_SetItem(roster->numbers, name, number) < 0) {
        next = -1;
    }
    Py_XDECREF(number);
    return next;
}

int
pt_put_count(PyObject *dict, PyObject *key, uint64_t count)
{
    PyObject *value = PyLong_FromUnsignedLongLong(count);
    int result = -1;

    if (key != NULL && value != NULL) {
        result = PyDict_SetItem(dict, key, value);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return result;
}
