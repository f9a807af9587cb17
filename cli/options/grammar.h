/* SPDX-License-Identifier: MIT */
/* grammar.h - options of a command line, read into fields by a table.
 *
 * Each command has a table, or a part of one; what an option is called, what
 * value it takes and which field gets it is one row. Options end at the first
 * word that is none, or behind "--". As in argparse a long option may be cut
 * short as long as one row fits it alone, and -f=x is -f x.
 */
#ifndef PT_CLI_OPTIONS_GRAMMAR_H
#define PT_CLI_OPTIONS_GRAMMAR_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

enum pt_option_kind {
    PT_OPTION_FLAG,    // an int becomes 1
    PT_OPTION_TEXT,    // a const char * becomes the value
    PT_OPTION_CODE,    // the same, and the value may start with a minus
    PT_OPTION_NUMBER,  // a uint32_t becomes the value
    PT_OPTION_SIZE,    // a uint64_t becomes the bytes of "64", "10K", "1.5MiB"
    PT_OPTION_CHOICE,  // an int becomes the place among "one|two|three"
    PT_OPTION_MAYBE,   // the same, by =value; 1 without a value
    PT_OPTION_LIST,    // struct pt_patterns gets one more
    PT_OPTION_PAIR,    // two const char *, the second a word of its own
};

struct pt_option {
    char letter;  // 0 for none
    const char *name;
    const char *value;  // what its value is called, NULL for a flag
    enum pt_option_kind kind;
    size_t offset;    // in the fields
    unsigned scopes;  // bits, as of enum pt_scope
};

#define PT_GRAMMAR_ROWS_MAX 128u

/* Which rows of a table were there: bit i % 64 of word i / 64 is of row i. */
struct pt_given {
    uint64_t words[PT_GRAMMAR_ROWS_MAX / 64];
};

PT_INLINE int
pt_given_has(const struct pt_given *given, size_t row)
{
    return (given->words[row / 64] >> row % 64 & 1) != 0;
}

struct pt_grammar {
    const struct pt_option *table;  // ends with a row whose name is NULL
    unsigned scope;                 // rows of this one count
    const char *advice;             // for an option that is unknown altogether
    unsigned senior;  // where several rows fit, one of this scope is meant
};

/* Read the options that start at argv[*at] into `fields`; *at moves to the
 * first word behind them, and `given` knows which rows were there.
 * Texts are borrowed of argv. PT_ERR_USAGE says what is wrong, and what may
 * have been meant. */
PT_MUST_CHECK int pt_grammar_parse(const struct pt_grammar *grammar,
                                   void *fields, struct pt_given *given,
                                   int argc, char **argv, int *at,
                                   struct pt_err *err);

#endif
