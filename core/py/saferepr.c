/* SPDX-License-Identifier: MIT */
/* saferepr.c - values by their memory. */
#include "core/py/saferepr.h"

#include "core/py/codeinfo.h"
#include "core/py/frame.h"
#include "core/py/guard.h"

#define TYPE_NAME_MOST 200

struct writing {
    struct pt_buf *out;
    size_t end;  // beyond this out->data is cut
    int depth;
    int depth_most;
    int items_most;
};

static void show(struct writing *to, PyObject *value);

static int
is_full(const struct writing *to)
{
    return to->out->used > to->end;
}

static void
add_character(struct pt_buf *out, Py_UCS4 c, Py_UCS4 quote)
{
    if (c == quote || c == '\\') {
        pt_buf_add_char(out, '\\');
        pt_buf_add_char(out, (char)c);
    }
    else if (c == '\n' || c == '\r' || c == '\t') {
        pt_buf_add_char(out, '\\');
        pt_buf_add_char(out, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    }
    else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        pt_buf_add_format(out, "\\x%02x", (unsigned)c);
    }
    else if (c < 0x80) {
        pt_buf_add_char(out, (char)c);
    }
    else if (c >= 0xd800 && c < 0xe000) {
        pt_buf_add_format(out, "\\u%04x", (unsigned)c);
    }
    else {
        char bytes[4];

        pt_buf_add(out, bytes, pt_code_character(c, bytes));
    }
}

void
pt_saferepr_text(struct pt_buf *out, PyObject *text, Py_ssize_t most)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);

    // 3.11 has texts without characters yet, made by old extensions.
    if (!PyUnicode_IS_READY(text)) {
        length = 0;
    }
    for (Py_ssize_t i = 0; i < length && i < most; i++) {
        add_character(out, PyUnicode_READ_CHAR(text, i), 0);
    }
}

static void
show_text(struct writing *to, PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i;
    // Of a long text only what will be seen is looked at.
    Py_ssize_t room = is_full(to) ? 0 : (Py_ssize_t)(to->end - to->out->used);
    Py_ssize_t seen = length < room ? length : room;
    int is_single = PyUnicode_FindChar(text, '\'', 0, seen, 1) < 0 ||
                    PyUnicode_FindChar(text, '"', 0, seen, 1) >= 0;
    Py_UCS4 quote = is_single ? '\'' : '"';

    pt_buf_add_char(to->out, (char)quote);
    for (i = 0; i < length && !is_full(to); i++) {
        add_character(to->out, PyUnicode_READ_CHAR(text, i), quote);
    }
    if (i == length) {
        pt_buf_add_char(to->out, (char)quote);
    }
}

static void
show_bytes(struct writing *to, const char *bytes, Py_ssize_t length)
{
    Py_ssize_t i;

    pt_buf_add_text(to->out, "b'");
    for (i = 0; i < length && !is_full(to); i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c >= 0x80) {
            pt_buf_add_format(to->out, "\\x%02x", c);
        }
        else {
            add_character(to->out, c, '\'');
        }
    }
    if (i == length) {
        pt_buf_add_char(to->out, '\'');
    }
}

/* The repr of a type whose own is C that calls nothing: numbers. */
static void
show_number(struct writing *to, PyObject *value, PyTypeObject *type)
{
    PyObject *text;

    if (type == &PyLong_Type && _PyLong_NumBits(value) > 512) {
        pt_buf_add_format(to->out, "<int of %zu bits>",
                          _PyLong_NumBits(value));
        return;
    }
    text = type->tp_repr(value);
    if (text == NULL) {
        PyErr_Clear();
        pt_buf_add_text(to->out, "?");
        return;
    }
    pt_saferepr_text(to->out, text, PyUnicode_GET_LENGTH(text));
    Py_DECREF(text);
}

/* Comma, item; 0 when there is no room for more. */
static int
next_item(struct writing *to, Py_ssize_t number)
{
    if (number != 0) {
        pt_buf_add_text(to->out, ", ");
    }
    if (number >= to->items_most || is_full(to)) {
        pt_buf_add_text(to->out, "...");
        return 0;
    }
    return 1;
}

static void
show_items(struct writing *to, PyObject *const *items, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count && next_item(to, i); i++) {
        show(to, items[i]);
    }
}

static void
show_dict(struct writing *to, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0, number = 0;

    pt_buf_add_char(to->out, '{');
    while (PyDict_Next(dict, &at, &key, &value) && next_item(to, number++)) {
        show(to, key);
        pt_buf_add_text(to->out, ": ");
        show(to, value);
    }
    pt_buf_add_char(to->out, '}');
}

/* Its table, for an iterator could have the collector run finalizers (3.11).
 * What was taken out has left a hash that no object has. */
static void
show_set(struct writing *to, PyObject *set)
{
    const PySetObject *table = (PySetObject *)set;
    int is_empty = PySet_GET_SIZE(set) == 0;
    Py_ssize_t number = 0;

    pt_buf_add_text(to->out, is_empty ? "set(" : "{");
    for (Py_ssize_t i = 0; i <= table->mask; i++) {
        const setentry *entry = &table->table[i];

        if (entry->key == NULL || entry->hash == -1) {
            continue;
        }
        if (!next_item(to, number++)) {
            break;
        }
        show(to, entry->key);
    }
    pt_buf_add_char(to->out, is_empty ? ')' : '}');
}

static void
show_tuple(struct writing *to, PyObject *tuple)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);

    pt_buf_add_char(to->out, '(');
    show_items(to, ((PyTupleObject *)tuple)->ob_item, count);
    pt_buf_add_text(to->out,
                    count == 1 && PyTuple_CheckExact(tuple) ? ",)" : ")");
}

static void
show_list(struct writing *to, PyObject *list)
{
    pt_buf_add_char(to->out, '[');
    show_items(to, ((PyListObject *)list)->ob_item, PyList_GET_SIZE(list));
    pt_buf_add_char(to->out, ']');
}

static void
show_exception(struct writing *to, PyObject *value)
{
    PyObject *args = ((PyBaseExceptionObject *)value)->args;

    pt_saferepr_type(to->out, Py_TYPE(value));
    pt_buf_add_char(to->out, '(');
    if (args != NULL && PyTuple_CheckExact(args)) {
        show_items(to, ((PyTupleObject *)args)->ob_item,
                   PyTuple_GET_SIZE(args));
    }
    pt_buf_add_char(to->out, ')');
}

/* "<function f>", "<module 'm'>": what has a name that is a text. */
static int
show_named(struct writing *to, PyObject *value)
{
    if (PyFunction_Check(value)) {
        pt_buf_add_text(to->out, "<function ");
        pt_saferepr_text(to->out, ((PyFunctionObject *)value)->func_qualname,
                         to->items_most * 16);
    }
    else if (PyType_Check(value)) {
        pt_buf_add_text(to->out, "<class ");
        pt_saferepr_type(to->out, (PyTypeObject *)value);
    }
    else if (PyCFunction_Check(value)) {
        pt_buf_add_format(to->out, "<built-in function %s",
                          ((PyCFunctionObject *)value)->m_ml->ml_name);
    }
    else if (PyMethod_Check(value) &&
             PyFunction_Check(PyMethod_GET_FUNCTION(value))) {
        pt_buf_add_text(to->out, "<method ");
        pt_saferepr_text(
            to->out,
            ((PyFunctionObject *)PyMethod_GET_FUNCTION(value))->func_qualname,
            to->items_most * 16);
    }
    else if (PyGen_CheckExact(value) || PyCoro_CheckExact(value)) {
        pt_buf_add_text(to->out, PyGen_CheckExact(value) ? "<generator "
                                                         : "<coroutine ");
        pt_saferepr_text(to->out, ((pt_generator *)value)->gi_qualname,
                         to->items_most * 16);
    }
    else {
        return 0;
    }
    pt_buf_add_char(to->out, '>');
    return 1;
}

static int
show_plain(struct writing *to, PyObject *value)
{
    if (value == Py_None || value == Py_Ellipsis ||
        value == Py_NotImplemented) {
        pt_buf_add_text(to->out, value == Py_None       ? "None"
                                 : value == Py_Ellipsis ? "Ellipsis"
                                                        : "NotImplemented");
    }
    else if (PyBool_Check(value)) {
        pt_buf_add_text(to->out, value == Py_True ? "True" : "False");
    }
    else if (PyLong_Check(value)) {
        show_number(to, value, &PyLong_Type);
    }
    else if (PyFloat_Check(value)) {
        show_number(to, value, &PyFloat_Type);
    }
    else if (PyComplex_Check(value)) {
        show_number(to, value, &PyComplex_Type);
    }
    else if (PyUnicode_Check(value)) {
        show_text(to, value);
    }
    else if (PyBytes_Check(value)) {
        show_bytes(to, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value));
    }
    else if (PyByteArray_Check(value)) {
        show_bytes(to, PyByteArray_AS_STRING(value),
                   PyByteArray_GET_SIZE(value));
    }
    else {
        return 0;
    }
    return 1;
}

static int
show_container(struct writing *to, PyObject *value)
{
    void (*with)(struct writing *, PyObject *) =
        PyTuple_Check(value)               ? show_tuple
        : PyList_Check(value)              ? show_list
        : PyDict_Check(value)              ? show_dict
        : PyAnySet_Check(value)            ? show_set
        : PyExceptionInstance_Check(value) ? show_exception
                                           : NULL;

    if (with == NULL) {
        return 0;
    }
    if (to->depth >= to->depth_most) {
        pt_buf_add_text(to->out, "...");
        return 1;
    }
    to->depth++;
    with(to, value);
    to->depth--;
    return 1;
}

/* Is this of a class that shows what it inherits behind its own name? */
static int
wears_a_name(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);

    return type != &PyLong_Type && type != &PyFloat_Type &&
           type != &PyComplex_Type && type != &PyUnicode_Type &&
           type != &PyBytes_Type && type != &PyTuple_Type &&
           type != &PyList_Type && type != &PyDict_Type &&
           type != &PySet_Type && type != &PyBool_Type &&
           type != Py_TYPE(Py_None) && type != Py_TYPE(Py_Ellipsis) &&
           type != Py_TYPE(Py_NotImplemented) &&
           !PyExceptionInstance_Check(value);
}

/* A value behind the name of its class, or the name alone. */
static void
show_under_name(struct writing *to, PyObject *value)
{
    size_t start = to->out->used;
    int brings_brackets = PyTuple_Check(value);

    pt_saferepr_type(to->out, Py_TYPE(value));
    if (!brings_brackets) {
        pt_buf_add_char(to->out, '(');
    }
    if (show_plain(to, value) || show_container(to, value)) {
        if (!brings_brackets) {
            pt_buf_add_char(to->out, ')');
        }
    }
    else if (!to->out->failed) {
        to->out->used = start;
        pt_buf_add_char(to->out, '<');
        pt_saferepr_type(to->out, Py_TYPE(value));
        pt_buf_add_text(to->out, " object>");
    }
}

static void
show(struct writing *to, PyObject *value)
{
    if (value == NULL) {
        pt_buf_add_text(to->out, "NULL");
    }
    else if (show_named(to, value)) {
        return;
    }
    else if (wears_a_name(value)) {
        show_under_name(to, value);
    }
    else if (!show_plain(to, value)) {
        show_container(to, value);
    }
}

void
pt_saferepr_type(struct pt_buf *out, PyTypeObject *type)
{
    const char *name = type->tp_name;

    for (size_t i = 0; name[i] != '\0'; i++) {
        unsigned char c = (unsigned char)name[i];
        int goes_on = (c & 0xc0) == 0x80;  // within a character

        if (i >= TYPE_NAME_MOST && !goes_on) {
            break;
        }
        if (c < 0x80) {
            add_character(out, c, 0);
        }
        else {
            pt_buf_add_char(out, name[i]);
        }
    }
}

/* Cut what is too long, between characters. */
static void
cut(struct writing *to)
{
    struct pt_buf *out = to->out;
    size_t end = to->end;

    if (out->failed || out->used <= end) {
        return;
    }
    while (end > 0 && ((unsigned char)out->data[end] & 0xc0) == 0x80) {
        end--;
    }
    out->used = end;
    pt_buf_add_text(out, "...");
}

void
pt_saferepr(struct pt_buf *out, PyObject *value,
            const struct pt_saferepr_limits *limits)
{
    size_t bytes = limits->bytes != 0 ? limits->bytes : PT_SAFEREPR_BYTES;
    struct writing to = {
        out, out->used + bytes, 0,
        limits->depth != 0 ? limits->depth : PT_SAFEREPR_DEPTH,
        limits->items != 0 ? limits->items : PT_SAFEREPR_ITEMS};
    PyObject *type, *raised, *traceback;

    pt_guard_enter();
    PyErr_Fetch(&type, &raised, &traceback);
    show(&to, value);
    PyErr_Restore(type, raised, traceback);
    pt_guard_leave();
    cut(&to);
}
