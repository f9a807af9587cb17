/* SPDX-License-Identifier: MIT */
/* test_interrupted.c - the preloaded library where others would rather not
 * allocate: in signal handlers, around vfork() and fork(), before constructors
 * run, and while threads and the process end.
 */
#include "tests/unit/preloaded.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/time.h>
#include <sys/wait.h>

#define THREADS 8
#define SLOTS 64
#define KEYS 40  // libc allocates for those beyond 32

// That many handlers at least, and as many that interrupted the allocator.
#define HANDLERS 400
#define SERVED 20

/* Each block says in its first and last bytes how large it is, so that one
 * which was given out twice is seen. */
static char *_Atomic slot[SLOTS];
static atomic_int handled, served, mistakes, is_over;

static void *
mark(char *block, size_t bytes)
{
    if (block == NULL) {
        atomic_fetch_add(&mistakes, 1);
        return NULL;
    }
    memcpy(block, &bytes, sizeof(bytes));
    block[bytes - 1] = (char)bytes;
    return block;
}

static void
check(const char *block)
{
    size_t bytes;

    if (block != NULL) {
        memcpy(&bytes, block, sizeof(bytes));
        if (bytes < 16 || bytes > 4000 || block[bytes - 1] != (char)bytes ||
            malloc_usable_size((void *)block) < bytes) {
            atomic_fetch_add(&mistakes, 1);
        }
    }
}

/* Take one block and end another, which any thread may have taken. */
static void
trade(unsigned number)
{
    size_t bytes = 16 + number * 37 % 2000;
    char *block, *old = atomic_exchange(&slot[number % SLOTS], NULL);

    check(old);
    if (number % 3 == 0) {
        block = realloc(old, bytes);
    }
    else {
        block = calloc(1, bytes);
        for (size_t i = 0; block != NULL && i < bytes; i++) {
            if (block[i] != 0) {
                atomic_fetch_add(&mistakes, 1);
            }
        }
        free(old);
    }
    old = atomic_exchange(&slot[number % SLOTS], mark(block, bytes));
    check(old);
    free(old);
}

// Where the library lies.
static uintptr_t library_start, library_end;

static int
find_library(struct dl_phdr_info *info, size_t bytes, void *address)
{
    uintptr_t low = UINTPTR_MAX, high = 0;

    (void)bytes;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        uintptr_t end = start + header->p_memsz;

        if (header->p_type == PT_LOAD) {
            low = start < low ? start : low;
            high = end > high ? end : high;
        }
    }
    library_start = low;
    library_end = high;
    return (uintptr_t)address >= low && (uintptr_t)address < high;
}

static void
handle(int signal_number)
{
    int saved_errno = errno;
    int number = atomic_fetch_add(&handled, 1);
    char *block = mark(malloc(100), 100);

    (void)signal_number;
    if ((uintptr_t)block >= library_start && (uintptr_t)block < library_end) {
        atomic_fetch_add(&served, 1);
    }
    trade((unsigned)number);
    check(block);
    free(block);
    errno = saved_errno;
}

static void *
work(void *data)
{
    unsigned number = (unsigned)(uintptr_t)data;

    while (!atomic_load(&is_over)) {
        trade(number++ * 7);
        free(malloc(number % 3000));
        if (number % 64 == 0) {
            sched_yield();  // to whom the signals come from
        }
    }
    return NULL;
}

static void
empty_slots(void)
{
    for (int i = 0; i < SLOTS; i++) {
        char *block = atomic_exchange(&slot[i], NULL);

        check(block);
        free(block);
    }
}

/* A timer's signals go to any thread, and ours to each in turn. */
static void
storm(void (*beside)(int turn))
{
    const struct itimerval often = {{0, 300}, {0, 300}}, never = {0};
    pthread_t thread[THREADS];
    int first_handled = atomic_load(&handled);
    int first_served = atomic_load(&served);

    atomic_store(&is_over, 0);
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(
            pthread_create(&thread[i], NULL, work, (void *)(i * 1000)), 0);
    }
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; atomic_load(&handled) - first_handled < HANDLERS ||
                    atomic_load(&served) - first_served < SERVED;
         i++) {
        pthread_kill(thread[i % THREADS], SIGUSR1);
        beside(i);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    atomic_store(&is_over, 1);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    empty_slots();
    assert_int_equal(atomic_load(&mistakes), 0);
}

static void
do_nothing(int turn)
{
    (void)turn;
    sched_yield();
}

static void
handlers_allocate_while_threads_do(void **state)
{
    struct sums before;

    (void)state;
    // Whatever the first threads of a process make libc keep:
    storm(do_nothing);
    before = sum_up(PT_NATIVE_KINDS);
    storm(do_nothing);
    assert_int_equal(sum_up(PT_NATIVE_KINDS).live, before.live);
    assert_int_equal(sum_up(PT_NATIVE_KINDS).usable, before.usable);
}

/* The child has the allocator for itself, whatever the threads of its parent
 * were at. It does not count, having no timeline. */
static void
fork_one(int turn)
{
    int status = -1;
    pid_t child;

    if (turn % 20 != 0) {
        sched_yield();
        return;
    }
    child = fork();
    if (child == 0) {
        for (unsigned i = 0; i < 500; i++) {
            trade(i);
        }
        empty_slots();
        _exit(atomic_load(&mistakes) != 0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    assert_int_equal(status, 0);
}

static void
children_allocate_meanwhile(void **state)
{
    struct sums before = sum_up(PT_NATIVE_KINDS);

    (void)state;
    storm(fork_one);
    assert_int_equal(sum_up(PT_NATIVE_KINDS).live, before.live);
}

static void *volatile shared[3];

/* It has its parent's memory until it ends: what it takes and frees is its
 * parent's affair. */
static void
a_vfork_child_is_its_parent(void **state)
{
    struct sums before, after;
    uint64_t first;
    int status = -1;
    pid_t child;

    (void)state;
    shared[0] = malloc(3000);
    before = sum_up(PT_NATIVE_KINDS);
    first = figure("thread.allocated") - figure("thread.deallocated");
    child = vfork();
    if (child == 0) {
        shared[1] = malloc(5000);
        shared[2] = calloc(7, 1000);
        free(shared[0]);
        free(malloc(10));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    after = sum_up(PT_NATIVE_KINDS);
    assert_int_equal(after.asked - before.asked, 5000 + 7000 - 3000);
    assert_int_equal(after.usable - before.usable,
                     figure("thread.allocated") -
                         figure("thread.deallocated") - first);
    free(shared[1]);
    free(shared[2]);
}

static char *early[20];

/* Before the constructor of any library, and so before the library records. */
static void
take_early(int argc, char **argv, char **environment)
{
    (void)argc;
    (void)argv;
    (void)environment;
    for (size_t i = 0; i < 20; i++) {
        early[i] = mark(malloc(16 + i * 100), 16 + i * 100);
        early[i] = mark(realloc(early[i], 20 + i * 150), 20 + i * 150);
    }
    for (size_t i = 0; i < 20; i += 2) {
        free(early[i]);
        early[i] = NULL;
    }
}

__attribute__((section(".preinit_array"),
               used)) static void (*const preinit)(int, char **,
                                                   char **) = take_early;

static void
blocks_from_before_the_library(void **state)
{
    struct sums before = sum_up(PT_NATIVE_KINDS);
    uint64_t first = figure("thread.allocated") - figure("thread.deallocated");

    (void)state;
    for (size_t i = 1; i < 20; i += 2) {
        check(early[i]);
        early[i] = realloc(early[i], 2000);
    }
    assert_int_equal(sum_up(PT_NATIVE_KINDS).asked - before.asked, 20000);
    for (size_t i = 1; i < 20; i += 2) {
        free(early[i]);
    }
    assert_int_equal(sum_up(PT_NATIVE_KINDS).asked, before.asked);
    assert_true(figure("thread.allocated") - figure("thread.deallocated") <
                first);
    assert_int_equal(atomic_load(&mistakes), 0);
}

static pthread_key_t key[KEYS];

/* Runs when a thread ends, again and again: before the allocator's own, and
 * after it. */
static void
end_thread(void *block)
{
    static _Thread_local int rounds;

    check(block);
    free(block);
    free(malloc(500));
    if (++rounds < 3 * KEYS) {
        pthread_setspecific(key[rounds % KEYS], mark(malloc(64), 64));
    }
}

static void *
set_keys(void *data)
{
    (void)data;
    for (int i = 0; i < KEYS; i++) {
        pthread_setspecific(key[i], mark(malloc(100), 100));
    }
    return NULL;
}

static void
threads_allocate_as_they_end(void **state)
{
    struct sums before = {0};

    (void)state;
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(pthread_key_create(&key[i], end_thread), 0);
    }
    for (int round = 0; round < 2; round++) {
        before = sum_up(PT_NATIVE_KINDS);
        for (int i = 0; i < THREADS; i++) {
            pthread_t thread;

            assert_int_equal(pthread_create(&thread, NULL, set_keys, NULL), 0);
            pthread_join(thread, NULL);
        }
    }
    // What is set in the last round of destructors is left, by POSIX.
    assert_true(sum_up(PT_NATIVE_KINDS).live - before.live <= THREADS * KEYS);
    assert_int_equal(atomic_load(&mistakes), 0);
}

/* Of those sizes that nobody else asks for. */
static void *volatile kept[40];

static void
hold_at_exit(void)
{
    for (int i = 0; i < 4; i++) {
        free(kept[i]);
        kept[30 + i] = malloc(3011);
    }
}

__attribute__((destructor)) static void
hold_in_destructor(void)
{
    if (kept[10] != NULL) {
        kept[20] = malloc(3023);
        kept[10] = realloc(kept[10], 3037);
    }
}

/* Another process of this test: what it has when it ends. */
static int
end_with_blocks(void)
{
    atexit(hold_at_exit);
    for (int i = 0; i < 11; i++) {
        kept[i] = malloc(3001);
    }
    return 0;
}

static uint64_t
live_of_size(const struct pt_reader *reader, size_t bytes)
{
    uint32_t items = pt_reader_items(reader, 0, PT_SEGMENT_NATIVE);
    uint64_t live = 0;

    for (uint32_t id = 2; id < items; id++) {
        const struct pt_native_pair *pair =
            pt_reader_item(reader, 0, PT_SEGMENT_NATIVE, id);

        if (pair != NULL && pair->size_bytes == bytes) {
            live += pair->inherited + atomic_load(&pair->allocated) -
                    atomic_load(&pair->freed);
        }
    }
    return live;
}

static void
what_happens_at_exit_counts(void **state)
{
    char *const argv[] = {"test", "ends", NULL};
    int fd = new_recording(PT_WANT_MEM | PT_WANT_NATIVE);
    struct pt_reader *reader;
    char number[16];
    pid_t child;

    (void)state;
    assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
    snprintf(number, sizeof(number), "%d", fd);
    setenv(PT_ENV_RECORDING, number, 1);
    child = fork();
    if (child == 0) {
        execv("/proc/self/exe", argv);
        _exit(1);
    }
    assert_int_equal(end_of(child), 0);
    reader = open_reader(fd);
    assert_non_null(reader);
    assert_int_equal(live_of_size(reader, 3001), 11 - 4 - 1);
    assert_int_equal(live_of_size(reader, 3011), 4);
    assert_int_equal(live_of_size(reader, 3023), 1);
    assert_int_equal(live_of_size(reader, 3037), 1);
    pt_reader_close(reader);
    close(fd);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_from_before_the_library),
        cmocka_unit_test(a_vfork_child_is_its_parent),
        cmocka_unit_test(threads_allocate_as_they_end),
        cmocka_unit_test(what_happens_at_exit_counts),
        // These use up the tables of a hostile build.
        cmocka_unit_test(handlers_allocate_while_threads_do),
        cmocka_unit_test(children_allocate_meanwhile),
    };
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};

    if (!is_preloaded()) {
        return run_preloaded(argv);
    }
    if (argc > 1) {
        return end_with_blocks();
    }
    dl_iterate_phdr(find_library, door);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
