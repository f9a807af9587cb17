/* SPDX-License-Identifier: MIT */
/* test_runfile.c - the file of a run: made, handed over, closed, kept. */
#include "tests/unit/support.h"

#include <fcntl.h>

#include "cli/run/runfile.h"
#include "core/timeline/handover.h"

static char scratch[] = "/tmp/pytrace-runfile-XXXXXX";

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
it_is_inherited_under_a_high_number(void **state)
{
    struct pt_header values = {.wanted = PT_WANT_MEM};
    struct pt_runfile file;

    (void)state;
    assert_int_equal(pt_runfile_create(&file, NULL, &values, NULL), PT_OK);
    assert_true(file.fd >= 3);
    assert_int_equal(fcntl(file.fd, F_GETFD) & FD_CLOEXEC, 0);
    assert_int_equal(file.header->wanted, PT_WANT_MEM);
    pt_runfile_close(&file);
    pt_runfile_close(&file);
}

static void
the_environment_tells_where_it_is(void **state)
{
    struct pt_runfile file = {.fd = 723};

    (void)state;
    unsetenv("PYTHONPATH");
    setenv(PT_ENV_PYTHONPATH, "stale", 1);
    assert_int_equal(pt_runfile_hand_over(&file, "/boot", NULL), PT_OK);
    assert_string_equal(getenv("PYTHONPATH"), "/boot");
    assert_null(getenv(PT_ENV_PYTHONPATH));
    assert_string_equal(getenv(PT_ENV_RECORDING), "723");
    setenv("PYTHONPATH", "/a:/b", 1);
    assert_int_equal(pt_runfile_hand_over(&file, "/boot", NULL), PT_OK);
    assert_string_equal(getenv("PYTHONPATH"), "/boot:/a:/b");
    assert_string_equal(getenv(PT_ENV_PYTHONPATH), "/a:/b");
    setenv("PYTHONPATH", "", 1);
    assert_int_equal(pt_runfile_hand_over(&file, "/boot", NULL), PT_OK);
    assert_string_equal(getenv("PYTHONPATH"), "/boot");
    assert_string_equal(getenv(PT_ENV_PYTHONPATH), "");
}

static void
only_recordings_are_replaced(void **state)
{
    struct pt_header values = {0};
    struct pt_runfile file;
    struct pt_err err;
    char text[8];
    FILE *back;

    (void)state;
    write_file("notes.txt", "mine");
    assert_int_equal(pt_runfile_create(&file, "notes.txt", &values, &err),
                     PT_ERR_USAGE);
    assert_string_equal(err.message,
                        "will not overwrite 'notes.txt': it is no recording; "
                        "remove it or choose another name");
    back = fopen("notes.txt", "r");
    assert_string_equal(fgets(text, sizeof(text), back), "mine");
    fclose(back);
    write_file("run", "");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pt_runfile_create(&file, "run", &values, &err),
                         PT_OK);
        pt_runfile_close(&file);
        assert_int_equal(access("run", F_OK), 0);
    }
    assert_int_equal(pt_runfile_create(&file, "/dev/null", &values, &err),
                     PT_ERR_USAGE);
    assert_int_equal(pt_runfile_create(&file, "no/run", &values, &err),
                     PT_ERR_IO);
}

static void
a_run_that_is_going_on_keeps_its_file(void **state)
{
    struct pt_header values = {.wanted = PT_WANT_COUNT};
    struct pt_runfile first, second;

    (void)state;
    assert_int_equal(pt_runfile_create(&first, "run", &values, NULL), PT_OK);
    values.wanted = PT_WANT_MEM;
    assert_int_equal(pt_runfile_create(&second, "run", &values, NULL), PT_OK);
    assert_int_equal(first.header->wanted, PT_WANT_COUNT);
    assert_int_equal(second.header->wanted, PT_WANT_MEM);
    pt_runfile_close(&first);
    pt_runfile_discard(&second);
    assert_int_not_equal(access("run", F_OK), 0);
}

static void
the_end_is_noted(void **state)
{
    static const struct pt_ending status = {.status = 3};
    static const struct pt_ending killed = {.signal = SIGKILL};
    struct pt_header values = {0};
    struct pt_runfile file;

    (void)state;
    assert_int_equal(pt_runfile_create(&file, NULL, &values, NULL), PT_OK);
    assert_int_equal(file.header->ended, 0);
    pt_runfile_note_end(&file, &status);
    assert_int_equal(file.header->ended, 1);
    assert_int_equal(file.header->exit_status, 3);
    pt_runfile_note_end(&file, &killed);
    assert_int_equal(file.header->exit_status, -1);
    assert_int_equal(file.header->exit_signal, SIGKILL);
    assert_true(file.header->end_ns >= file.header->start_ns);
    pt_runfile_close(&file);
}

static void
create_without_space(void)
{
    struct pt_header values = {0};
    struct pt_runfile file;

    limit_file_size(100);
    child_check(pt_runfile_create(&file, "full", &values, NULL) ==
                PT_ERR_NOSPACE);
    child_check(access("full", F_OK) != 0);
}

static void
a_full_disk_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(create_without_space), 0);
}

static int
make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) == NULL || chdir(scratch) != 0;
}

static int
remove_scratch(void **state)
{
    (void)state;
    unlink("notes.txt");
    unlink("run");
    return chdir("/") != 0 || rmdir(scratch) != 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_inherited_under_a_high_number),
        cmocka_unit_test(the_environment_tells_where_it_is),
        cmocka_unit_test(only_recordings_are_replaced),
        cmocka_unit_test(a_run_that_is_going_on_keeps_its_file),
        cmocka_unit_test(the_end_is_noted),
        cmocka_unit_test(a_full_disk_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
