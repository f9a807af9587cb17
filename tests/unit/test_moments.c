/* SPDX-License-Identifier: MIT */
/* test_moments.c - accounts of the preloaded library, taken where malloc() may
 * be called and little else.
 */
#include "tests/unit/preloaded.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#define ROOM_BYTES ((size_t)1 << 16)
#define STACK_BYTES 6144

static size_t frame_bytes;  // what the kernel puts on the stack of a handler
static char *stack_end;

static void
measure(int signal_number)
{
    char here = 0;

    (void)signal_number;
    frame_bytes = (size_t)(stack_end - &here);
}

static void
begin_here(int signal_number)
{
    (void)signal_number;
    door->begin();
}

/* Run a handler on a stack of so many bytes, with nothing below. */
static void
handle_on_stack(void (*handler)(int), size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (bytes + page - 1) / page * page;
    char *area =
        mmap(NULL, page + room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction on_stack = {.sa_handler = handler,
                                 .sa_flags = SA_ONSTACK},
                     before;
    stack_t stack = {.ss_sp = area + page, .ss_size = bytes}, stack_before;

    assert_ptr_not_equal(area, MAP_FAILED);
    assert_int_equal(mprotect(area + page, room, PROT_READ | PROT_WRITE), 0);
    stack_end = area + page + bytes;
    assert_int_equal(sigaltstack(&stack, &stack_before), 0);
    assert_int_equal(sigaction(SIGUSR2, &on_stack, &before), 0);
    raise(SIGUSR2);
    sigaction(SIGUSR2, &before, NULL);
    sigaltstack(&stack_before, NULL);
    munmap(area, page + room);
}

/* Resident memory is looked at wherever a block is taken, on the smallest of
 * stacks, too. */
static void
moments_need_little_stack(void **state)
{
    size_t bytes;

    (void)state;
    door->begin();  // the linker looks symbols up, for which it wants more
    handle_on_stack(measure, ROOM_BYTES);
    bytes = frame_bytes + STACK_BYTES;
    // The kernel takes no smaller one.
    if (bytes < (size_t)sysconf(_SC_MINSIGSTKSZ)) {
        bytes = (size_t)sysconf(_SC_MINSIGSTKSZ);
    }
    handle_on_stack(begin_here, bytes);
}

static void *
go_on(void *data)
{
    pthread_cancel(pthread_self());
    door->begin();
    return data;
}

/* malloc() is no place where a thread is cancelled. */
static void
moments_cancel_no_thread(void **state)
{
    pthread_t thread;
    void *result;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, go_on, &result), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &result);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_need_little_stack),
        cmocka_unit_test(moments_cancel_no_thread),
    };

    (void)argc;
    if (!is_preloaded()) {
        return run_preloaded(argv);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
