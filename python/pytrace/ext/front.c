/* SPDX-License-Identifier: MIT */
/* front.c - see front.h. */
#include "python/pytrace/ext/front.h"

// Those in front of a file, to be found by it.
static struct pt_front *fronts;

static PyObject *write_name, *flush_name;

static struct pt_front *
front_of(PyObject *file)
{
    struct pt_front *front = fronts;

    while (front != NULL && front->file != file) {
        front = front->next;
    }
    return front;
}

/* What the class of a file has under a name. */
static PyObject *
own_method(PyObject *file, PyObject *name)
{
    return PyObject_GetAttr((PyObject *)Py_TYPE(file), name);
}

/* What the program calls as file.write(text). */
static PyObject *
write_for_program(PyObject *file, PyObject *text)
{
    struct pt_front *front = front_of(file);
    PyObject *args[] = {file, text};
    PyObject *method, *result = NULL;

    if (front != NULL && front->before(front, PT_FRONT_WRITE) < 0) {
        return NULL;
    }
    method = own_method(file, write_name);
    if (method != NULL) {
        result = PyObject_Vectorcall(method, args, 2, NULL);
        Py_DECREF(method);
    }
    return result;
}

/* file.flush(): reconfigure(), seek() and close() call it as well. */
static PyObject *
flush_for_program(PyObject *file, PyObject *unused)
{
    struct pt_front *front = front_of(file);
    PyObject *method, *result = NULL;

    (void)unused;
    if (front != NULL && front->before(front, PT_FRONT_FLUSH) < 0) {
        return NULL;
    }
    method = own_method(file, flush_name);
    if (method != NULL) {
        result = PyObject_CallOneArg(method, file);
        Py_DECREF(method);
    }
    return result;
}

static PyMethodDef write_method = {"write", write_for_program, METH_O, NULL};
static PyMethodDef flush_method = {"flush", flush_for_program, METH_NOARGS,
                                   NULL};

static int
make_names(void)
{
    if (write_name == NULL) {
        write_name = PyUnicode_InternFromString("write");
    }
    if (flush_name == NULL) {
        flush_name = PyUnicode_InternFromString("flush");
    }
    return write_name != NULL && flush_name != NULL ? 0 : -1;
}

static void
forget(struct pt_front *front)
{
    Py_CLEAR(front->dict);
    Py_CLEAR(front->write);
    Py_CLEAR(front->flush);
    Py_CLEAR(front->own_write);
    Py_CLEAR(front->own_flush);
    Py_CLEAR(front->file);
}

/* 1, 0 if somebody else is there, -1 with an exception. */
static int
put_in_dict(struct pt_front *front, PyObject *file)
{
    front->dict = PyObject_GenericGetDict(file, NULL);
    if (front->dict == NULL) {
        return -1;
    }
    if (PyDict_GetItem(front->dict, write_name) != NULL ||
        PyDict_GetItem(front->dict, flush_name) != NULL) {
        return 0;
    }
    front->own_write = own_method(file, write_name);
    front->own_flush = own_method(file, flush_name);
    front->write = PyCFunction_New(&write_method, file);
    front->flush = PyCFunction_New(&flush_method, file);
    if (front->own_write == NULL || front->own_flush == NULL ||
        front->write == NULL || front->flush == NULL ||
        PyDict_SetItem(front->dict, write_name, front->write) < 0 ||
        PyDict_SetItem(front->dict, flush_name, front->flush) < 0) {
        return -1;
    }
    return 1;
}

int
pt_front_enter(struct pt_front *front, PyObject *file)
{
    int result = make_names() < 0 ? -1 : put_in_dict(front, file);

    if (result <= 0) {
        forget(front);
        return result;
    }
    front->file = Py_NewRef(file);
    front->next = fronts;
    fronts = front;
    return 1;
}

static void
take_out(PyObject *dict, PyObject *name, PyObject *ours)
{
    if (PyDict_GetItem(dict, name) == ours && PyDict_DelItem(dict, name) < 0) {
        PyErr_Clear();
    }
}

void
pt_front_leave(struct pt_front *front)
{
    struct pt_front **link = &fronts;

    if (front->file == NULL) {
        return;
    }
    while (*link != NULL && *link != front) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = front->next;
    }
    take_out(front->dict, write_name, front->write);
    take_out(front->dict, flush_name, front->flush);
    forget(front);
}

int
pt_front_is_in_place(const struct pt_front *front)
{
    return PyDict_GetItemWithError(front->dict, write_name) == front->write;
}

/* Call a method of the file, which another thread may leave meanwhile. */
static int
call(PyObject *method, PyObject *file, PyObject *text)
{
    PyObject *args[] = {Py_NewRef(file), text};
    PyObject *result;

    Py_INCREF(method);
    result = PyObject_Vectorcall(method, args, text != NULL ? 2 : 1, NULL);
    Py_DECREF(method);
    Py_DECREF(file);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

int
pt_front_write(struct pt_front *front, PyObject *text)
{
    return call(front->own_write, front->file, text);
}

int
pt_front_flush(struct pt_front *front)
{
    return call(front->own_flush, front->file, NULL);
}

int
pt_front_traverse(struct pt_front *front, visitproc visit, void *arg)
{
    Py_VISIT(front->file);
    Py_VISIT(front->dict);
    Py_VISIT(front->write);
    Py_VISIT(front->flush);
    Py_VISIT(front->own_write);
    Py_VISIT(front->own_flush);
    return 0;
}
