/* SPDX-License-Identifier: MIT */
/* timelineopt.c - reading kinds of events, sizes and times. */
#include "cli/options/timelineopt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RING_BYTES_MIN (1u << 20)

struct unit {
    const char *name;
    uint64_t value;
};

/* "64M" or "1.5s": a number with a unit of the table, which ends with an empty
 * name. 0 when it is none. */
static uint64_t
read_quantity(const char *text, const struct unit *unit)
{
    char *end;
    double number;

    errno = 0;
    number = strtod(text, &end);
    if (text[0] < '0' || text[0] > '9' || errno != 0 || number <= 0) {
        return 0;
    }
    for (; unit->name != NULL; unit++) {
        if (strcmp(end, unit->name) == 0) {
            number *= (double)unit->value;
            return number < 9e18 ? (uint64_t)number : 0;
        }
    }
    return 0;
}

static const char counted[] = "--count or --listfuncs";

/* One word of --timeline. */
static int
add_events(const char *word, size_t length, struct pt_header *header,
           struct pt_err *err)
{
    static const struct {
        const char *word;
        uint32_t events;
        uint32_t needs;
        const char *option;
    } kinds[] = {
        {"calls", PT_WANT_CALL_EVENTS, PT_WANT_COUNT, counted},
        {"lines", PT_WANT_LINE_EVENTS, PT_WANT_COUNT, counted},
        {"allocs", PT_WANT_ALLOC_EVENTS, PT_WANT_MEM, "--mem"},
    };
    int is_all = length == 3 && memcmp(word, "all", 3) == 0;
    int is_known = is_all;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int has_what = (header->wanted & kinds[i].needs) != 0;

        if (is_all && has_what) {
            header->wanted |= kinds[i].events;
        }
        if (strlen(kinds[i].word) != length ||
            memcmp(kinds[i].word, word, length) != 0) {
            continue;
        }
        if (!has_what) {
            return pt_err_set(err, PT_ERR_USAGE,
                              "--timeline %s can only be used with %s",
                              kinds[i].word, kinds[i].option);
        }
        is_known = 1;
        header->wanted |= kinds[i].events;
    }
    return is_known ? PT_OK
                    : pt_err_set(err, PT_ERR_USAGE,
                                 "--timeline knows no '%.*s'; choose calls, "
                                 "lines, allocs or all, with a comma between",
                                 (int)(length < 100 ? length : 100), word);
}

static int
check_events(const struct pt_options *options, const struct pt_header *header,
             struct pt_err *err)
{
    if (header->wanted & PT_WANT_LINE_EVENTS && options->engine != NULL &&
        strcmp(options->engine, "probe") == 0) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--timeline lines needs the engine monitoring or "
                          "settrace: probes tell of no single line");
    }
    if (header->wanted & PT_WANT_ALLOC_EVENTS &&
        header->wanted & PT_WANT_SAMPLE) {
        return pt_err_set(err, PT_ERR_USAGE,
                          "--timeline allocs cannot be used with "
                          "--mem=sample, which sees only some of them");
    }
    return PT_OK;
}

static int
read_limits(const struct pt_options *options, struct pt_header *header,
            struct pt_err *err)
{
    static const struct unit sizes[] = {{"", 1},
                                        {"K", UINT64_C(1) << 10},
                                        {"M", UINT64_C(1) << 20},
                                        {"G", UINT64_C(1) << 30},
                                        {NULL, 0}};
    static const struct unit times[] = {{"ms", 1000000},
                                        {"s", 1000000000},
                                        {"m", UINT64_C(60000000000)},
                                        {"h", UINT64_C(3600000000000)},
                                        {NULL, 0}};

    if (options->ring != NULL) {
        header->ring_bytes = read_quantity(options->ring, sizes);
        if (header->ring_bytes < RING_BYTES_MIN) {
            return pt_err_set(err, PT_ERR_USAGE,
                              "--ring needs a size of at least 1M, as 64M, "
                              "not '%s'",
                              options->ring);
        }
    }
    if (options->last != NULL) {
        header->last_ns = read_quantity(options->last, times);
        if (header->last_ns == 0) {
            return pt_err_set(err, PT_ERR_USAGE,
                              "--last needs a time, as 500ms, 30s, 5m or 1h, "
                              "not '%s'",
                              options->last);
        }
    }
    return PT_OK;
}

int
pt_timelineopt_compose(const struct pt_options *options,
                       struct pt_header *header, struct pt_err *err)
{
    const char *word = options->timeline;

    while (word != NULL) {
        size_t length = strcspn(word, ",");
        int code = add_events(word, length, header, err);

        if (code != PT_OK) {
            return code;
        }
        word = word[length] != '\0' ? word + length + 1 : NULL;
    }
    if (check_events(options, header, err) != PT_OK) {
        return PT_ERR_USAGE;
    }
    return read_limits(options, header, err);
}
