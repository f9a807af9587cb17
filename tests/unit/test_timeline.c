/* SPDX-License-Identifier: MIT */
/* test_timeline.c - creating a recording, joining it, writing into it. */
#include "tests/unit/support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>

#include "core/base/rawmem.h"

#define TEXT_LIMIT (32u * 1024u)
#define THREADS 4
#define ROUNDS 5000u

static struct pt_timeline timeline;

static int
attach(void **state)
{
    *state = &timeline;
    return pt_timeline_attach(&timeline, new_recording(PT_WANT_COUNT), NULL);
}

static void
a_new_recording_has_a_header_and_no_extent(void **state)
{
    struct pt_header values = {.wanted = PT_WANT_MEM, .command = "prog"};
    struct pt_header header;
    int fd = empty_file();

    (void)state;
    assert_int_equal(pt_timeline_create(fd, &values, NULL), PT_OK);
    assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
    assert_memory_equal(header.magic, "pytrace\n", 8);
    assert_int_equal(header.version, PT_FORMAT_VERSION);
    assert_int_equal(header.byte_order, PT_BYTE_ORDER);
    assert_int_equal(header.wanted, PT_WANT_MEM);
    assert_int_equal(header.supervisor_pid, getpid());
    assert_string_equal(header.command, "prog");
    assert_true(header.file_end == file_bytes(fd));
    assert_true(header.file_end == header.align_bytes);
    close(fd);
}

static void
creating_says_why_it_failed(void **state)
{
    struct pt_header values = {0};
    struct pt_err err;
    int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

    (void)state;
    assert_int_equal(pt_timeline_create(fd, &values, &err), PT_ERR_NOSPACE);
    assert_string_equal(err.message, "cannot write the recording: "
                                     "No space left on device");
    close(fd);
    // This device takes the header, but no space can be reserved in it.
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    errno = 0;
    assert_int_equal(pt_timeline_create(fd, &values, &err), PT_ERR_IO);
    assert_string_equal(err.message,
                        "cannot write the recording: No such device");
    close(fd);
}

static void
joining_makes_a_process_record(void **state)
{
    (void)state;
    assert_int_equal(timeline.process->number, 0);
    assert_int_equal(timeline.process->parent, 0);
    assert_int_equal(timeline.process->pid, getpid());
    assert_int_equal(timeline.process->state, PT_PROCESS_NEW);
    assert_int_equal(timeline.process->trouble, 0);
    assert_true(timeline.process->start_ns >= timeline.header->start_ns);
    assert_int_equal(timeline.header->processes, 1);
}

/* What attach says of a recording whose header was damaged. */
static int
attach_damaged(size_t offset, const void *bytes, size_t count)
{
    static struct pt_timeline other;
    struct pt_err err = {.message = ""};
    uint64_t before = pt_rawmem_mapped_bytes();
    int fd = new_recording(0);
    int code;

    assert_int_equal(pwrite(fd, bytes, count, (off_t)offset), count);
    code = pt_timeline_attach(&other, fd, &err);
    assert_string_not_equal(err.message, "");
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
    close(fd);
    return code;
}

static void
only_our_own_format_is_joined(void **state)
{
    uint32_t version = PT_FORMAT_VERSION + 1;

    (void)state;
    assert_int_equal(attach_damaged(0, "python!\n", 8), PT_ERR_VERSION);
    assert_int_equal(attach_damaged(offsetof(struct pt_header, version),
                                    &version, sizeof(version)),
                     PT_ERR_VERSION);
}

static void
what_is_no_recording_is_refused(void **state)
{
    static struct pt_timeline other;
    struct pt_err err = {.message = ""};
    int fd = empty_file();

    (void)state;
    assert_int_equal(pt_timeline_attach(&other, fd, &err), PT_ERR_FORMAT);
    assert_int_equal(pwrite(fd, PT_MAGIC, 8, 0), 8);
    assert_int_equal(pt_timeline_attach(&other, fd, &err), PT_ERR_FORMAT);
    assert_string_not_equal(err.message, "");
    close(fd);
    assert_int_equal(pt_timeline_attach(&other, fd, &err), PT_ERR_IO);
    fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_int_equal(pt_timeline_attach(&other, fd, &err), PT_ERR_IO);
    close(fd);
}

static void
without_a_file_everything_works_in_memory(void **state)
{
    static struct pt_timeline other;
    uint64_t before = pt_rawmem_mapped_bytes();
    uint64_t *counter;

    (void)state;
    assert_int_equal(pt_timeline_attach(&other, -1, NULL), PT_OK);
    for (int i = 0; i < 7000; i++) {
        counter = append_counter(&other);
        assert_non_null(counter);
        assert_true(*counter == 0);
        *counter = 1;
    }
    assert_int_equal(other.process->trouble, 0);
    assert_int_equal(other.process->number, 0);
    pt_timeline_release(&other);
    pt_timeline_release(&other);
    assert_int_equal(pt_rawmem_mapped_bytes(), before);
}

static void
texts_are_kept_with_their_length(void **state)
{
    static char longest[TEXT_LIMIT];
    static const size_t sizes[] = {0, 1, 3, 4, 5, 100, TEXT_LIMIT};

    (void)state;
    memset(longest, 'x', sizeof(longest));
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        uint32_t id = pt_timeline_text(&timeline, longest, sizes[i]);
        struct pt_text *text = item_of(&timeline, PT_SEGMENT_TEXT, id);

        assert_int_not_equal(id, 0);
        assert_int_equal(id % 4, 0);
        assert_int_equal(text->bytes, sizes[i]);
        assert_memory_equal(text->data, longest, sizes[i]);
    }
}

static void
a_text_longer_than_32_kib_is_cut(void **state)
{
    static char text[TEXT_LIMIT + 1];
    uint32_t id = pt_timeline_text(&timeline, text, sizeof(text));
    struct pt_text *record = item_of(&timeline, PT_SEGMENT_TEXT, id);

    (void)state;
    assert_int_not_equal(id, 0);
    assert_int_equal(record->bytes, TEXT_LIMIT);
}

static void
appending_leaves_errno_alone(void **state)
{
    uint32_t chunk = chunk_items(&timeline, PT_SEGMENT_COUNTER);
    int kept = dup(timeline.fd);

    (void)state;
    close(timeline.fd);
    errno = EILSEQ;
    assert_int_not_equal(
        pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, 2 * chunk), 0);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(
        pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, UINT32_MAX), 0);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(dup2(kept, timeline.fd), timeline.fd);
    close(kept);
}

static void
mapped_bytes_grow_with_the_arrays(void **state)
{
    uint64_t before = pt_timeline_mapped_bytes(&timeline);
    uint32_t count = 3 * chunk_items(&timeline, PT_SEGMENT_PAIR);

    (void)state;
    assert_true(before > 0 && before <= file_bytes(timeline.fd));
    assert_int_not_equal(pt_timeline_append(&timeline, PT_SEGMENT_PAIR, count),
                         0);
    assert_true(pt_timeline_mapped_bytes(&timeline) >=
                before + count * sizeof(struct pt_pair));
}

static void
trouble_adds_up(void **state)
{
    (void)state;
    pt_timeline_trouble(&timeline, PT_TROUBLE_SETTRACE);
    pt_timeline_trouble(&timeline, PT_TROUBLE_ENGINE);
    pt_timeline_trouble(&timeline, PT_TROUBLE_SETTRACE);
    assert_int_equal(timeline.process->trouble,
                     PT_TROUBLE_SETTRACE | PT_TROUBLE_ENGINE);
}

/* Appends runs of counters and stamps them; any overlap spoils a stamp. */
static void *
append_and_stamp(void *argument)
{
    uint64_t stamp = (uint64_t)(uintptr_t)argument;
    uint64_t *run[400];

    for (uint32_t i = 0; i < COUNT_OF(run); i++) {
        uint32_t count = i % 9 + 1;
        uint32_t first =
            pt_timeline_append(&timeline, PT_SEGMENT_COUNTER, count);

        pt_timeline_text(&timeline, "name", 4);
        run[i] = item_of(&timeline, PT_SEGMENT_COUNTER, first);
        for (uint32_t j = 0; j < count; j++) {
            run[i][j] += stamp << 32 | i;
        }
    }
    for (uint32_t i = 0; i < COUNT_OF(run); i++) {
        for (uint32_t j = 0; j < i % 9 + 1; j++) {
            if (run[i][j] != (stamp << 32 | i)) {
                return argument;
            }
        }
    }
    return NULL;
}

static void
four_threads_append_at_once(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, append_and_stamp,
                                        (void *)(i + 1)),
                         0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *spoiled;

        assert_int_equal(pthread_join(thread[i], &spoiled), 0);
        assert_null(spoiled);
    }
    assert_int_equal(timeline.process->trouble, 0);
}

static atomic_uint appended;  // by handlers
static atomic_int is_over;

/* Wherever it comes: where its thread is appending, there is none for it. */
static void
append_in_handler(int number)
{
    (void)number;
    if (atomic_load(&appended) < ROUNDS &&
        pt_timeline_append(&timeline, PT_SEGMENT_NODE, 1) != 0) {
        atomic_fetch_add(&appended, 1);
    }
}

static void *
append_under_signals(void *refused)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        *(int *)refused +=
            pt_timeline_append(&timeline, PT_SEGMENT_NODE, 1) == 0;
    }
    atomic_store(&is_over, 1);
    return NULL;
}

static void
a_signal_handler_appends_or_is_refused(void **state)
{
    struct sigaction action = {.sa_handler = append_in_handler}, earlier;
    pthread_t thread;
    int refused = 0;

    (void)state;
    sigaction(SIGUSR1, &action, &earlier);
    raise(SIGUSR1);
    assert_int_equal(appended, 1);
    pthread_create(&thread, NULL, append_under_signals, &refused);
    while (!atomic_load(&is_over)) {
        pthread_kill(thread, SIGUSR1);
        sched_yield();
    }
    pthread_join(thread, NULL);
    sigaction(SIGUSR1, &earlier, NULL);
    assert_int_equal(refused, 0);
    assert_int_equal(*timeline.array[PT_SEGMENT_NODE].items,
                     1 + ROUNDS + appended);
}

#ifdef PT_TORTURE
/* Attach and write; PT_OK also when an append was refused and noted. */
static int
use_timeline(int fd)
{
    struct pt_err err = {.message = ""};
    int code = pt_timeline_attach(&timeline, fd, &err);
    uint32_t refused = 0;

    if (code != PT_OK) {
        assert_string_not_equal(err.message, "");
        return code;
    }
    for (int i = 0; i < 30; i++) {
        refused += pt_timeline_append(&timeline, PT_SEGMENT_PAIR, 2000) == 0;
        refused += pt_timeline_text(&timeline, "x", 1) == 0;
    }
    assert_true(refused <= 1);
    assert_int_equal(timeline.process->trouble,
                     refused != 0 ? PT_TROUBLE_MEMORY : 0);
    pt_timeline_release(&timeline);
    return PT_OK;
}

static void
memory_may_run_out_at_any_moment(void **state)
{
    uint64_t before = pt_rawmem_mapped_bytes();
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        int code;

        pt_rawmem_fail_at(nth);
        code = use_timeline(-1);
        failed = pt_rawmem_has_failed();
        assert_true(code == PT_OK || (failed && code == PT_ERR_NOMEM));
        assert_int_equal(pt_rawmem_mapped_bytes(), before);
    }
    pt_rawmem_fail_at(0);
}
#endif

#define test_attached(name) \
  cmocka_unit_test_setup_teardown(name, attach, release_state)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_recording_has_a_header_and_no_extent),
        cmocka_unit_test(creating_says_why_it_failed),
        test_attached(joining_makes_a_process_record),
        cmocka_unit_test(only_our_own_format_is_joined),
        cmocka_unit_test(what_is_no_recording_is_refused),
        cmocka_unit_test(without_a_file_everything_works_in_memory),
        test_attached(texts_are_kept_with_their_length),
        test_attached(a_text_longer_than_32_kib_is_cut),
        test_attached(appending_leaves_errno_alone),
        test_attached(mapped_bytes_grow_with_the_arrays),
        test_attached(trouble_adds_up),
        test_attached(four_threads_append_at_once),
        test_attached(a_signal_handler_appends_or_is_refused),
#ifdef PT_TORTURE
        cmocka_unit_test(memory_may_run_out_at_any_moment),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
