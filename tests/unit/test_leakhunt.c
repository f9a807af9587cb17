/* SPDX-License-Identifier: MIT */
/* test_leakhunt.c - leaks found in events that never happened. */
#include "tests/unit/figures.h"

#include "cli/report/figures/leakhunt.h"
#include "cli/report/print/out_leaks.h"
#include "core/base/rawmem.h"

#define PAGE_BYTES 4096
#define REQUESTS 400
#define CACHE 50

/* A server of one file: line 2 leaks, 3 is a cache that fills, 4 makes what it
 * frees again, 5 was there before the first request. */
struct server {
    struct figures figures;
    struct pt_reader *reader;
    struct pt_dossier dossier;
    uint32_t pair[6];
};

static struct pt_stream *
stream_of(struct server *server)
{
    return &server->figures.timeline.stream[PT_STREAM_GIL];
}

static void
note(struct server *server, enum pt_event_other other, uint64_t number,
     const char *label)
{
    if (other == PT_OTHER_MARK) {
        pt_stream_note(stream_of(server), other, label, strlen(label));
    }
    else {
        pt_stream_note_numbers(stream_of(server), other, &number, 1, label,
                               strlen(label));
    }
}

/* A block of the pair at this line is born (1) or dies (-1). */
static void
block(struct server *server, uint32_t line, int sign)
{
    struct pt_pair *pair = item_of(&server->figures.timeline, PT_SEGMENT_PAIR,
                                   server->pair[line]);

    pt_stream_block(stream_of(server),
                    sign > 0 ? PT_EVENT_ALLOC : PT_EVENT_FREE,
                    server->pair[line]);
    atomic_fetch_add(&pair->live, sign);
    if (sign > 0) {
        atomic_fetch_add(&pair->allocated, 1);
    }
}

static void
serve(struct server *server, uint64_t request)
{
    note(server, PT_OTHER_SPAN_BEGIN, request, "request");
    block(server, 4, 1);
    note(server, PT_OTHER_SPAN_BEGIN, request + 1000000, "inner");
    block(server, 2, 1);
    note(server, PT_OTHER_SPAN_END, request + 1000000, "");
    if (request >= CACHE) {
        block(server, 3, -1);
    }
    block(server, 3, 1);
    block(server, 4, -1);
    note(server, PT_OTHER_SPAN_END, request, "");
}

static void
server_start(struct server *server)
{
    static const uint64_t sizes[] = {0, 0, 1024, 5000, 300, 70000};
    struct figures *figures = &server->figures;
    uint32_t code;

    figures_start(figures, PT_WANT_MEM, "server.py");
    assert_int_equal(
        pt_stream_open(&figures->timeline, PT_STREAM_GIL, PAGE_BYTES), PT_OK);
    code = add_code(figures, add_file(figures, "/code/server.py"), 1, NULL, 0);
    for (uint32_t line = 2; line <= 5; line++) {
        add_pair_at(figures, add_node(figures, 0, code, line), sizes[line], 0,
                    0);
        server->pair[line] = line - 1;
    }
    block(server, 5, 1);
}

/* Read what was recorded. */
static void
server_read(struct server *server)
{
    server->reader = open_reader(server->figures.fd);
    assert_int_equal(pt_dossier_init(&server->dossier, server->reader, "test"),
                     PT_OK);
}

static void
server_end(struct server *server)
{
    pt_dossier_release(&server->dossier);
    pt_reader_close(server->reader);
    figures_end(&server->figures);
}

static void
one_leak_beside_a_cache_is_one_leak(void **state)
{
    static const struct pt_filter all;
    static struct server server;
    struct pt_leakhunt hunt;
    struct pt_buf out = PT_BUF_INIT;

    (void)state;
    server_start(&server);
    for (uint64_t i = 0; i < REQUESTS; i++) {
        serve(&server, i);
    }
    server_read(&server);
    assert_int_equal(pt_leakhunt_init(&hunt, &server.dossier, "request", &all),
                     PT_OK);
    assert_int_equal(hunt.lack, PT_LACK_NOTHING);
    assert_int_equal(hunt.work, REQUESTS);
    assert_int_equal(hunt.leaks, 1);
    assert_int_equal(hunt.grown, 2);  // the cache did, too
    assert_int_equal(hunt.lost, 0);
    assert_int_equal(server.dossier.sum.place[hunt.leak[0].place].line, 2);
    assert_true(hunt.leak[0].growth.bytes_per_work == 1024.0);
    assert_true(hunt.leak[0].growth.blocks_per_work == 1.0);
    assert_int_equal(pt_out_leaks(&hunt, 10, PT_ESCAPE_NOTHING, &out), PT_OK);
    assert_string_equal(
        out.data,
        "1 leak over 400 of 'request'; 1 other line holds more than at the "
        "start, but did not go on growing\n"
        "\n"
        "server.py:2: grew by 400 KiB in 400 blocks; 1024 B in 1.00 blocks "
        "for each 'request'\n"
        "  File \"server.py\", line 2, in server.py\n");
    pt_buf_release(&out);
    pt_leakhunt_release(&hunt);
    // What stands beside the request's label is found by being asked for.
    assert_int_equal(pt_leakhunt_init(&hunt, &server.dossier, "inner", &all),
                     PT_OK);
    assert_int_equal(hunt.leaks, 1);
    pt_leakhunt_release(&hunt);
    server_end(&server);
}

static void
marks_are_work_too(void **state)
{
    static const struct pt_filter all;
    static struct server server;
    struct pt_leakhunt hunt;

    (void)state;
    server_start(&server);
    for (uint64_t i = 0; i < REQUESTS; i++) {
        block(&server, 2, 1);
        note(&server, PT_OTHER_MARK, 0, "tick");
    }
    server_read(&server);
    assert_int_equal(pt_leakhunt_init(&hunt, &server.dossier, NULL, &all),
                     PT_OK);
    assert_string_equal(hunt.label.data, "tick");
    assert_int_equal(hunt.work, REQUESTS);
    assert_int_equal(hunt.leaks, 1);
    pt_leakhunt_release(&hunt);
    server_end(&server);
}

static void
lacks_are_told(void **state)
{
    static const struct pt_filter all;
    static struct server server;
    struct pt_leakhunt hunt;

    (void)state;
    server_start(&server);
    server_read(&server);
    assert_int_equal(pt_leakhunt_init(&hunt, &server.dossier, NULL, &all),
                     PT_OK);
    assert_int_equal(hunt.lack, PT_LACK_WORK);
    pt_leakhunt_release(&hunt);
    for (uint64_t i = 0; i < 3; i++) {
        serve(&server, i);
    }
    assert_int_equal(pt_leakhunt_init(&hunt, &server.dossier, "request", &all),
                     PT_OK);
    assert_int_equal(hunt.lack, PT_LACK_POINTS);
    pt_leakhunt_release(&hunt);
    server_end(&server);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    static const struct pt_filter all;
    static struct server server;
    int is_done = 0;

    (void)state;
    server_start(&server);
    for (uint64_t i = 0; i < 20; i++) {
        serve(&server, i);
    }
    server_read(&server);
    for (uint64_t nth = 1; !is_done; nth++) {
        struct pt_leakhunt hunt;
        struct pt_buf out = PT_BUF_INIT;
        int code;

        pt_rawmem_fail_at(nth);
        code = pt_leakhunt_init(&hunt, &server.dossier, NULL, &all);
        if (code == PT_OK) {
            code = pt_out_leaks_json(&hunt, &out);
            pt_leakhunt_release(&hunt);
        }
        pt_buf_release(&out);
        is_done = !pt_rawmem_has_failed();
        assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
    }
    pt_rawmem_fail_at(0);
    server_end(&server);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_leak_beside_a_cache_is_one_leak),
        cmocka_unit_test(marks_are_work_too),
        cmocka_unit_test(lacks_are_told),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
