/* SPDX-License-Identifier: MIT */
/* test_thread.c - the first and the last of each new thread are told of. */
#include "tests/unit/inpython.h"

#include <pthread.h>

#include "core/py/thread.h"

#define TOO_MANY 5

static int starts, stops, others;
static int told_wrong;  // in another thread, or without the GIL
static pthread_t here;

static void
on_start(void)
{
    starts++;
    told_wrong += pthread_equal(pthread_self(), here) || !PyGILState_Check();
}

static void
on_stop(void)
{
    stops++;
    told_wrong += pthread_equal(pthread_self(), here) || !PyGILState_Check();
}

static void
on_other_stop(void)
{
    others++;
}

static PyObject *
count_stops(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return PyLong_FromLong(stops);
}

static PyMethodDef count_stops_def = {"count_stops", count_stops, METH_NOARGS,
                                      NULL};
static const struct pt_thread_watcher watcher = {on_start, on_stop};
static const struct pt_thread_watcher other = {NULL, on_other_stop};
static PyObject *names;

/* Both begin functions return when what the thread ran has ended. */
static const char text[] =
    "import _thread, threading, time\n"
    "ran = []\n"
    "def begin_old(*args):\n"
    "    before = count_stops()\n"
    "    _thread.start_new_thread(*args)\n"
    "    while count_stops() == before: time.sleep(0.001)\n"
    "def begin_new(**kwargs):\n"
    "    thread = threading.Thread(target=work, **kwargs)\n"
    "    thread.start()\n"
    "    thread.join()\n"
    "def work(*args, **kwargs): ran.append((args, kwargs))\n"
    "def fail(): ran.append(0); raise SystemExit\n";

static int
set_up(void **state)
{
    (void)state;
    here = pthread_self();
    starts = stops = others = 0;
    names = new_names(&count_stops_def);
    run_text(text, names);
    return pt_thread_watch(&watcher);
}

static int
tear_down(void **state)
{
    (void)state;
    pt_thread_unwatch(&watcher);
    pt_thread_unwatch(&other);
    Py_CLEAR(names);
    return PyErr_Occurred() != NULL;
}

static void
assert_told(int wanted)
{
    assert_int_equal(starts, wanted);
    assert_int_equal(stops, wanted);
    assert_int_equal(told_wrong, 0);
}

static void
each_way_to_start_one_is_told(void **state)
{
    (void)state;
    run_text("begin_old(work, (1, 2))\n"
             "assert ran == [((1, 2), {})], ran\n",
             names);
    assert_told(1);
    run_text("ran.clear(); begin_old(work, (), {'a': 3})\n"
             "assert ran == [((), {'a': 3})], ran\n",
             names);
    assert_told(2);
    run_text("ran.clear(); begin_new(args=(4,), kwargs={'b': 5})\n"
             "assert ran == [((4,), {'b': 5})], ran\n",
             names);
    assert_told(3);
    run_text("ran.clear(); begin_old(fail, ())\n", names);
    assert_told(4);
}

static void
watchers_come_and_go(void **state)
{
    (void)state;
    assert_int_equal(pt_thread_watch(&watcher), 0);  // told once all the same
    assert_int_equal(pt_thread_watch(&other), 0);
    run_text("begin_new()\n", names);
    assert_told(1);
    assert_int_equal(others, 1);
    pt_thread_unwatch(&watcher);
    pt_thread_unwatch(&watcher);
    run_text("begin_new()\n", names);
    assert_told(1);
    assert_int_equal(others, 2);
    assert_int_equal(pt_thread_watch(&other), 0);  // behind the gap
    run_text("begin_new()\n", names);
    assert_int_equal(others, 3);
}

static void
too_many_watchers_are_refused(void **state)
{
    static const struct pt_thread_watcher table[TOO_MANY];
    int refused = 0;

    (void)state;
    for (int i = 0; i < TOO_MANY; i++) {
        if (pt_thread_watch(&table[i]) < 0) {
            assert_raised(PyExc_RuntimeError);
            refused++;
        }
    }
    for (int i = 0; i < TOO_MANY; i++) {
        pt_thread_unwatch(&table[i]);
    }
    assert_int_equal(refused, 2);  // one place is taken
}

/* The original refuses what it always refused, in its own words. */
static void
wrong_arguments_are_the_originals(void **state)
{
    (void)state;
    run_text("def refused(start, *args):\n"
             "    try: start(*args)\n"
             "    except TypeError: return 1\n"
             "    return 0\n"
             "start = _thread.start_new_thread\n"
             "assert refused(start) and refused(start, work)\n"
             "assert refused(start, 1, ()) and refused(start, work, [])\n"
             "assert refused(start, work, (), 1)\n"
             "assert refused(start, work, (), {}, 1)\n"
             "joinable = getattr(_thread, 'start_joinable_thread', None)\n"
             "assert not joinable or refused(joinable)\n"
             "assert not joinable or refused(joinable, 1)\n",
             names);
    assert_told(0);
}

static void
threads_have_names(void **state)
{
    PyObject *name = sound(pt_thread_name());
    pthread_t number = pthread_self();
    char wanted[64];

    (void)state;
    assert_string_equal(PyUnicode_AsUTF8(name), "MainThread");
    Py_DECREF(name);
    run_text("threading.current_thread().name = 'the first'\n", names);
    name = sound(pt_thread_name());
    assert_string_equal(PyUnicode_AsUTF8(name), "the first");
    Py_DECREF(name);
    // Not to be known by `threading`, nor to have a name that is a text.
    run_text("me = threading._active.pop(threading.get_ident())\n", names);
    snprintf(wanted, sizeof(wanted), "thread %lu", (unsigned long)number);
    name = sound(pt_thread_name());
    assert_string_equal(PyUnicode_AsUTF8(name), wanted);
    Py_DECREF(name);
    run_text("me.__dict__['_name'] = 5\n"
             "threading._active[threading.get_ident()] = me\n",
             names);
    name = sound(pt_thread_name());
    assert_string_equal(PyUnicode_AsUTF8(name), wanted);
    Py_DECREF(name);
    run_text("me.name = 'MainThread'\n", names);
}

#define AMONG_THREADS(test) \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        AMONG_THREADS(each_way_to_start_one_is_told),
        AMONG_THREADS(watchers_come_and_go),
        AMONG_THREADS(too_many_watchers_are_refused),
        AMONG_THREADS(wrong_arguments_are_the_originals),
        AMONG_THREADS(threads_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_thread, run_all)
