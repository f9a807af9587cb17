/* SPDX-License-Identifier: MIT */
/* test_importslot.c - what other objects import is redirected, ours is not.
 *
 * The objects are importing.c, once bound lazily and once bound at loading
 * with its slots made read-only then.
 */
#include "tests/unit/support.h"

#include <dlfcn.h>
#include <unistd.h>

#include "core/base/importslot.h"

static pid_t
fake_parent(void)
{
    return -7;
}

static const struct pt_importslot slots[] = {
    {"getppid", (pt_importslot_func)fake_parent},
    {"no_such_function_anywhere", (pt_importslot_func)fake_parent},
};

static void
replace(struct pt_importslot_progress *progress)
{
    pt_importslot_replace(slots, 2, progress);
}

static void *
load(const char *path)
{
    void *object = dlopen(path, RTLD_LAZY | RTLD_LOCAL);

    if (object == NULL) {
        fail_msg("%s", dlerror());
    }
    return object;
}

/* What the object's call of getppid() gives. */
static int
ask(void *object)
{
    int (*function)(void);

    *(void **)&function = dlsym(object, "ask");
    assert_non_null(function);
    return function();
}

static const char *const paths[] = {PT_IMPORTING_LAZY, PT_IMPORTING_NOW};

static void
calls_of_loaded_objects_go_elsewhere(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pt_importslot_progress progress = {0};
        void *object = load(paths[i]);

        assert_int_equal(ask(object), getppid());
        replace(&progress);
        assert_int_equal(ask(object), -7);
        replace(&progress);
        assert_int_equal(ask(object), -7);
        dlclose(object);
    }
}

static void
our_own_calls_do_not(void **state)
{
    struct pt_importslot_progress progress = {0};
    pid_t parent = getppid();

    (void)state;
    replace(&progress);
    assert_int_equal(getppid(), parent);
}

static void
later_objects_wait_for_the_next_walk(void **state)
{
    struct pt_importslot_progress progress = {0};
    void *first = load(paths[0]), *second;

    (void)state;
    replace(&progress);
    second = load(paths[1]);
    assert_int_equal(ask(second), getppid());
    replace(&progress);
    assert_int_equal(ask(first), -7);
    assert_int_equal(ask(second), -7);
    dlclose(second);
    dlclose(first);
}

/* An object that takes the place of one that was unloaded is read. */
static void
unloaded_objects_are_not_taken_for_others(void **state)
{
    struct pt_importslot_progress progress = {0};

    (void)state;
    for (int i = 0; i < 6; i++) {
        void *object = load(paths[i % 2]);

        assert_int_equal(ask(object), getppid());
        for (int k = 0; k < 3; k++) {
            replace(&progress);
            assert_int_equal(ask(object), -7);
        }
        dlclose(object);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_loaded_objects_go_elsewhere),
        cmocka_unit_test(our_own_calls_do_not),
        cmocka_unit_test(later_objects_wait_for_the_next_walk),
        cmocka_unit_test(unloaded_objects_are_not_taken_for_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
