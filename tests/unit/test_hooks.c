/* SPDX-License-Identifier: MIT */
/* test_hooks.c - the allocator hooks, called by many threads at once.
 *
 * Threads take turns at a lock that stands for the GIL for MEM and OBJ, and
 * call RAW without it, as the interpreter does. Blocks go from thread to
 * thread. Under ThreadSanitizer this is the proof that the path needs no lock.
 */
#include "tests/unit/fakepython.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/rawmem.h"
#include "memtrace/hooks.h"
#include "memtrace/recorder.h"
#include "memtrace/refs.h"

#define THREADS 6
#define KEPT 64
#define TURNS PT_SIZE(20000, 2000)
#define DOMAINS 3

// -- An interpreter's allocators ---------------------------------------------

static PyMemAllocatorEx installed[DOMAINS];
static PyObjectArenaAllocator arenas;
static int refuses;  // the inner allocator has no memory

static void *
plain_malloc(void *context, size_t bytes)
{
    (void)context;
    return refuses ? NULL : malloc(bytes + !bytes);
}

static void *
plain_calloc(void *context, size_t count, size_t item_bytes)
{
    (void)context;
    return refuses ? NULL : calloc(count + !count, item_bytes + !item_bytes);
}

static void *
plain_realloc(void *context, void *block, size_t bytes)
{
    (void)context;
    return refuses ? NULL : realloc(block, bytes + !bytes);
}

static void
plain_free(void *context, void *block)
{
    (void)context;
    free(block);
}

void
PyMem_GetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    *allocator = installed[domain];
}

void
PyMem_SetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    installed[domain] = *allocator;
}

void
PyObject_GetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    *allocator = arenas;
}

void
PyObject_SetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    arenas = *allocator;
}

/* Through one of CPython's doors, as an extension would. */
static void *
allocate(PyMemAllocatorDomain domain, size_t bytes)
{
    return installed[domain].malloc(installed[domain].ctx, bytes);
}

static void
deallocate(PyMemAllocatorDomain domain, void *block)
{
    installed[domain].free(installed[domain].ctx, block);
}

void *
PyMem_RawMalloc(size_t bytes)
{
    return allocate(PYMEM_DOMAIN_RAW, bytes);
}

void *
PyMem_Malloc(size_t bytes)
{
    return allocate(PYMEM_DOMAIN_MEM, bytes);
}

void *
PyObject_Malloc(size_t bytes)
{
    return allocate(PYMEM_DOMAIN_OBJ, bytes);
}

void
PyMem_RawFree(void *block)
{
    deallocate(PYMEM_DOMAIN_RAW, block);
}

void
PyMem_Free(void *block)
{
    deallocate(PYMEM_DOMAIN_MEM, block);
}

void
PyObject_Free(void *block)
{
    deallocate(PYMEM_DOMAIN_OBJ, block);
}

PyThreadState *
PyGILState_GetThisThreadState(void)
{
    return fake_attached;
}

void
pt_refs_repair(void)
{
}

// -- The engine --------------------------------------------------------------

static struct pt_timeline timeline;
static struct pt_catalog catalog;
static struct pt_nodes nodes;

static int
set_up(void **state)
{
    const PyMemAllocatorEx plain = {NULL, plain_malloc, plain_calloc,
                                    plain_realloc, plain_free};

    (void)state;
    fake_python_start();
    for (int i = 0; i < DOMAINS; i++) {
        installed[i] = plain;
    }
    catalog = (struct pt_catalog){.timeline = &timeline};
    if (pt_timeline_attach(&timeline, -1, NULL) != PT_OK ||
        pt_blocktable_init(&pt_recorder.blocks) != PT_OK ||
        pt_nodes_init(&nodes, &catalog) != PT_OK ||
        pt_pairs_init(&pt_recorder.pairs, &timeline) != PT_OK ||
        pt_context_start(&nodes, &pt_recorder.pairs) != PT_OK) {
        return -1;
    }
    pt_blockmap_init(&pt_recorder.others);
    pt_hooks_install();
    pt_recorder_resume();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    pt_recorder_pause();
    pt_hooks_remove();
    pt_context_release();
    pt_blockmap_release(&pt_recorder.others);
    pt_pairs_release(&pt_recorder.pairs);
    pt_nodes_release(&nodes);
    pt_blocktable_release(&pt_recorder.blocks);
    pt_timeline_release(&timeline);
    return 0;
}

static uint64_t
traced_bytes(void)
{
    return pt_pairs_totals(&pt_recorder.pairs).current_bytes;
}

/* Bytes and blocks by the pairs, which must agree with the totals. */
static uint64_t
live_blocks(void)
{
    uint32_t items = atomic_load(pt_recorder.pairs.array->items);
    uint64_t blocks = 0, bytes = 0;

    for (uint32_t id = 1; id < items; id++) {
        const struct pt_pair *pair = pt_pairs_at(&pt_recorder.pairs, id);

        assert_true(pair->live >= 0);
        blocks += (uint64_t)pair->live;
        bytes += (uint64_t)pair->live * pair->size_bytes;
    }
    assert_int_equal(bytes, traced_bytes());
    return blocks;
}

// -- Many threads ------------------------------------------------------------

static pthread_mutex_t gil = PTHREAD_MUTEX_INITIALIZER;

struct block {
    char *_Atomic start;
    size_t bytes;
};

static struct block raw_blocks[KEPT];
static char *gil_block[KEPT];
static _Atomic uint64_t pauses;

static uint32_t
next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*seed >> 33);
}

/* With the GIL: take the place of a block that some thread made. */
static void
turn_with_gil(struct fake_thread *thread, uint64_t *seed)
{
    struct pt_frame frame[3];
    uint32_t k = next_random(seed) % KEPT;
    const PyMemAllocatorEx *obj;

    pthread_mutex_lock(&gil);
    obj = &installed[PYMEM_DOMAIN_OBJ];
    for (int i = 0; i < 3; i++) {
        fake_frame(&frame[i], &fake_code[1], 5 + (int)(k % 20), 0,
                   i > 0 ? &frame[i - 1] : NULL);
    }
    fake_thread_run(thread, &frame[2]);
    if (k % 3 == 0) {
        gil_block[k] =
            obj->realloc(obj->ctx, gil_block[k], next_random(seed) % 2000);
    }
    else {
        PyObject_Free(gil_block[k]);
        gil_block[k] = k % 3 == 1
                           ? PyObject_Malloc(next_random(seed) % 700)
                           : obj->calloc(obj->ctx, next_random(seed) % 9, 8);
    }
    if (next_random(seed) % 256 == 0) {
        // What a stop or a view does; the tables might change in between.
        pt_recorder_pause();
        atomic_fetch_add(&pauses, 1);
        pt_recorder_resume();
    }
    if (next_random(seed) % 64 == 0) {
        pt_context_forget(&fake_code[1].base);
    }
    fake_thread_run(thread, NULL);
    pthread_mutex_unlock(&gil);
}

/* Without it: exchange a block with whoever left one there. */
static void
turn_without_gil(uint64_t *seed)
{
    uint32_t k = next_random(seed) % KEPT;
    char *block = PyMem_RawMalloc(next_random(seed) % 3000 + 1);

    block[0] = (char)k;
    block = atomic_exchange(&raw_blocks[k].start, block);
    PyMem_RawFree(block);
}

static void *
run_thread(void *number)
{
    static struct fake_thread thread[THREADS];
    struct fake_thread *own = &thread[(uintptr_t)number];
    uint64_t seed = (uintptr_t)number + 1;

    fake_thread_attach(own);
    for (int i = 0; i < TURNS; i++) {
        turn_with_gil(own, &seed);
        turn_without_gil(&seed);
    }
    return NULL;
}

static void
test_many_threads(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(
            pthread_create(&thread[i], NULL, run_thread, (void *)i), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    assert_true(atomic_load(&pauses) > 0);
    assert_int_equal(timeline.process->dropped_blocks, 0);
    for (int k = 0; k < KEPT; k++) {
        PyObject_Free(gil_block[k]);
        PyMem_RawFree(raw_blocks[k].start);
    }
    (void)live_blocks();
}

// -- One thread --------------------------------------------------------------

static struct fake_thread main_thread;

static int
set_up_main(void **state)
{
    fake_thread_attach(&main_thread);
    fake_thread_run(&main_thread, NULL);
    refuses = 0;
    return set_up(state);
}

static void
test_zeroed(void **state)
{
    (void)state;
    for (int domain = 0; domain < DOMAINS; domain++) {
        const PyMemAllocatorEx *now = &installed[domain];
        char *block = now->calloc(now->ctx, 7, 11);

        assert_int_equal(block[76], 0);
        assert_int_equal(traced_bytes(), 77);
        assert_int_equal(live_blocks(), 1);
        deallocate(domain, block);
    }
}

static void
test_resized(void **state)
{
    for (int domain = 0; domain < DOMAINS; domain++) {
        const PyMemAllocatorEx *now = &installed[domain];
        char *block = allocate(domain, 100), *other;

        (void)state;
        assert_int_equal(traced_bytes(), 100);
        block = now->realloc(now->ctx, block, 5000000);
        assert_int_equal(traced_bytes(), 5000000);
        refuses = 1;
        other = now->realloc(now->ctx, block, 9000000);
        refuses = 0;
        assert_null(other);
        assert_int_equal(traced_bytes(), 5000000);
        assert_int_equal(live_blocks(), 1);
        block = now->realloc(now->ctx, block, 0);
        assert_int_equal(traced_bytes(), 0);
        assert_int_equal(live_blocks(), 1);
        deallocate(domain, block);
        block = now->realloc(now->ctx, NULL, 7);
        assert_int_equal(traced_bytes(), 7);
        deallocate(domain, block);
        deallocate(domain, NULL);
        assert_int_equal(live_blocks(), 0);
    }
}

/* Blocks born before the start, while paused, and inside the guard. */
static void
test_blocks_we_did_not_see(void **state)
{
    char *block[2];

    (void)state;
    for (int domain = 0; domain < DOMAINS; domain++) {
        pt_recorder_pause();
        block[0] = allocate(domain, 50);
        block[1] = allocate(domain, 60);
        pt_recorder_resume();
        deallocate(domain, block[0]);
        block[1] =
            installed[domain].realloc(installed[domain].ctx, block[1], 70);
        assert_int_equal(traced_bytes(), 70);
        deallocate(domain, block[1]);
        pt_guard_enter();
        block[0] = allocate(domain, 80);
        block[1] = allocate(domain, 90);
        pt_guard_leave();
        assert_int_equal(traced_bytes(), 0);
        deallocate(domain, block[0]);
        pt_guard_enter();
        deallocate(domain, block[1]);
        pt_guard_leave();
        assert_int_equal(live_blocks(), 0);
    }
}

/* An object of the tool's comes to the program by a free list. */
static void
test_reuse(void **state)
{
    char *block;

    (void)state;
    pt_guard_enter();
    block = PyObject_Malloc(48);
    pt_guard_leave();
    pt_hooks_reuse(block);
    assert_int_equal(traced_bytes(), PT_HAS_REF_TRACER ? 48 : 0);
    pt_hooks_reuse(block);
    assert_int_equal(live_blocks(), PT_HAS_REF_TRACER ? 1 : 0);
    PyObject_Free(block);
    assert_int_equal(live_blocks(), 0);
    pt_hooks_reuse(block);
    assert_int_equal(live_blocks(), 0);
}

static void
test_another_tool_above(void **state)
{
    PyMemAllocatorEx ours = installed[PYMEM_DOMAIN_OBJ];
    const PyMemAllocatorEx other = {NULL, plain_malloc, plain_calloc,
                                    plain_realloc, plain_free};
    char *block;

    (void)state;
    assert_int_equal(pt_hooks_repair(), 0);
    // Put back by force, as by a tool that was there before us and goes.
    installed[PYMEM_DOMAIN_OBJ] = other;
    block = PyObject_Malloc(10);
    assert_int_equal(traced_bytes(), 0);
    assert_int_equal(pt_hooks_repair(), 1);
    PyObject_Free(block);
    block = PyObject_Malloc(10);
    assert_int_equal(traced_bytes(), 10);
    PyObject_Free(block);
    assert_ptr_equal(installed[PYMEM_DOMAIN_OBJ].malloc, ours.malloc);
    pt_hooks_remove();
    assert_ptr_equal(installed[PYMEM_DOMAIN_OBJ].malloc, plain_malloc);
}

#ifdef PT_TORTURE
/* Whichever allocation of ours fails, the program's do not, and what could not
 * be filed is counted. */
static void
test_torture(void **state)
{
    for (uint64_t nth = 1, failed = 1; failed; nth++) {
        char *block[60];

        tear_down(state);
        assert_int_equal(set_up_main(state), 0);
        pt_rawmem_fail_at(nth);
        for (int i = 0; i < 60; i++) {
            block[i] = allocate(i % DOMAINS, (size_t)i * 30);
            assert_non_null(block[i]);
        }
        failed = (uint64_t)pt_rawmem_has_failed();
        pt_rawmem_fail_at(0);
        assert_int_equal(live_blocks() + timeline.process->dropped_blocks, 60);
        for (int i = 0; i < 60; i++) {
            deallocate(i % DOMAINS, block[i]);
        }
        assert_int_equal(live_blocks(), 0);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_many_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_zeroed, set_up_main, tear_down),
        cmocka_unit_test_setup_teardown(test_resized, set_up_main, tear_down),
        cmocka_unit_test_setup_teardown(test_blocks_we_did_not_see,
                                        set_up_main, tear_down),
        cmocka_unit_test_setup_teardown(test_reuse, set_up_main, tear_down),
        cmocka_unit_test_setup_teardown(test_another_tool_above, set_up_main,
                                        tear_down),
#ifdef PT_TORTURE
        cmocka_unit_test_setup_teardown(test_torture, set_up_main, tear_down),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
