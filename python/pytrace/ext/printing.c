/* SPDX-License-Identifier: MIT */
/* printing.c - see printing.h. */
#include "python/pytrace/ext/printing.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "core/base/rawmem.h"
#include "core/py/dictversion.h"
#include "core/py/guard.h"
#include "python/pytrace/ext/front.h"

// sys.stdout and sys.stderr as they were at first, and what sys.stdout is now;
// each with its buffer.
enum { AT_FIRST = 0, ERRORS = 2, NOW = 4, FRONTS = 6 };

/* A file of the program's that ends where our texts go. */
struct printed {
    struct pt_front front;
    int is_dirty;  // it may hold what the program wrote last
};

static struct {
    struct pt_spools *spools;  // NULL: nothing is printed; never unmapped
    struct pt_spool *spool;    // this process's
    struct printed file[FRONTS];
    int is_dirty;  // one of them is
    int is_hasty;
    int is_private;      // no spool was free: nobody else sees ours
    PyObject *encoding;  // NULL: UTF-8
    PyObject *sys;       // dict of the module, borrowed
    PyObject *stdout_name;
    PyObject *stdout_seen;  // what it was, borrowed: only to compare
    uint64_t sys_version;
} print;

const struct pt_spool_look *
pt_printing_look(void)
{
    return print.spools != NULL ? &print.spools->look : NULL;
}

/* -- From the spool to the output ---- */

/* The supervisor has to write. Is it still there? */
static int
wait_for_supervisor(struct pt_spools *spools, struct pt_spool *spool)
{
    struct timespec pause = {0, 1000000};

    if (print.is_private || atomic_load(&spools->is_closed) ||
        (kill((pid_t)spools->supervisor, 0) != 0 && errno == ESRCH)) {
        pt_spool_lose(spools, spool);
        return PT_SPOOL_EMPTY;
    }
    nanosleep(&pause, NULL);
    return pt_spool_is_empty(spool) ? PT_SPOOL_EMPTY : PT_SPOOL_INTERRUPTED;
}

/* Without the GIL, if it can take long: printing may be closed meanwhile. */
static int
drain_once(struct pt_spools *spools, struct pt_spool *spool)
{
    if (!pt_spools_is_output(spools, STDOUT_FILENO)) {
        return wait_for_supervisor(spools, spool);
    }
    return (int)pt_spool_drain(spools, spool, STDOUT_FILENO, -1);
}

/* Write all that is in the spool. 0, or -1 with the exception of a signal
 * handler. */
static int
drain(void)
{
    struct pt_spools *spools = print.spools;
    struct pt_spool *spool = print.spool;
    int state, number = errno;

    if (spools == NULL || pt_spool_is_empty(spool)) {
        return 0;
    }
    do {
        if (spools->is_file) {
            state = drain_once(spools, spool);
        }
        else {
            Py_BEGIN_ALLOW_THREADS state = drain_once(spools, spool);
            Py_END_ALLOW_THREADS
        }
        if (state == PT_SPOOL_INTERRUPTED && PyErr_CheckSignals() < 0) {
            return -1;
        }
        if (state == PT_SPOOL_BUSY) {
            // The lock is out of order.
            pt_spool_lose(spools, spool);
        }
    } while (state == PT_SPOOL_INTERRUPTED);
    errno = number;
    return 0;
}

/* What a daemon thread would print after the end is dropped. */
static int
put(const char *text, size_t bytes)
{
    while (bytes != 0 && print.spools != NULL) {
        size_t some = bytes < PT_SPOOL_BYTES ? bytes : PT_SPOOL_BYTES;

        if (pt_likely(pt_spool_put(print.spool, text, some))) {
            text += some;
            bytes -= some;
        }
        else if (drain() < 0) {
            return -1;
        }
    }
    return print.is_hasty ? drain() : 0;
}

/* -- The program's own files ---- */

static int
before_program(struct pt_front *front, enum pt_front_use use)
{
    struct printed *file = (struct printed *)front;

    file->is_dirty = use == PT_FRONT_WRITE;
    print.is_dirty |= file->is_dirty;
    return drain();
}

/* What the program printed last goes out before what we print next. If that
 * fails, the program will meet with it itself when it flushes. */
PT_COLD static void
flush_program(void)
{
    print.is_dirty = 0;
    for (int i = 0; i < FRONTS; i++) {
        struct printed *file = &print.file[i];

        if (file->is_dirty && file->front.file != NULL) {
            file->is_dirty = 0;
            if (pt_front_flush(&file->front) < 0) {
                PyErr_Clear();
            }
        }
    }
}

static void
follow(struct printed *place, PyObject *file)
{
    place->is_dirty = 0;
    place->front.before = before_program;
    if (pt_front_enter(&place->front, file) < 0) {
        PyErr_Clear();
    }
}

/* Is it a text file of Python's own that ends where our texts go? */
static int
ends_there(PyObject *file)
{
    int fd;

    if (file == NULL ||
        strcmp(Py_TYPE(file)->tp_name, "_io.TextIOWrapper") != 0) {
        return 0;
    }
    fd = PyObject_AsFileDescriptor(file);
    if (fd < 0) {
        PyErr_Clear();
        return 0;
    }
    return pt_spools_is_output(print.spools, fd);
}

/* What is below a text file of Python's own; under `python -u` no buffer. */
static int
is_binary(PyObject *file)
{
    const char *name = Py_TYPE(file)->tp_name;

    return strcmp(name, "_io.BufferedWriter") == 0 ||
           strcmp(name, "_io.FileIO") == 0;
}

/* Stand in front of a file, and of the one below it, unless we do. */
static void
follow_text(int place, PyObject *file)
{
    PyObject *buffer;

    if (!ends_there(file)) {
        return;
    }
    buffer = PyObject_GetAttrString(file, "buffer");
    if (buffer != NULL && is_binary(buffer)) {
        follow(&print.file[place], buffer);
    }
    Py_XDECREF(buffer);
    PyErr_Clear();
    follow(&print.file[place + 1], file);
}

/* sys.stdout has become another file. The one that it was is the program's to
 * let die. */
static void
follow_stdout(PyObject *file)
{
    flush_program();
    pt_front_leave(&print.file[NOW].front);
    pt_front_leave(&print.file[NOW + 1].front);
    pt_guard_enter();
    follow_text(NOW, file);
    pt_guard_leave();
}

PT_COLD static void
look_at_stdout(uint64_t version)
{
    PyObject *file = PyDict_GetItemWithError(print.sys, print.stdout_name);

    print.sys_version = version;
    if (file != print.stdout_seen) {
        print.stdout_seen = file;
        follow_stdout(file);
    }
    PyErr_Clear();
}

/* Make way for a text of ours. */
PT_INLINE void
settle_program(void)
{
    uint64_t version = pt_dict_version(print.sys);

    if (pt_unlikely(version == 0 || version != print.sys_version)) {
        look_at_stdout(version);
    }
    if (pt_unlikely(print.is_dirty)) {
        flush_program();
    }
}

/* -- Texts ---- */

/* In the encoding of sys.stdout, which is not UTF-8. */
PT_COLD static int
put_encoded(const char *text, size_t bytes)
{
    PyObject *string, *encoded = NULL;
    int result = 0;

    pt_guard_enter();
    string = PyUnicode_DecodeUTF8(text, (Py_ssize_t)bytes, "backslashreplace");
    if (string != NULL) {
        encoded = PyUnicode_AsEncodedString(
            string, PyUnicode_AsUTF8(print.encoding), "backslashreplace");
    }
    pt_guard_leave();
    Py_XDECREF(string);
    if (encoded != NULL && PyBytes_Check(encoded)) {
        result =
            put(PyBytes_AS_STRING(encoded), (size_t)PyBytes_GET_SIZE(encoded));
    }
    else {
        PyErr_Clear();
    }
    Py_XDECREF(encoded);
    return result;
}

int
pt_printing_put(const char *text, size_t bytes)
{
    if (print.spools == NULL) {
        return 0;
    }
    settle_program();
    if (pt_unlikely(print.encoding != NULL)) {
        return put_encoded(text, bytes);
    }
    return put(text, bytes);
}

/* -- A process's life ---- */

static void
take_spool(void)
{
    print.spool = pt_spools_claim(print.spools, (uint32_t)getpid());
    print.is_private = print.spool == NULL;
    if (print.is_private) {
        print.spool = pt_rawmem_map(sizeof(*print.spool));
    }
    if (print.spool == NULL) {
        print.spools = NULL;
    }
}

/* Of the processes that are about to be started some may print. */
static int
on_audit(const char *event, PyObject *args, void *unused)
{
    static const char *const starts[] = {"subprocess.Popen", "os.system",
                                         "os.posix_spawn", "os.exec"};

    (void)args, (void)unused;
    if (print.spools == NULL || (event[0] != 's' && event[0] != 'o')) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strcmp(event, starts[i]) == 0) {
            return drain();
        }
    }
    return 0;
}

/* Texts are written in the encoding of sys.stdout. */
static void
take_encoding(PyObject *file)
{
    PyObject *encoding = PyObject_GetAttrString(file, "encoding");
    const char *name = NULL;

    if (encoding != NULL && PyUnicode_Check(encoding)) {
        name = PyUnicode_AsUTF8(encoding);
    }
    if (name != NULL && strcasecmp(name, "utf-8") != 0 &&
        strcasecmp(name, "utf8") != 0) {
        print.encoding = Py_NewRef(encoding);
    }
    Py_XDECREF(encoding);
    PyErr_Clear();
}

int
pt_printing_open(int fd)
{
    PyObject *file = PySys_GetObject("stdout"), *sys;

    if (fd < 0) {
        return 0;
    }
    print.spools = pt_spools_map(fd);
    close(fd);
    sys = PyImport_ImportModule("sys");
    print.stdout_name = PyUnicode_InternFromString("stdout");
    if (print.spools == NULL || sys == NULL || print.stdout_name == NULL ||
        PySys_AddAuditHook(on_audit, NULL) < 0) {
        Py_XDECREF(sys);
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    }
    print.sys = PyModule_GetDict(sys);
    Py_DECREF(sys);
    take_spool();
    if (print.spools == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    print.is_hasty = (int)print.spools->is_hasty;
    if (file != NULL && file != Py_None) {
        take_encoding(file);
        follow_text(AT_FIRST, file);
    }
    print.stdout_seen = file;
    follow_text(ERRORS, PySys_GetObject("stderr"));
    return 0;
}

void
pt_printing_say_pushed_out(void)
{
    fputs("pytrace: the program has set a trace function of its own; what ran "
          "under it is not shown\n",
          stderr);
}

void
pt_printing_close(void)
{
    if (print.spools == NULL) {
        return;
    }
    if (drain() < 0) {
        PyErr_WriteUnraisable(NULL);
    }
    for (int i = 0; i < FRONTS; i++) {
        pt_front_leave(&print.file[i].front);
    }
    if (!print.is_private && pt_spool_is_empty(print.spool)) {
        pt_spools_release(print.spool);
    }
    print.spools = NULL;
}

void
pt_printing_before_fork(void)
{
    if (print.spools != NULL &&
        pt_spools_is_output(print.spools, STDOUT_FILENO) &&
        pt_spool_drain(print.spools, print.spool, STDOUT_FILENO, -1) !=
            PT_SPOOL_EMPTY) {
        // It stays in our spool, and comes after what the child prints.
        return;
    }
}

void
pt_printing_after_fork_child(void)
{
    if (print.spools != NULL) {
        take_spool();
    }
}
