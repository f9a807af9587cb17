/* SPDX-License-Identifier: MIT */
/* likeness.c - comparing headers, runs and files. */
#include "cli/report/figures/likeness.h"

#include <string.h>

#include "cli/report/figures/aggregate.h"
#include "cli/report/figures/places.h"
#include "cli/report/text/say.h"

/* Ways to record that must be the same where both recorded the first. */
static const struct {
    uint32_t what;
    uint32_t way;
    const char *option;
} ways[] = {
    {PT_WANT_COUNT, PT_WANT_HITS, "--hits"},
    {PT_WANT_COUNT, PT_WANT_FUNCS, "--listfuncs"},
    {PT_WANT_COUNT, PT_WANT_ARCS, "--branch"},
    {PT_WANT_COUNT, PT_WANT_TIMES, "--line-times"},
    {PT_WANT_MEM, PT_WANT_SAMPLE, "--mem=sample"},
    {PT_WANT_MEM, PT_WANT_TEMPORARY, "--mem-churn"},
    {PT_WANT_MEM, PT_WANT_LIFETIME, "--mem-lifetime"},
    {PT_WANT_MEM, PT_WANT_NATIVE, "--native"},
};

static uint32_t
wanted(const struct pt_likeness *of)
{
    return pt_reader_header(of->reader)->wanted;
}

static int
check_ways(const struct pt_likeness *first, const struct pt_likeness *other,
           struct pt_err *err)
{
    uint32_t both = wanted(first) & wanted(other);

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        int is_in = (wanted(first) & ways[i].way) != 0;

        if ((both & ways[i].what) != 0 &&
            is_in != ((wanted(other) & ways[i].way) != 0)) {
            return pt_err_set(
                err, PT_ERR_USAGE,
                "cannot combine '%s', recorded with %s, with '%s', recorded "
                "without; record both alike",
                is_in ? first->name : other->name, ways[i].option,
                is_in ? other->name : first->name);
        }
    }
    return PT_OK;
}

/* When the run of a process began, which with its pid says which one it is. */
static uint64_t
start_of(const struct pt_reader *reader, uint32_t process)
{
    const struct pt_run *run = pt_reader_run(reader, process);

    return run != NULL ? run->start_unix_ns
                       : pt_reader_header(reader)->start_unix_ns;
}

static int
is_in(const struct pt_reader *reader, uint32_t pid, uint64_t start_unix_ns)
{
    for (uint32_t i = 0; i < pt_reader_processes(reader); i++) {
        const struct pt_process *record = pt_reader_process(reader, i);

        if (record != NULL && record->pid == pid &&
            start_of(reader, i) == start_unix_ns) {
            return 1;
        }
    }
    return 0;
}

int
pt_likeness_check(const struct pt_likeness *first,
                  const struct pt_likeness *other, struct pt_err *err)
{
    for (uint32_t i = 0; i < pt_reader_processes(other->reader); i++) {
        const struct pt_process *record = pt_reader_process(other->reader, i);

        if (record != NULL &&
            is_in(first->reader, record->pid, start_of(other->reader, i))) {
            return pt_err_set(err, PT_ERR_USAGE,
                              "'%s' and '%s' have a run in common, that of "
                              "process %u, whose figures would be doubled; "
                              "leave one out",
                              first->name, other->name, (unsigned)record->pid);
        }
    }
    return check_ways(first, other, err);
}

static void
say_python(const struct pt_likeness *first, const struct pt_likeness *other)
{
    uint32_t a = pt_reader_process(first->reader, 0)->python_version >> 16;
    uint32_t b = pt_reader_process(other->reader, 0)->python_version >> 16;

    if (a != b) {
        pt_say("'%s' was run by CPython %u.%u and '%s' by %u.%u, which find "
               "code in slightly different lines",
               first->name, a >> 8, a & 255, other->name, b >> 8, b & 255);
    }
}

static void
say_scope(const struct pt_likeness *first, const struct pt_likeness *other)
{
    const struct pt_header *a = pt_reader_header(first->reader);
    const struct pt_header *b = pt_reader_header(other->reader);

    if ((a->wanted & b->wanted & PT_WANT_COUNT) != 0 &&
        (((a->wanted ^ b->wanted) & PT_WANT_ALL) != 0 ||
         memcmp(a->scope, b->scope, sizeof(a->scope)) != 0)) {
        pt_say("'%s' and '%s' did not count the same files (--all, --include, "
               "--omit, --ignore-module, --ignore-dir)",
               first->name, other->name);
    }
}

/* Of two lists of files, how many of one path are not the same: one of them in
 * *named. */
static uint32_t
count_changed(const struct pt_aggregate *a, const struct pt_aggregate *b,
              const char **named)
{
    uint32_t changed = 0;

    for (uint32_t i = 1; i < a->files; i++) {
        const struct pt_file *file = &a->file[i];
        uint32_t other = pt_places_find(b, file->path);
        const struct pt_file *same = &b->file[other];

        if (other != 0 && file->places != 0 && same->places != 0 &&
            (same->size_bytes != file->size_bytes ||
             same->modified_ns != file->modified_ns)) {
            *named = changed++ == 0 ? file->path : *named;
        }
    }
    return changed;
}

static int
say_changed(const struct pt_likeness *first, const struct pt_likeness *other)
{
    struct pt_aggregate a, b;
    const char *named = NULL;
    uint32_t changed;
    int code = pt_aggregate_init(&a, first->reader);

    if (code == PT_OK) {
        code = pt_aggregate_init(&b, other->reader);
    }
    if (code != PT_OK) {
        pt_aggregate_release(&a);
        return code;
    }
    changed = count_changed(&a, &b, &named);
    if (changed != 0) {
        pt_say("%u file%s changed between '%s' and '%s', as '%s': lines are "
               "added up by their numbers; pytrace diff compares them by "
               "what they are",
               changed, changed == 1 ? "" : "s", first->name, other->name,
               named);
    }
    pt_aggregate_release(&b);
    pt_aggregate_release(&a);
    return PT_OK;
}

int
pt_likeness_say(const struct pt_likeness *first,
                const struct pt_likeness *other)
{
    say_python(first, other);
    say_scope(first, other);
    return say_changed(first, other);
}
