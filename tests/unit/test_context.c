/* SPDX-License-Identifier: MIT */
/* test_context.c - captured contexts against the stack they were taken of.
 *
 * Frames come and go at random at addresses that are used again, as those of
 * functions, generators and C calls do; code objects die and are made anew at
 * their address. Whatever the caches know, a captured node must spell the
 * frames that tracebacks would show.
 */
#include "tests/unit/fakepython.h"

#include "memtrace/context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "core/base/rawmem.h"

#define DEPTH_MAX 60
#define DEEP 5000
#define GENERATORS 8
#define STEPS PT_SIZE(1500000u, 60000u)
#define OF_THREAD 0

static struct pt_timeline timeline;
static struct pt_catalog catalog;
static struct pt_nodes nodes;
static struct pt_pairs pairs;
static struct fake_thread thread;

static struct pt_frame data_stack[DEPTH_MAX * 2 + 2];
static struct pt_frame c_stack[DEPTH_MAX];
static struct pt_frame generator[GENERATORS];
static struct pt_frame *stack[DEPTH_MAX];  // root first
static int depth;
static uint64_t seed;

static uint32_t
next_random(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((seed >> 33) % below);
}

static int
set_up(void **state)
{
    (void)state;
    seed = 11;
    depth = 0;
    fake_python_start();
    fake_thread_attach(&thread);
    fake_thread_run(&thread, NULL);
    if (pt_timeline_attach(&timeline, -1, NULL) != PT_OK) {
        return -1;
    }
    catalog = (struct pt_catalog){.timeline = &timeline};
    if (pt_nodes_init(&nodes, &catalog) != PT_OK ||
        pt_pairs_init(&pairs, &timeline) != PT_OK ||
        pt_context_start(&nodes, &pairs) != PT_OK) {
        return -1;
    }
    pt_context_open();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    pt_context_close();
    pt_context_release();
    pt_pairs_release(&pairs);
    pt_nodes_release(&nodes);
    pt_timeline_release(&timeline);
    return 0;
}

static struct pt_frame *
top(void)
{
    return depth > 0 ? stack[depth - 1] : NULL;
}

static void
push(struct pt_frame *frame)
{
    stack[depth++] = frame;
    fake_thread_run(&thread, frame);
}

static void
pop(void)
{
    depth--;
    fake_thread_run(&thread, top());
}

/* A function's frame, behind the last one on the data stack. */
static void
push_function(void)
{
    struct pt_frame *frame = data_stack;
    uint32_t code = next_random(CODES);
    int at = (int)next_random(UNITS);

    for (int i = 0; i < depth; i++) {
        if (stack[i] >= data_stack && stack[i] < data_stack + DEPTH_MAX * 2 &&
            stack[i] >= frame) {
            frame = stack[i] + 1 + (uintptr_t)stack[i]->instr % 4 / 2;
        }
    }
    if (code % 3 == 0) {
        if (next_random(40) == 0) {
            at %= FIRST_TRACEABLE;  // on its way to make the generator
        }
        else {
            code++;
        }
    }
    fake_frame(frame, &fake_code[code], at, OF_THREAD, top());
    push(frame);
}

static void
push_generator(void)
{
    struct pt_frame *frame = &generator[next_random(GENERATORS)];
    uint32_t code = next_random(CODES / 3) * 3;

    for (int i = 0; i < depth; i++) {
        if (stack[i] == frame) {
            return;  // runs already
        }
    }
    fake_frame(frame, &fake_code[code], (int)next_random(UNITS),
               PT_FRAME_OF_GENERATOR, top());
    push(frame);
}

static void
push_c_call(void)
{
#ifdef PT_FRAME_OF_C_STACK
    struct pt_frame *frame = &c_stack[depth];

    fake_frame(frame, FAKE_TRAMPOLINE, 0, PT_FRAME_OF_C_STACK, top());
    push(frame);
#else
    (void)c_stack;
#endif
}

/* A code object that does not run dies, and another takes its address. */
static void
replace_code(void)
{
    struct fake_code *code = &fake_code[next_random(CODES)];

    for (int i = 0; i < depth; i++) {
        if (pt_frame_code(stack[i]) == &code->base) {
            return;
        }
    }
    pt_context_forget(&code->base);
    fake_code_born(code);
}

static const struct pt_node *
node_at(uint32_t id)
{
    return pt_array_at(&timeline.array[PT_SEGMENT_NODE], id);
}

/* `node` spells the complete frames from `frame` outward. */
static void
assert_spells(uint32_t node, const struct pt_frame *frame)
{
    for (frame = pt_frame_complete(frame); frame != NULL;
         frame = pt_frame_complete(frame->previous)) {
        const struct pt_node *found = node_at(node);
        const struct fake_code *code = (void *)pt_frame_code(frame);

        assert_int_not_equal(node, PT_NODE_NONE);
        if (found->code == 0) {
            uint32_t left = 0;

            for (; frame != NULL; frame = pt_frame_complete(frame->previous)) {
                left++;
            }
            assert_int_equal(found->depth, left);
            return;
        }
        assert_int_equal(found->code, code->identity);
        assert_int_equal(found->line, pt_frame_line(frame));
        node = found->parent;
    }
    assert_int_equal(node, PT_NODE_NONE);
}

/* Capture for a size; true if the caches knew it all. */
static int
capture(size_t bytes)
{
    const struct pt_site *site = pt_context_same_site(bytes);
    int known = site != NULL;

    if (!known) {
        site = pt_context_site(bytes);
    }
    assert_non_null(site);
    assert_int_equal(site->pair->size_bytes, bytes);
    assert_ptr_equal(site->pair, pt_pairs_at(&pairs, site->id));
    assert_spells(site->pair->node, top());
    return known;
}

static void
step(void)
{
    uint32_t choice = next_random(100);

    if (choice < 30 && depth < DEPTH_MAX) {
        push_function();
    }
    else if (choice < 36 && depth < DEPTH_MAX) {
        push_generator();
    }
    else if (choice < 42 && depth < DEPTH_MAX) {
        push_c_call();
    }
    else if (choice < 82 && depth > 0) {
        pop();
    }
    else if (choice < 95 && depth > 0 && !pt_frame_is_entry(top())) {
        struct pt_frame *frame = top();
        int at = (int)next_random(UNITS);

        frame->instr = pt_code_start(pt_frame_code(frame)) + at;
    }
    else if (next_random(20) == 0) {
        replace_code();
    }
}

static void
test_against_the_stack(void **state)
{
    uint32_t known = 0, captured = 0;

    (void)state;
    for (uint32_t i = 0; i < STEPS; i++) {
        step();
        if (i % 3 != 0) {
            size_t bytes =
                next_random(4) + (UINT64_C(1) << 32) * (i % 50 == 0);

            known += (uint32_t)capture(bytes);
            known += (uint32_t)capture(bytes);
            captured += 2;
        }
        if (i % 64 == 0) {
            assert_spells(pt_context_careful(&thread.state, PT_WITH_GIL),
                          top());
            assert_spells(pt_context_attached(&thread.state), top());
        }
        if (i % 100000 == 0) {
            pt_context_rebase();
        }
    }
    assert_true(captured > STEPS);
    // Where a generator begins nothing is kept; in the hostile build, nowhere.
    assert_true(known > PT_SIZE(captured / 3, 0u));
}

static void
test_closed(void **state)
{
    (void)state;
    push_function();
    capture(8);
    pt_context_close();
    assert_null(pt_context_same_site(8));
    assert_null(pt_context_site(8));
    pt_context_open();
    capture(8);
}

/* The same frames and instructions, but a caller further out goes on. */
static void
test_outer_frame_moves(void **state)
{
    static struct pt_frame frame[30];

    (void)state;
    for (int i = 0; i < 30; i++) {
        fake_frame(&frame[i], &fake_code[1], 10, OF_THREAD,
                   i > 0 ? &frame[i - 1] : NULL);
    }
    stack[0] = &frame[29];
    depth = 1;
    fake_thread_run(&thread, &frame[29]);
    for (int i = 0; i < 30; i++) {
        capture(16);
        frame[i].instr++;
        capture(16);
        assert_true(PT_SIZE(capture(16), 1));
        frame[29].previous = &frame[27];  // one is not there any more
        capture(16);
        frame[29].previous = &frame[28];
    }
}

static void
test_deep_stacks(void **state)
{
    static struct pt_frame frame[DEEP];

    (void)state;
    for (int i = 0; i < DEEP; i++) {
        fake_frame(&frame[i], &fake_code[i % 2 + 1], 5 + i % 20, OF_THREAD,
                   i > 0 ? &frame[i - 1] : NULL);
        stack[0] = &frame[i];
        depth = 1;
        fake_thread_run(&thread, &frame[i]);
        if (i % 97 == 0 || i > DEEP - 5) {
            capture(16);
        }
    }
    for (int i = DEEP - 1; i > 0; i -= 61) {
        stack[0] = &frame[i];
        fake_thread_run(&thread, &frame[i]);
        capture(16);
        assert_spells(pt_context_careful(&thread.state, PT_WITHOUT_GIL),
                      top());
    }
    // Inside the window, with other frames outward of it.
    stack[0] = &frame[DEEP - 1];
    fake_thread_run(&thread, &frame[DEEP - 1]);
    capture(16);
    frame[DEEP - PT_DEPTH_MAX - 20].previous = NULL;
    capture(16);
}

/* The chunk of a data stack, mapped, with frames in it as CPython puts them.
 */
struct fake_chunk {
    _PyStackChunk head;
    struct pt_frame frame[PT_DEPTH_MAX];
};

#define CHUNK_FRAMES PT_DEPTH_MAX
#define FIRST_IN(chunk) ((struct pt_frame *)&(chunk)->head.data[0])

/* Frames in a chunk whose first is called by `previous`; the innermost. */
static struct pt_frame *
fill_chunk(struct fake_chunk *chunk, struct pt_frame *previous, int count)
{
    struct pt_frame *frame = FIRST_IN(chunk);

    for (int i = 0; i < count; i++, frame++) {
        fake_frame(frame, &fake_code[1], 5 + i % 20, OF_THREAD, previous);
        previous = frame;
    }
    return previous;
}

/* What is outward of a chunk's first frame is not looked at while the chunk is
 * there, and is when it was unmapped and mapped again at the same address. */
static void
test_chunks(void **state)
{
    struct fake_chunk *root = pt_rawmem_map(sizeof(*root));
    struct fake_chunk *next = pt_rawmem_map(sizeof(*next));
    struct pt_frame *outer, *inner;
    uint32_t node;

    (void)state;
    next->head.previous = &root->head;
    thread.state.datastack_chunk = &next->head;
    outer = fill_chunk(root, NULL, CHUNK_FRAMES);
    inner = fill_chunk(next, outer, PT_DEPTH_KEPT + 5);
    stack[0] = inner;
    depth = 1;
    fake_thread_run(&thread, inner);
    capture(16);
    // The hostile build may have forgotten where a frame is kept.
    assert_int_equal(
        mprotect(root, sizeof(*root), PT_SIZE(PROT_NONE, PROT_READ)), 0);
    node = pt_context_site(16)->pair->node;
    assert_int_equal(pt_context_site(16)->pair->node, node);
    if (PT_SIZE(1, 0)) {
        assert_non_null(pt_context_same_site(16));
    }
    inner->previous->instr++;
    assert_int_not_equal(pt_context_site(16)->pair->node, node);
    pt_context_forget(&fake_code[1].base);
    assert_int_equal(mprotect(root, sizeof(*root), PROT_READ | PROT_WRITE), 0);
    capture(16);
    assert_non_null(pt_context_stack->chunk);
    // The same frames of another call, four nearer to the root.
    pt_context_unmapped(&root->head);
    assert_non_null(pt_context_stack->chunk);
    pt_context_unmapped(&next->head);
    assert_null(pt_context_stack->chunk);
    outer->previous = outer[-4].previous;
    capture(16);
    capture(16);
    thread.state.datastack_chunk = NULL;
    pt_rawmem_unmap(root, sizeof(*root));
    pt_rawmem_unmap(next, sizeof(*next));
}

static void
test_no_frame(void **state)
{
    (void)state;
    capture(1);
    assert_int_equal(pt_context_attached(&thread.state), PT_NODE_NONE);
    assert_int_equal(pt_context_careful(NULL, PT_WITHOUT_GIL), PT_NODE_NONE);
    fake_attached = NULL;
    assert_null(pt_context_site(1));
}

#ifdef PT_TORTURE
/* Whichever allocation fails, what is captured afterwards is right, and what
 * is captured meanwhile is right or nothing. */
static void
test_torture(void **state)
{
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        tear_down(NULL);
        pt_rawmem_fail_at(nth);
        if (set_up(NULL) == 0) {
            for (int i = 0; i < 40; i++) {
                step();
                (void)pt_context_site(next_random(100));
            }
            failed = pt_rawmem_has_failed();
            pt_rawmem_fail_at(0);
            tear_down(NULL);
        }
        pt_rawmem_fail_at(0);
        assert_int_equal(set_up(NULL), 0);
        push_function();
        capture(8);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_against_the_stack, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_outer_frame_moves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_deep_stacks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chunks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_frame, set_up, tear_down),
#ifdef PT_TORTURE
        cmocka_unit_test_setup_teardown(test_torture, set_up, tear_down),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
