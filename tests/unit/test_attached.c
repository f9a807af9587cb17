/* SPDX-License-Identifier: MIT */
/* test_attached.c - the variable found is the interpreter's own, everywhere.
 */
#include "tests/unit/inpython.h"

#include <pthread.h>

#include "core/py/attached.h"

#define THREADS 4

static void
it_is_found_and_follows(void **state)
{
    PyThreadState *const volatile *place;
    PyThreadState *thread = PyThreadState_Get();

    (void)state;
    if (PT_HAS_THREAD_LOCAL_STATE) {
        assert_null(pt_attached_place());
    }
    pt_attached_locate();
    place = pt_attached_place();
    assert_non_null(place);
    assert_ptr_equal(*place, thread);
    PyEval_SaveThread();
    assert_ptr_not_equal(*place, thread);
    PyEval_RestoreThread(thread);
    assert_ptr_equal(*place, thread);
    // Once is enough.
    pt_attached_locate();
    assert_ptr_equal(pt_attached_place(), place);
}

struct seen {
    pthread_t number;
    PyThreadState *const *place;
    int is_own;
};

static void *
look(void *result)
{
    struct seen *seen = result;
    PyGILState_STATE gil = PyGILState_Ensure();

    seen->place = pt_attached_place();
    seen->is_own = seen->place != NULL && *seen->place == PyThreadState_Get();
    PyGILState_Release(gil);
    return NULL;
}

static void
each_thread_sees_its_own_state(void **state)
{
    struct seen seen[THREADS] = {{0}};
    PyThreadState *thread;

    (void)state;
    pt_attached_locate();
    thread = PyEval_SaveThread();
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&seen[i].number, NULL, look, &seen[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(seen[i].number, NULL);
    }
    PyEval_RestoreThread(thread);
    for (int i = 0; i < THREADS; i++) {
        assert_true(seen[i].is_own);
        assert_int_equal(seen[i].place != pt_attached_place(),
                         PT_HAS_THREAD_LOCAL_STATE);
    }
    assert_ptr_equal(*pt_attached_place(), thread);
}

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_and_follows),
        cmocka_unit_test(each_thread_sees_its_own_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_attached, run_all)
