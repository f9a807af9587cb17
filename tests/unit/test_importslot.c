/* SPDX-License-Identifier: MIT */
/* test_importslot.c - calls of a loaded library go elsewhere, ours do not.
 *
 * cmocka is the library of most tests: it calls free() through its own slot.
 */
#include "tests/unit/support.h"

#include <dlfcn.h>

#include "core/base/importslot.h"

static int calls;

/* Replace in all objects, whatever was read before. */
static void
replace(const struct pt_importslot *slots, size_t count)
{
    struct pt_importslot_progress progress = {0};

    pt_importslot_replace(slots, count, &progress);
}

static void
counting_free(void *block)
{
    calls++;
    free(block);
}

static void
call_cmocka(void)
{
    test_free(test_malloc(100));
}

static void
calls_of_others_are_redirected_and_put_back(void **state)
{
    struct pt_importslot slot = {"free", (pt_importslot_func)counting_free};
    int before;

    (void)state;
    replace(&slot, 1);
    calls = 0;
    call_cmocka();
    assert_true(calls > 0);
    before = calls;
    replace(&slot, 1);  // as it is already
    call_cmocka();
    assert_int_equal(calls, 2 * before);
    // Our own slots are left alone.
    free(malloc(100));
    assert_int_equal(calls, 2 * before);
    slot.func = (pt_importslot_func)free;
    replace(&slot, 1);
    call_cmocka();
    assert_int_equal(calls, 2 * before);
}

static void
names_that_nobody_imports_change_nothing(void **state)
{
    const struct pt_importslot slot[] = {
        {"pt_no_such_function", (pt_importslot_func)counting_free},
        {"", (pt_importslot_func)counting_free},
    };

    (void)state;
    calls = 0;
    replace(slot, COUNT_OF(slot));
    replace(slot, 0);
    call_cmocka();
    assert_int_equal(calls, 0);
}

static void *
counting_malloc(size_t bytes)
{
    calls++;
    return malloc(bytes);
}

static void *
counting_calloc(size_t count, size_t bytes)
{
    calls++;
    return calloc(count, bytes);
}

static const struct pt_importslot slots[] = {
    {"malloc", (pt_importslot_func)counting_malloc},
    {"calloc", (pt_importslot_func)counting_calloc},
};

/* Load a library that this program does not link. */
static void *
load(const char *name)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        print_message("%s\n", dlerror());
        skip();
    }
    return library;
}

/* How often the library takes memory from us to duplicate a string. */
static int
calls_of_sqlite(void *library)
{
    char *(*printed)(const char *, ...) =
        (char *(*)(const char *, ...))dlsym(library, "sqlite3_mprintf");
    void (*give_back)(void *) =
        (void (*)(void *))dlsym(library, "sqlite3_free");

    assert_non_null(printed);
    assert_non_null(give_back);
    calls = 0;
    give_back(printed("%s", "text"));
    return calls;
}

static int
calls_of_zlib(void *library)
{
    void *(*opened)(const char *, const char *) =
        (void *(*)(const char *, const char *))dlsym(library, "gzopen");
    int (*closed)(void *) = (int (*)(void *))dlsym(library, "gzclose");
    void *file;

    assert_non_null(opened);
    assert_non_null(closed);
    calls = 0;
    file = opened("/dev/null", "w");
    assert_non_null(file);
    closed(file);
    return calls;
}

static void
libraries_loaded_at_any_time(void **state)
{
    struct pt_importslot_progress progress = {0};
    void *sqlite = load("libsqlite3.so.0"), *zlib;

    (void)state;
    assert_int_equal(calls_of_sqlite(sqlite), 0);
    pt_importslot_replace(slots, COUNT_OF(slots), &progress);
    assert_int_not_equal(calls_of_sqlite(sqlite), 0);
    // Walks with nothing new, after which everything is settled.
    pt_importslot_replace(slots, COUNT_OF(slots), &progress);
    pt_importslot_replace(slots, COUNT_OF(slots), &progress);
    assert_true(progress.settled > 0);
    assert_int_equal(progress.settled, progress.objects);
    zlib = load("libz.so.1");
    if (calls_of_zlib(zlib) != 0) {
        skip();  // it was there from the start
    }
    pt_importslot_replace(slots, COUNT_OF(slots), &progress);
    assert_int_not_equal(calls_of_zlib(zlib), 0);
    assert_int_not_equal(calls_of_sqlite(sqlite), 0);
    // One goes, and comes back with slots as libc's linker fills them.
    dlclose(zlib);
    zlib = load("libz.so.1");
    pt_importslot_replace(slots, COUNT_OF(slots), &progress);
    assert_int_not_equal(calls_of_zlib(zlib), 0);
    dlclose(zlib);
    dlclose(sqlite);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_others_are_redirected_and_put_back),
        cmocka_unit_test(names_that_nobody_imports_change_nothing),
        cmocka_unit_test(libraries_loaded_at_any_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
