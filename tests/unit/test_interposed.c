/* SPDX-License-Identifier: MIT */
/* test_interposed.c - the preloaded library against jemalloc's own counters.
 */
#include "tests/unit/preloaded.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#define THREADS 8
#define ROUNDS 20000

static void *volatile kept[64];

/* All sizes up to some pages, of all functions; half of them freed again. */
static void
take_all_kinds(void)
{
    for (size_t bytes = 0; bytes < 40000; bytes += bytes / 8 + 1) {
        void *block = NULL;

        free(malloc(bytes));
        free(calloc(3, bytes));
        kept[bytes % 64] = realloc(kept[bytes % 64], bytes + 1);
        free(reallocarray(NULL, bytes, 2));
        assert_int_equal(posix_memalign(&block, 128, bytes), 0);
        assert_int_equal((uintptr_t)block % 128, 0);
        free(block);
        block = memalign(4096, bytes);
        assert_int_equal((uintptr_t)block % 4096, 0);
        block = realloc(block, bytes * 2 + 1);
        free(kept[(bytes + 1) % 64]);
        kept[(bytes + 1) % 64] = block;
        free(aligned_alloc(64, bytes));
        free(pvalloc(bytes));
    }
}

/* What was given out before the library began is constant. */
static void
the_allocator_counts_the_same_bytes(void **state)
{
    uint64_t before, after;
    struct sums first, second;

    (void)state;
    take_all_kinds();
    first = sum_up(PT_NATIVE_KINDS);
    before = figure("thread.allocated") - figure("thread.deallocated");
    for (int i = 0; i < 3; i++) {
        take_all_kinds();
        second = sum_up(PT_NATIVE_KINDS);
        after = figure("thread.allocated") - figure("thread.deallocated");
        assert_int_equal(second.usable - first.usable, after - before);
    }
    for (int i = 0; i < 64; i++) {
        free(kept[i]);
        kept[i] = NULL;
    }
    second = sum_up(PT_NATIVE_KINDS);
    after = figure("thread.allocated") - figure("thread.deallocated");
    assert_int_equal(second.usable - first.usable, after - before);
}

static void
results_are_those_of_libc(void **state)
{
    void *block = malloc(0), *place = NULL;
    volatile size_t most = SIZE_MAX;

    (void)state;
    assert_non_null(block);
    assert_int_equal((uintptr_t)malloc_usable_size(NULL), 0);
    errno = 0;
    assert_null(realloc(block, 0));
    assert_int_equal(errno, 0);
    assert_null(malloc(most / 2));
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(calloc(most / 2, 3));
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(reallocarray(NULL, most / 2, 3));
    assert_int_equal(errno, ENOMEM);
    errno = 7;
    assert_int_equal(posix_memalign(&place, 24, 100), EINVAL);
    assert_int_equal(posix_memalign(&place, 64, most / 2), ENOMEM);
    assert_int_equal(errno, 7);
    free(NULL);
    assert_int_equal(errno, 7);
    block = malloc(5);
    assert_int_equal((uintptr_t)block % 16, 0);
    strcpy(block, "kept");
    assert_null(realloc(block, most / 2));
    assert_string_equal(block, "kept");
    free(block);
}

static void *
work(void *data)
{
    void **row = data;

    for (int i = 0; i < ROUNDS; i++) {
        free(row[i % 16]);
        row[i % 16] = malloc((size_t)(i * 37 % 3000));
    }
    return NULL;
}

/* What eight threads leave behind is freed by the first. */
static void
blocks_may_be_freed_by_other_threads(void **state)
{
    static void *rows[THREADS][16];
    struct sums before, after;
    pthread_t thread[THREADS];
    uint64_t live;

    (void)state;
    // Whatever the first threads of a process make libc keep:
    for (int round = 0; round < 2; round++) {
        before = sum_up(PT_NATIVE_KINDS);
        for (int i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_create(&thread[i], NULL, work, rows[i]),
                             0);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(thread[i], NULL);
        }
        live = sum_up(PT_NATIVE_KINDS).live;
        for (int i = 0; i < THREADS * 16; i++) {
            free(rows[i / 16][i % 16]);
            rows[i / 16][i % 16] = NULL;
        }
    }
    after = sum_up(PT_NATIVE_KINDS);
    assert_true(live >= THREADS * 16);
    assert_int_equal(after.live, before.live);
    assert_true(after.allocated - before.allocated >= THREADS * ROUNDS);
}

/* Volatile, as a compiler knows that malloc() asks nobody. */
static volatile uint32_t told;

static struct pt_door_context
tell(void)
{
    return (struct pt_door_context){PT_NODE_NONE, told};
}

static void
a_block_is_of_whom_the_door_says(void **state)
{
    struct sums before, after;
    void *python, *library;

    (void)state;
    atomic_store(&door->context, tell);
    before = sum_up(PT_NATIVE_PYTHON);
    told = PT_NATIVE_PYTHON;
    python = malloc(1000);
    told = PT_NATIVE_LIBRARY;
    library = malloc(2000);
    assert_int_equal(sum_up(PT_NATIVE_PYTHON).asked - before.asked, 1000);

    before = sum_up(PT_NATIVE_TRACKED);
    door->file_as((uintptr_t)library, PT_NATIVE_TRACKED);
    door->file_as((uintptr_t)library, PT_NATIVE_TRACKED);
    door->file_as((uintptr_t)python, PT_NATIVE_TRACKED);
    door->file_as((uintptr_t)library + 16, PT_NATIVE_TRACKED);
    after = sum_up(PT_NATIVE_TRACKED);
    assert_int_equal(after.asked - before.asked, 2000);
    door->file_as((uintptr_t)library, PT_NATIVE_LIBRARY);
    assert_int_equal(sum_up(PT_NATIVE_TRACKED).asked, before.asked);
    free(library);
    free(python);
    atomic_store(&door->context, NULL);
}

static void
mappings_are_cut_and_moved(void **state)
{
    const size_t page = 4096;
    struct sums before = sum_up(PT_NATIVE_MAP);
    char *map = mmap(NULL, 10 * page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_int_equal(sum_up(PT_NATIVE_MAP).asked - before.asked, 10 * page);
    munmap(map + 4 * page, 2 * page);
    assert_int_equal(sum_up(PT_NATIVE_MAP).asked - before.asked, 8 * page);
    assert_int_equal(sum_up(PT_NATIVE_MAP).live - before.live, 2);
    map = mremap(map, 4 * page, 20 * page, MREMAP_MAYMOVE);
    assert_int_equal(sum_up(PT_NATIVE_MAP).asked - before.asked, 24 * page);
    munmap(map, 20 * page);
    assert_int_equal(sum_up(PT_NATIVE_MAP).asked - before.asked, 4 * page);
    // A range that nobody may touch is no memory.
    map = mmap(NULL, 10 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_int_equal(sum_up(PT_NATIVE_MAP).asked - before.asked, 4 * page);
    munmap(map, 10 * page);
}

static atomic_int arrivals;

static void
take_in_handler(int number)
{
    (void)number;
    free(malloc(100));
    atomic_fetch_add(&arrivals, 1);
}

/* Not allowed by POSIX, but programs do it. The signal comes between calls
 * and within the tool; not within jemalloc, where nothing would help. */
static void
a_signal_handler_may_allocate(void **state)
{
    struct sigaction action = {.sa_handler = take_in_handler}, old;
    struct sums before;

    (void)state;
    sigaction(SIGUSR1, &action, &old);
    raise(SIGUSR1);
    before = sum_up(PT_NATIVE_KINDS);
    for (int i = 0; i < 100; i++) {
        raise(SIGUSR1);
    }
    assert_int_equal(atomic_load(&arrivals), 101);
    assert_int_equal(sum_up(PT_NATIVE_KINDS).live, before.live);
    sigaction(SIGUSR1, &old, NULL);
}

/* A child without a timeline of its own does not count into its parent's. */
static void
a_forked_child_keeps_out(void **state)
{
    struct sums before = sum_up(PT_NATIVE_KINDS);
    int status = -1;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        kept[0] = malloc(1000);
        kept[1] = malloc(1000);
        free(kept[1]);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(sum_up(PT_NATIVE_KINDS).live, before.live);
    assert_int_equal(sum_up(PT_NATIVE_KINDS).allocated, before.allocated);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_allocator_counts_the_same_bytes),
        cmocka_unit_test(results_are_those_of_libc),
        cmocka_unit_test(blocks_may_be_freed_by_other_threads),
        cmocka_unit_test(a_block_is_of_whom_the_door_says),
        cmocka_unit_test(mappings_are_cut_and_moved),
        cmocka_unit_test(a_signal_handler_may_allocate),
        cmocka_unit_test(a_forked_child_keeps_out),
    };

    (void)argc;
    if (!is_preloaded()) {
        return run_preloaded(argv);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
