/* SPDX-License-Identifier: MIT */
/* test_file.c - whole reads, whole writes, and space that is really there. */
#include "tests/unit/support.h"

#include <errno.h>
#include <fcntl.h>

#include "core/base/file.h"
#include "core/base/rawmem.h"

/* The path under which an open descriptor can be opened again. */
static const char *
path_of(int fd)
{
    static char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

static void
what_is_written_can_be_read(void **state)
{
    static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 300000};
    char *bytes = pt_rawmem_array(1, 300000);

    (void)state;
    memset(bytes, 'x', 300000);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct pt_buf buf = PT_BUF_INIT;
        int fd = empty_file();

        assert_int_equal(pt_file_write(fd, bytes, sizes[i]), PT_OK);
        assert_int_equal(pt_file_read(path_of(fd), &buf, NULL), PT_OK);
        assert_int_equal(buf.used, sizes[i]);
        assert_memory_equal(pt_buf_text(&buf), bytes, sizes[i]);
        pt_buf_release(&buf);
        close(fd);
    }
    pt_rawmem_free(bytes);
}

static void
reading_appends_to_the_buffer(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;
    int fd = empty_file();

    (void)state;
    assert_int_equal(pt_file_write(fd, "two", 3), PT_OK);
    pt_buf_add_text(&buf, "one ");
    assert_int_equal(pt_file_read(path_of(fd), &buf, NULL), PT_OK);
    assert_string_equal(pt_buf_text(&buf), "one two");
    pt_buf_release(&buf);
    close(fd);
}

static void
reading_names_the_path_and_the_reason(void **state)
{
    static const struct {
        const char *path, *message;
    } cases[] = {
        {"/no/such", "cannot open '/no/such': No such file or directory"},
        {"/", "cannot read '/': Is a directory"},
        {"/proc/self/mem", "cannot read '/proc/self/mem': "
                           "Input/output error"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_buf buf = PT_BUF_INIT;
        struct pt_err err;

        assert_int_equal(pt_file_read(cases[i].path, &buf, &err), PT_ERR_IO);
        assert_int_equal(err.code, PT_ERR_IO);
        assert_string_equal(err.message, cases[i].message);
        pt_buf_release(&buf);
    }
}

static void
writing_says_why_it_failed(void **state)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(pt_file_write(full, "x", 1), PT_ERR_NOSPACE);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(pt_file_write(-1, "x", 1), PT_ERR_IO);
    assert_int_equal(errno, EBADF);
    close(full);
}

static void
write_beyond_the_limit(void)
{
    char bytes[3000] = {0};
    int fd = empty_file();

    limit_file_size(2000);
    child_check(pt_file_write(fd, bytes, sizeof(bytes)) == PT_ERR_NOSPACE);
    child_check(errno == EFBIG);
    child_check(file_bytes(fd) == 2000);
    child_check(pt_file_reserve(fd, 0, 2000) == PT_OK);
    child_check(pt_file_reserve(fd, 1999, 2) == PT_ERR_NOSPACE);
    // Who would die of the signal lives on.
    signal(SIGXFSZ, SIG_DFL);
    child_check(pt_file_reserve(fd, 1999, 2) == PT_ERR_NOSPACE);
    child_check(pt_file_write(fd, bytes, 1) == PT_ERR_NOSPACE);
}

static void
a_size_limit_is_a_lack_of_space(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(write_beyond_the_limit), 0);
}

static void
reserving_gives_zeros_and_keeps_what_is_there(void **state)
{
    struct stat status;
    char bytes[3];
    int fd = empty_file();

    (void)state;
    assert_int_equal(pt_file_write(fd, "ab", 2), PT_OK);
    assert_int_equal(pt_file_reserve(fd, 1, 1 << 20), PT_OK);
    assert_int_equal(file_bytes(fd), (1 << 20) + 1);
    assert_int_equal(pread(fd, bytes, 3, 0), 3);
    assert_memory_equal(bytes, "ab\0", 3);
    assert_int_equal(fstat(fd, &status), 0);
    assert_true(status.st_blocks * 512 >= 1 << 20);
    close(fd);
}

static void
reserving_needs_a_file_that_can_be_written(void **state)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(pt_file_reserve(fd, 0, 4096), PT_ERR_IO);
    assert_int_equal(pt_file_reserve(-1, 0, 4096), PT_ERR_IO);
    assert_int_equal(pt_file_reserve(fd, UINT64_MAX - 1, 4096), PT_ERR_IO);
    close(fd);
}

#ifdef PT_TORTURE
static void
a_file_too_large_for_memory_is_said_to_be(void **state)
{
    struct pt_buf buf = PT_BUF_INIT;
    struct pt_err err;

    (void)state;
    pt_rawmem_fail_at(1);
    assert_int_equal(pt_file_read("/proc/self/status", &buf, &err),
                     PT_ERR_NOMEM);
    pt_rawmem_fail_at(0);
    assert_string_equal(err.message,
                        "cannot read '/proc/self/status': out of memory");
    pt_buf_release(&buf);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_can_be_read),
        cmocka_unit_test(reading_appends_to_the_buffer),
        cmocka_unit_test(reading_names_the_path_and_the_reason),
        cmocka_unit_test(writing_says_why_it_failed),
        cmocka_unit_test(a_size_limit_is_a_lack_of_space),
        cmocka_unit_test(reserving_gives_zeros_and_keeps_what_is_there),
        cmocka_unit_test(reserving_needs_a_file_that_can_be_written),
#ifdef PT_TORTURE
        cmocka_unit_test(a_file_too_large_for_memory_is_said_to_be),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
