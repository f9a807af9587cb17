/* SPDX-License-Identifier: MIT */
/* test_outlet.c - output in pieces: all of it, or no file. */
#include "tests/unit/support.h"

#include <errno.h>

#include "cli/report/text/outlet.h"
#include "core/base/file.h"

#define PIECES 1000

static char path[64];

static int
make_directory(void **state)
{
    char directory[] = "/tmp/pytrace-test-XXXXXX";

    (void)state;
    if (mkdtemp(directory) == NULL) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/made", directory);
    return 0;
}

static int
remove_directory(void **state)
{
    (void)state;
    unlink(path);
    *strrchr(path, '/') = '\0';
    return rmdir(path);
}

/* Numbers from 0, and the most that waited at a time. */
static int
pour_numbers(struct pt_outlet *outlet, struct pt_buf *out, size_t *most)
{
    int code = PT_OK;

    for (int i = 0; i < PIECES && code == PT_OK; i++) {
        pt_buf_add_format(out, "%08d\n", i);
        *most = out->used > *most ? out->used : *most;
        code = pt_outlet_pour(outlet, out, 100);
    }
    return code;
}

static void
pieces_make_one_file(void **state)
{
    struct pt_outlet outlet = PT_OUTLET_INIT(path);
    struct pt_buf out = PT_BUF_INIT, read = PT_BUF_INIT;
    size_t most = 0;
    int code = pour_numbers(&outlet, &out, &most);

    (void)state;
    assert_int_equal(code, PT_OK);
    assert_in_range(most, 1, 110);
    pt_buf_add_text(&out, "end");
    assert_int_equal(pt_outlet_close(&outlet, &out, PT_OK), 0);
    assert_int_equal(pt_file_read(path, &read, NULL), PT_OK);
    assert_int_equal(read.used, 9 * PIECES + 3);
    assert_memory_equal(pt_buf_text(&read) + 9 * 999, "00000999\nend", 12);
    pt_buf_release(&read);
}

static void
nothing_is_made_before_there_is_something(void **state)
{
    struct pt_outlet outlet = PT_OUTLET_INIT(path);
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    pt_buf_add_text(&out, "little");
    assert_int_equal(pt_outlet_pour(&outlet, &out, 100), PT_OK);
    assert_int_equal(access(path, F_OK), -1);
    // What went wrong is the caller's to say.
    assert_int_equal(pt_outlet_close(&outlet, &out, PT_ERR_NOMEM), 1);
    assert_int_equal(access(path, F_OK), -1);
}

static void
half_a_file_is_taken_back(void **state)
{
    struct pt_outlet outlet = PT_OUTLET_INIT(path);
    struct pt_buf out = PT_BUF_INIT;
    size_t most = 0;

    (void)state;
    assert_int_equal(pour_numbers(&outlet, &out, &most), PT_OK);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(pt_outlet_close(&outlet, &out, PT_ERR_IO), 1);
    assert_int_equal(access(path, F_OK), -1);
}

static void
a_device_that_is_full_is_left_alone(void **state)
{
    struct pt_outlet outlet = PT_OUTLET_INIT("/dev/full");
    struct pt_buf out = PT_BUF_INIT;
    size_t most = 0;
    int code = pour_numbers(&outlet, &out, &most);

    (void)state;
    assert_int_equal(code, PT_ERR_NOSPACE);
    assert_int_equal(outlet.number, ENOSPC);
    assert_int_equal(pt_outlet_close(&outlet, &out, code), 1);
    assert_int_equal(access("/dev/full", F_OK), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_made_before_there_is_something),
        cmocka_unit_test(pieces_make_one_file),
        cmocka_unit_test(half_a_file_is_taken_back),
        cmocka_unit_test(a_device_that_is_full_is_left_alone),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
