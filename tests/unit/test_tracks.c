/* SPDX-License-Identifier: MIT */
/* test_tracks.c - events as slices, instants and a heap; and one a line. */
#include "tests/unit/figures.h"

#include "cli/report/export/export.h"
#include "cli/report/figures/tracks.h"
#include "cli/report/print/out_events.h"
#include "core/base/rawmem.h"

#define PAGE_BYTES 4096

/* main() calls make(), which allocates; a generator waits in between. */
struct program {
    struct figures figures;
    struct pt_reader *reader;
    struct pt_dossier dossier;
    uint32_t main_code;
    uint32_t make_code;
};

static struct pt_stream *
stream_of(struct program *program)
{
    return &program->figures.timeline.stream[PT_STREAM_GIL];
}

static void
note(struct program *program, enum pt_event_other other, uint64_t number,
     const char *label)
{
    pt_stream_note_numbers(stream_of(program), other, &number,
                           other == PT_OTHER_MARK ? 0 : 1, label,
                           strlen(label));
}

static void
name_code(struct program *program, uint32_t id, const char *name,
          uint32_t line)
{
    struct pt_code *code =
        item_of(&program->figures.timeline, PT_SEGMENT_CODE, id);

    code->name = add_text(&program->figures, name);
    code->defined_line = line;
}

static void
program_start(struct program *program)
{
    struct figures *figures = &program->figures;
    uint32_t file;

    pt_stream_thread = 0;
    figures_start(figures, PT_WANT_MEM, "prog.py");
    assert_int_equal(
        pt_stream_open(&figures->timeline, PT_STREAM_GIL, PAGE_BYTES), PT_OK);
    file = add_file(figures, "/code/prog.py");
    program->main_code = add_code(figures, file, 1, NULL, 0);
    program->make_code = add_code(figures, file, 5, NULL, 0);
    name_code(program, program->main_code, "main", 1);
    name_code(program, program->make_code, "Box.make", 5);
    add_pair(figures, program->make_code, 7, 1000, 2, 1);
}

static void
program_run(struct program *program)
{
    struct pt_stream *stream = stream_of(program);

    pt_stream_leave(stream, PT_EVENT_RETURN);  // of what began before
    pt_stream_enter(stream, PT_EVENT_CALL, program->main_code);
    note(program, PT_OTHER_SPAN_BEGIN, 1, "one");
    note(program, PT_OTHER_SPAN_BEGIN, 2, "two");
    pt_stream_enter(stream, PT_EVENT_CALL, program->make_code);
    pt_stream_block(stream, PT_EVENT_ALLOC, 1);
    pt_stream_block(stream, PT_EVENT_ALLOC, 1);
    pt_stream_block(stream, PT_EVENT_FREE, 1);
    pt_stream_leave(stream, PT_EVENT_YIELD);
    note(program, PT_OTHER_SPAN_END, 1, "");
    pt_stream_enter(stream, PT_EVENT_RESUME, program->make_code);
    pt_stream_leave(stream, PT_EVENT_UNWIND);
    note(program, PT_OTHER_MARK, 0, "here");
}

static void
program_read(struct program *program)
{
    program->reader = open_reader(program->figures.fd);
    assert_int_equal(
        pt_dossier_init(&program->dossier, program->reader, "test"), PT_OK);
}

static void
program_end(struct program *program)
{
    pt_dossier_release(&program->dossier);
    pt_reader_close(program->reader);
    figures_end(&program->figures);
}

static int
write_item(void *self, const struct pt_track_item *item)
{
    static const char *const kinds[] = {"process", "thread", "[",    "]",
                                        "instant", "span",   "ends", "heap"};
    struct pt_buf *text = self;

    pt_buf_add_format(text, "%s", kinds[item->kind]);
    if (item->name_bytes != 0) {
        pt_buf_add_format(text, " %.*s", (int)item->name_bytes, item->name);
    }
    if (item->place.file != 0) {
        pt_buf_add_format(text, ":%u", item->place.line);
    }
    if (item->kind == PT_TRACK_HEAP) {
        pt_buf_add_format(text, " %d", (int)item->value);
    }
    pt_buf_add_text(text, "\n");
    return PT_OK;
}

static void
slices_nest_and_end(void **state)
{
    static struct program program;
    struct pt_buf text = PT_BUF_INIT;
    const char *heap;

    (void)state;
    program_start(&program);
    program_run(&program);
    program_read(&program);
    assert_int_equal(pt_tracks_send(&program.dossier, write_item, &text),
                     PT_OK);
    // When the heap is told on the way is a matter of time; the last one is.
    heap = strstr(text.data, "heap 1000\n");
    assert_non_null(heap);
    while ((heap = strstr(text.data, "heap ")) != NULL) {
        const char *end = strchr(heap, '\n') + 1;

        memmove((char *)heap, end, strlen(end) + 1);
    }
    assert_string_equal(text.data, "process\n"
                                   "thread\n"
                                   "instant thread_start\n"
                                   "[ main:1\n"
                                   "span one\n"
                                   "span two\n"
                                   "[ Box.make:5\n"
                                   "instant alloc:7\n"
                                   "instant alloc:7\n"
                                   "]\n"
                                   "ends one\n"
                                   "[ Box.make:5\n"
                                   "]\n"
                                   "instant here\n"
                                   "]\n"
                                   "ends two\n");
    pt_buf_release(&text);
    program_end(&program);
}

/* What is dumped through a filter, as a count of lines. */
static uint32_t
dumped(struct program *program, struct pt_events_filter filter,
       const char *holds)
{
    static char text[65536];
    int fd = empty_file();
    uint64_t lost;
    ssize_t bytes;
    uint32_t lines = 0;

    assert_int_equal(pt_out_events(&program->dossier, &filter, fd, &lost),
                     PT_OK);
    assert_int_equal(lost, 0);
    bytes = pread(fd, text, sizeof(text) - 1, 0);
    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    for (const char *at = text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    if (holds != NULL && strstr(text, holds) == NULL) {
        fail_msg("no '%s' in:\n%s", holds, text);
    }
    return lines;
}

static void
events_are_filtered(void **state)
{
    static const struct pt_events_filter all = {
        .thread = PT_EVENTS_ANY,
        .process = PT_EVENTS_ANY,
        .most_bytes = UINT64_MAX,
        .until_ns = UINT64_MAX,
        .most_events = UINT64_MAX,
    };
    static struct program program;
    struct pt_events_filter filter = all;

    (void)state;
    program_start(&program);
    program_run(&program);
    program_read(&program);
    assert_int_equal(dumped(&program, all, "\"kind\": \"span_begin\""), 14);
    assert_int_equal(dumped(&program, all, "\"label\": \"here\"}"), 14);
    filter.kinds = (struct pt_patterns){{"alloc", "fr*"}, 2};
    assert_int_equal(dumped(&program, filter,
                            "\"path\": \"prog.py\", \"line\": 7, "
                            "\"function\": \"Box.make\", \"size\": 1000}"),
                     3);
    filter.least_bytes = 1001;
    assert_int_equal(dumped(&program, filter, NULL), 0);
    filter = all;
    filter.most_bytes = 1000;
    assert_int_equal(dumped(&program, filter, NULL), 3);
    filter = all;
    filter.functions = (struct pt_patterns){{"make"}, 1};
    assert_int_equal(dumped(&program, filter, NULL), 5);
    filter.functions = (struct pt_patterns){{"Box.*"}, 1};
    assert_int_equal(dumped(&program, filter, NULL), 5);
    filter = all;
    filter.files.omit = (struct pt_patterns){{"prog.py"}, 1};
    // The six of its code and blocks; others are of no file.
    assert_int_equal(dumped(&program, filter, NULL), 14 - 6);
    filter = all;
    filter.thread = 99;
    assert_int_equal(dumped(&program, filter, NULL), 0);
    filter = all;
    filter.most_events = 4;
    assert_int_equal(dumped(&program, filter, NULL), 4);
    filter = all;
    filter.since_ns = UINT64_MAX;
    assert_int_equal(dumped(&program, filter, NULL), 0);
    program_end(&program);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    static const pt_export_format formats[] = {pt_out_chrome, pt_out_perfetto};
    static struct program program;

    (void)state;
    program_start(&program);
    program_run(&program);
    program_read(&program);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        int is_done = 0;

        for (uint64_t nth = 1; !is_done; nth++) {
            struct pt_buf out = PT_BUF_INIT;
            struct pt_export request = {.dossier = &program.dossier,
                                        .out = &out};
            int code;

            pt_rawmem_fail_at(nth);
            code = formats[i](&request);
            code = code == PT_OK ? pt_buf_check(&out) : code;
            is_done = !pt_rawmem_has_failed();
            assert_int_equal(code, is_done ? PT_OK : PT_ERR_NOMEM);
            pt_buf_release(&out);
        }
        pt_rawmem_fail_at(0);
    }
    program_end(&program);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_nest_and_end),
        cmocka_unit_test(events_are_filtered),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
