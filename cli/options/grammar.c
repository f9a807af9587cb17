/* SPDX-License-Identifier: MIT */
/* grammar.c - reading a command line by a table of options. */
#include "cli/options/grammar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options/suggest.h"
#include "cli/report/source/patterns.h"
#include "core/base/buf.h"

#define NAMES_MAX PT_GRAMMAR_ROWS_MAX

/* Where the parser is in the command line. */
struct cursor {
    const struct pt_grammar *grammar;
    void *fields;
    struct pt_given given;
    int argc;
    char **argv;
    int at;
    struct pt_err *err;
};

static const struct pt_option *
find_letter(const struct pt_grammar *grammar, char letter)
{
    const struct pt_option *option = grammar->table;

    for (; option->name != NULL; option++) {
        if (option->letter == letter &&
            (option->scopes & grammar->scope) != 0) {
            return option;
        }
    }
    return NULL;
}

static const struct pt_option *
find_name(const struct pt_grammar *grammar, const char *name, size_t length)
{
    const struct pt_option *option = grammar->table;

    for (; option->name != NULL; option++) {
        if (strlen(option->name) == length &&
            memcmp(option->name, name, length) == 0 &&
            (option->scopes & grammar->scope) != 0) {
            return option;
        }
    }
    return NULL;
}

/* A row fits an option that is cut short. */
static int
fits(const struct pt_grammar *grammar, const struct pt_option *option,
     const char *name, size_t length)
{
    return (option->scopes & grammar->scope) != 0 && length != 0 &&
           strncmp(option->name, name, length) == 0;
}

/* How many rows of a scope fit; the last of them. */
static size_t
find_fitting(const struct pt_grammar *grammar, unsigned scope,
             const char *name, size_t length, const struct pt_option **found)
{
    const struct pt_option *option = grammar->table;
    size_t count = 0;

    for (; option->name != NULL; option++) {
        if ((option->scopes & scope) != 0 &&
            fits(grammar, option, name, length)) {
            *found = option;
            count++;
        }
    }
    return count;
}

static int
refuse_ambiguous(const struct cursor *cursor, const char *name, size_t length)
{
    const struct pt_option *option = cursor->grammar->table;
    struct pt_buf fitting = PT_BUF_INIT;
    int code;

    for (; option->name != NULL; option++) {
        if (fits(cursor->grammar, option, name, length)) {
            pt_buf_add_text(&fitting, fitting.used != 0 ? ", --" : "--");
            pt_buf_add_text(&fitting, option->name);
        }
    }
    code = pt_err_set(cursor->err, PT_ERR_USAGE,
                      "ambiguous option: --%.*s could match %s", (int)length,
                      name, pt_buf_text(&fitting));
    pt_buf_release(&fitting);
    return code;
}

static int
refuse_name(const struct cursor *cursor, const char *name, size_t length)
{
    const char *known[NAMES_MAX];
    const char *meant = NULL;
    char word[64];
    size_t count = 0;

    for (const struct pt_option *option = cursor->grammar->table;
         option->name != NULL; option++) {
        if ((option->scopes & cursor->grammar->scope) != 0 &&
            count < NAMES_MAX) {
            known[count++] = option->name;
        }
    }
    if (length < sizeof(word)) {
        memcpy(word, name, length);
        word[length] = '\0';
        meant = pt_suggest(word, known, count);
    }
    if (meant != NULL) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "unknown option '--%s': did you mean '--%s'?", word,
                          meant);
    }
    return pt_err_set(cursor->err, PT_ERR_USAGE, "unknown option '--%.*s'; %s",
                      (int)(length < 200 ? length : 200), name,
                      cursor->grammar->advice);
}

/* The row of an option that is written out or cut short. */
static int
find_long(const struct cursor *cursor, const char *name, size_t length,
          const struct pt_option **option)
{
    const struct pt_grammar *grammar = cursor->grammar;
    size_t count;

    *option = find_name(grammar, name, length);
    if (*option != NULL) {
        return PT_OK;
    }
    count = find_fitting(grammar, grammar->senior, name, length, option);
    if (count != 1) {
        count = find_fitting(grammar, grammar->scope, name, length, option);
    }
    if (count == 1) {
        return PT_OK;
    }
    return count != 0 ? refuse_ambiguous(cursor, name, length)
                      : refuse_name(cursor, name, length);
}

static int
refuse_letter(const struct cursor *cursor, char letter)
{
    return pt_err_set(cursor->err, PT_ERR_USAGE,
                      "unrecognized arguments: -%c; %s", letter,
                      cursor->grammar->advice);
}

static int
read_number(const struct cursor *cursor, const struct pt_option *option,
            const char *value, uint32_t *number)
{
    unsigned long long result;
    char *end;

    errno = 0;
    result = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 ||
        result >= UINT32_MAX) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' needs a number, not '%s'",
                          option->name, value);
    }
    *number = (uint32_t)result;
    return PT_OK;
}

/* "4096", "64K", "1.5MiB": powers of 1024, whatever letters follow. */
static int
read_size(const struct cursor *cursor, const struct pt_option *option,
          const char *value, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    static const char *const endings[] = {"", "B", "iB"};
    char *end;
    double size = strtod(value, &end);
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    int is_size = end != value && *value >= '0' && *value <= '9';

    for (const char *at = units; unit != NULL && at <= unit; at++) {
        size *= 1024;
    }
    end += unit != NULL;
    for (size_t i = 0; i < 3 && is_size; i++) {
        if (strcmp(end, endings[i]) == 0 && size >= 1 && size < 1e18) {
            *bytes = (uint64_t)size;
            return PT_OK;
        }
    }
    return pt_err_set(cursor->err, PT_ERR_USAGE,
                      "option '--%s' needs a size as 4096, 64K or 1.5MiB, not "
                      "'%s'",
                      option->name, value);
}

/* Which of the words of option->value it is. */
static int
read_choice(const struct cursor *cursor, const struct pt_option *option,
            const char *value, int *choice)
{
    const char *word = option->value;
    size_t length = strlen(value);

    for (int i = 0; *word != '\0'; i++) {
        size_t bytes = strcspn(word, "|");

        if (bytes == length && memcmp(word, value, length) == 0) {
            *choice = i;
            return PT_OK;
        }
        word += bytes + (word[bytes] == '|');
    }
    return pt_err_set(cursor->err, PT_ERR_USAGE,
                      "option '--%s' knows no '%s'; choose one of %s",
                      option->name, value, option->value);
}

static int
read_item(const struct cursor *cursor, const struct pt_option *option,
          const char *value, struct pt_patterns *list)
{
    if (list->patterns == PT_PATTERNS_MAX) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "too many of option '--%s'; %u at most",
                          option->name, PT_PATTERNS_MAX);
    }
    list->pattern[list->patterns++] = value;
    return PT_OK;
}

static int
store(struct cursor *cursor, const struct pt_option *option, const char *value)
{
    char *field = (char *)cursor->fields + option->offset;
    size_t row = (size_t)(option - cursor->grammar->table);

    cursor->given.words[row / 64] |= UINT64_C(1) << row % 64;
    switch (option->kind) {
    case PT_OPTION_FLAG:
        *(int *)(void *)field = 1;
        return PT_OK;
    case PT_OPTION_TEXT:
    case PT_OPTION_CODE:
    case PT_OPTION_PAIR:
        *(const char **)(void *)field = value;
        return PT_OK;
    case PT_OPTION_MAYBE:
        if (value == NULL) {
            *(int *)(void *)field = 1;
            return PT_OK;
        }
        return read_choice(cursor, option, value, (int *)(void *)field);
    case PT_OPTION_CHOICE:
        return read_choice(cursor, option, value, (int *)(void *)field);
    case PT_OPTION_LIST:
        return read_item(cursor, option, value, (void *)field);
    case PT_OPTION_SIZE:
        return read_size(cursor, option, value, (uint64_t *)(void *)field);
    case PT_OPTION_NUMBER:
        break;
    }
    return read_number(cursor, option, value, (uint32_t *)(void *)field);
}

/* The value that is a word of its own. What looks like an option is refused:
 * more likely the value was forgotten. */
static int
next_value(struct cursor *cursor, const struct pt_option *option,
           const char **value)
{
    const char *next = cursor->at < cursor->argc ? cursor->argv[cursor->at]
                                                 : NULL;

    if (next == NULL) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' needs a value: --%s %s", option->name,
                          option->name, option->value);
    }
    if (next[0] == '-' && next[1] != '\0' && option->kind != PT_OPTION_CODE) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' needs a value, not the option '%s'; "
                          "if that is meant, write --%s=%s",
                          option->name, next, option->name, next);
    }
    cursor->at++;
    *value = next;
    return PT_OK;
}

/* A row that stands alone, or may. */
static int
needs_no_value(const struct pt_option *option)
{
    return option->kind == PT_OPTION_FLAG || option->kind == PT_OPTION_MAYBE;
}

static int
read_long(struct cursor *cursor, const char *name)
{
    const char *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct pt_option *option;
    const char *value = equals != NULL ? equals + 1 : NULL;
    int code = find_long(cursor, name, length, &option);

    if (code != PT_OK) {
        return code;
    }
    if (option->kind == PT_OPTION_FLAG && value != NULL) {
        return pt_err_set(cursor->err, PT_ERR_USAGE,
                          "option '--%s' takes no value; write just --%s",
                          option->name, option->name);
    }
    if (!needs_no_value(option) && value == NULL) {
        code = next_value(cursor, option, &value);
        if (code != PT_OK) {
            return code;
        }
    }
    if (option->kind == PT_OPTION_PAIR) {
        const char **second =
            (const char **)(void *)((char *)cursor->fields + option->offset);

        code = next_value(cursor, option, &second[1]);
        if (code != PT_OK) {
            return code;
        }
    }
    return store(cursor, option, value);
}

/* "-cms", "-C DIR", "-CDIR" and "-C=DIR". */
static int
read_letters(struct cursor *cursor, const char *letters)
{
    int code = PT_OK;

    while (*letters != '\0' && code == PT_OK) {
        const struct pt_option *option =
            find_letter(cursor->grammar, *letters);
        const char *value = letters + 1;

        if (option == NULL) {
            return refuse_letter(cursor, *letters);
        }
        if (needs_no_value(option)) {
            code = store(cursor, option, NULL);
            letters++;
            continue;
        }
        if (*value == '\0') {
            code = next_value(cursor, option, &value);
        }
        else if (*value == '=') {
            value++;
        }
        return code == PT_OK ? store(cursor, option, value) : code;
    }
    return code;
}

int
pt_grammar_parse(const struct pt_grammar *grammar, void *fields,
                 struct pt_given *given, int argc, char **argv, int *at,
                 struct pt_err *err)
{
    struct cursor cursor = {grammar, fields, *given, argc, argv, *at, err};
    int code = PT_OK;

    while (code == PT_OK && cursor.at < argc) {
        const char *word = argv[cursor.at];

        // A lone minus is the program that comes from stdin.
        if (word[0] != '-' || word[1] == '\0') {
            break;
        }
        cursor.at++;
        if (strcmp(word, "--") == 0) {
            break;
        }
        code = word[1] == '-' ? read_long(&cursor, word + 2)
                              : read_letters(&cursor, word + 1);
    }
    *at = cursor.at;
    *given = cursor.given;
    return code;
}
