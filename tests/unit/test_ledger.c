/* SPDX-License-Identifier: MIT */
/* test_ledger.c - memory charged along stacks, and ranked. */
#include "tests/unit/figures.h"

#include "cli/report/figures/ledger.h"
#include "cli/report/figures/ranking.h"
#include "core/base/buf.h"
#include "core/base/rawmem.h"

/* A program of two files: main() calls fill() twice, which recurs. */
struct sample {
    struct figures figures;
    struct pt_reader *reader;
    struct pt_aggregate sum;
};

static void
name_code(struct figures *figures, uint32_t id, const char *name,
          uint32_t defined_line)
{
    struct pt_code *code = item_of(&figures->timeline, PT_SEGMENT_CODE, id);

    code->name = add_text(figures, name);
    code->defined_line = defined_line;
}

static void
sample_start(struct sample *sample)
{
    struct figures *figures = &sample->figures;
    uint32_t main_code, fill, first, second, deeper;
    struct pt_pair *pair;

    figures_start(figures, PT_WANT_MEM, "a.py");
    main_code = add_code(figures, add_file(figures, "/a.py"), 1, NULL, 0);
    fill = add_code(figures, add_file(figures, "/b.py"), 1, NULL, 0);
    name_code(figures, main_code, "main", 1);
    name_code(figures, fill, "Box.fill", 7);
    first = add_node(figures, add_node(figures, 0, main_code, 2), fill, 8);
    second = add_node(figures, add_node(figures, 0, main_code, 3), fill, 8);
    deeper = add_node(figures, second, fill, 8);
    add_pair_at(figures, first, 100, 10, 3);
    add_pair_at(figures, second, 50, 4, 4);
    pair = add_pair_at(figures, deeper, 1, 1000, 1);
    atomic_store(&pair->epoch, 5);
    atomic_store(&pair->saved, 900);
    add_pair(figures, main_code, 2, 7, 1, 1);
    add_pair_at(figures, 0, 16, 2, 2);
    atomic_store(&figures->timeline.process->peak_epoch, 5);
    atomic_store(&figures->timeline.process->peak_bytes, 100000);
    sample->reader = open_reader(figures->fd);
    assert_int_equal(pt_aggregate_init(&sample->sum, sample->reader), PT_OK);
}

static void
sample_end(struct sample *sample)
{
    pt_aggregate_release(&sample->sum);
    pt_reader_close(sample->reader);
    figures_end(&sample->figures);
}

/* An entry in words: "/a.py:2>/b.py:8 (name) 300/3". */
static void
describe(const struct pt_ledger *ledger, const struct pt_entry *entry,
         enum pt_ledger_sum sum, struct pt_buf *text)
{
    const struct pt_amount amount = entry->sum[sum];

    for (const struct pt_entry *at = entry; at != ledger->entry;
         at = &ledger->entry[at->next]) {
        const struct pt_name *name = &ledger->name[at->name];

        pt_buf_add_format(text, "%s%s:%u", at == entry ? "" : ">",
                          ledger->aggregate->file[at->file].path, at->line);
        if (at->name != 0) {
            pt_buf_add_format(text, " (%.*s)", (int)name->bytes, name->text);
        }
    }
    pt_buf_add_format(text, " %u/%u\n", (unsigned)amount.bytes,
                      (unsigned)amount.blocks);
}

static void
assert_ranked(const struct pt_ledger_options *options, enum pt_ledger_sum sum,
              const char *wanted)
{
    struct sample sample;
    struct pt_ledger ledger;
    struct pt_ranking ranking;
    struct pt_buf text = PT_BUF_INIT;

    sample_start(&sample);
    assert_int_equal(
        pt_ledger_init(&ledger, sample.reader, &sample.sum, options), PT_OK);
    assert_int_equal(pt_ranking_init(&ranking, &ledger, sum), PT_OK);
    for (uint32_t i = 0; i < ranking.entries; i++) {
        describe(&ledger, ranking.entry[i], sum, &text);
    }
    assert_string_equal(pt_buf_text(&text), wanted);
    pt_buf_release(&text);
    pt_ranking_release(&ranking);
    pt_ledger_release(&ledger);
    sample_end(&sample);
}

static void
memory_is_charged_to_what_is_asked_for(void **state)
{
    struct pt_ledger_options options = {.group = PT_LEDGER_LINENO};

    (void)state;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/b.py:8 501/8\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:2 7/1\n");
    options.group = PT_LEDGER_FILENAME;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/b.py:0 501/8\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:0 7/1\n");
    options.group = PT_LEDGER_FUNCTION;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/b.py:7 (Box.fill) 501/8\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:1 (main) 7/1\n");
    options.group = PT_LEDGER_TRACEBACK;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/a.py:2>/b.py:8 300/3\n"
                  "/a.py:3>/b.py:8 200/4\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:2 7/1\n"
                  "/a.py:3>/b.py:8>/b.py:8 1/1\n");
    options.frames = 2;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/a.py:2>/b.py:8 300/3\n"
                  "/a.py:3>/b.py:8 200/4\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:2 7/1\n"
                  "/b.py:8>/b.py:8 1/1\n");
}

static void
every_moment_has_its_figures(void **state)
{
    struct pt_ledger_options options = {.group = PT_LEDGER_LINENO};

    (void)state;
    assert_ranked(&options, PT_LEDGER_PEAK,
                  "/b.py:8 1400/907\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:2 7/1\n");
    assert_ranked(&options, PT_LEDGER_ALLOCATED,
                  "/b.py:8 2200/1014\n"
                  "<unknown>:0 32/2\n"
                  "/a.py:2 7/1\n");
}

static void
callers_are_charged_once_when_cumulative(void **state)
{
    struct pt_ledger_options options = {.group = PT_LEDGER_LINENO,
                                        .is_cumulative = 1};

    (void)state;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/b.py:8 501/8\n"
                  "/a.py:2 307/4\n"
                  "/a.py:3 201/5\n"
                  "<unknown>:0 32/2\n");
    options.frames = 2;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/b.py:8 501/8\n"
                  "/a.py:2 307/4\n"
                  "/a.py:3 200/4\n"
                  "<unknown>:0 32/2\n");
    options.frames = 0;
    options.group = PT_LEDGER_FILENAME;
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/a.py:0 508/9\n"
                  "/b.py:0 501/8\n"
                  "<unknown>:0 32/2\n");
}

static void
files_are_chosen_by_pattern(void **state)
{
    struct pt_ledger_options options = {
        .filter = {.only = {{"/a*", "/b*"}, 2}, .omit = {{"*/b.py"}, 1}}};

    (void)state;
    assert_ranked(&options, PT_LEDGER_KEPT, "/a.py:2 7/1\n");
    options.filter.only.patterns = 0;
    assert_ranked(&options, PT_LEDGER_KEPT, "<unknown>:0 32/2\n/a.py:2 7/1\n");
    // The innermost frame decides.
    options = (struct pt_ledger_options){.filter.only = {{"/b.py"}, 1},
                                         .is_cumulative = 1};
    assert_ranked(&options, PT_LEDGER_KEPT,
                  "/b.py:8 501/8\n"
                  "/a.py:2 300/3\n"
                  "/a.py:3 201/5\n");
}

static void
equal_entries_are_sorted_downwards(void **state)
{
    static const char *const wanted[] = {"/b.py:9", "/b.py:2", "/a.py:30"};
    struct pt_ledger_options options = {.group = PT_LEDGER_LINENO};
    struct figures figures;
    struct pt_aggregate sum;
    struct pt_ledger ledger;
    struct pt_ranking ranking;
    struct pt_reader *reader;
    uint32_t a, b;

    (void)state;
    figures_start(&figures, PT_WANT_MEM, "a.py");
    a = add_code(&figures, add_file(&figures, "/a.py"), 1, NULL, 0);
    b = add_code(&figures, add_file(&figures, "/b.py"), 1, NULL, 0);
    add_pair(&figures, b, 2, 64, 1, 1);
    add_pair(&figures, a, 30, 64, 1, 1);
    add_pair(&figures, b, 9, 64, 1, 1);
    reader = open_reader(figures.fd);
    assert_int_equal(pt_aggregate_init(&sum, reader), PT_OK);
    assert_int_equal(pt_ledger_init(&ledger, reader, &sum, &options), PT_OK);
    assert_int_equal(pt_ranking_init(&ranking, &ledger, PT_LEDGER_KEPT),
                     PT_OK);
    assert_int_equal(ranking.entries, 3);
    for (uint32_t i = 0; i < COUNT_OF(wanted); i++) {
        char name[32];

        snprintf(name, sizeof(name), "%s:%u",
                 sum.file[ranking.entry[i]->file].path,
                 ranking.entry[i]->line);
        assert_string_equal(name, wanted[i]);
    }
    pt_ranking_release(&ranking);
    pt_ledger_release(&ledger);
    pt_aggregate_release(&sum);
    pt_reader_close(reader);
    figures_end(&figures);
}

static void
nodes_that_run_in_circles_are_survived(void **state)
{
    struct pt_ledger_options options = {.group = PT_LEDGER_TRACEBACK};
    struct sample sample;
    struct pt_ledger ledger;

    (void)state;
    sample_start(&sample);
    for (uint32_t i = 1; i <= 5; i++) {
        struct pt_node *node =
            item_of(&sample.figures.timeline, PT_SEGMENT_NODE, i);

        node->parent = 6 - i;
        node->code = i % 2 != 0 ? 99999 : node->code;
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            pt_ledger_init(&ledger, sample.reader, &sample.sum, &options),
            PT_OK);
        pt_ledger_release(&ledger);
        options.group = PT_LEDGER_FUNCTION;
        options.is_cumulative = 1;
    }
    sample_end(&sample);
}

#ifdef PT_TORTURE
static void
every_allocation_may_fail(void **state)
{
    struct pt_ledger_options options = {.group = PT_LEDGER_FUNCTION};
    struct sample sample;
    struct pt_ledger ledger;
    struct pt_ranking ranking;
    int is_done = 0;

    (void)state;
    sample_start(&sample);
    for (uint64_t nth = 1; !is_done; nth++) {
        int result;

        pt_rawmem_fail_at(nth);
        result = pt_ledger_init(&ledger, sample.reader, &sample.sum, &options);
        if (result == PT_OK) {
            result = pt_ranking_init(&ranking, &ledger, PT_LEDGER_KEPT);
            if (result == PT_OK) {
                pt_ranking_release(&ranking);
            }
            pt_ledger_release(&ledger);
        }
        is_done = !pt_rawmem_has_failed();
        assert_int_equal(result, is_done ? PT_OK : PT_ERR_NOMEM);
    }
    pt_rawmem_fail_at(0);
    sample_end(&sample);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_charged_to_what_is_asked_for),
        cmocka_unit_test(every_moment_has_its_figures),
        cmocka_unit_test(callers_are_charged_once_when_cumulative),
        cmocka_unit_test(files_are_chosen_by_pattern),
        cmocka_unit_test(equal_entries_are_sorted_downwards),
        cmocka_unit_test(nodes_that_run_in_circles_are_survived),
#ifdef PT_TORTURE
        cmocka_unit_test(every_allocation_may_fail),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
