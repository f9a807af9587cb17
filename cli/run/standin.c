/* SPDX-License-Identifier: MIT */
/* standin.c - handing over to pytrace.trace. */
#include "cli/run/standin.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run/interpreter.h"
#include "cli/run/package.h"
#include "cli/report/text/say.h"
#include "core/base/rawmem.h"

// What is not the user's code, in trace's own words.
#define LIBRARIES "--ignore-dir=$prefix:$exec_prefix"
#define LOOK_VARIABLE "PYTRACE_LOOK"
#define OWN_WORDS 4  // interpreter, -m, module, LIBRARIES

int
pt_standin_is_needed(const struct pt_options *options)
{
    return options->from_counts ||
           ((options->without_listings || options->counts != NULL) &&
            (!options->with_count || options->with_callers));
}

int
pt_standin_check(const struct pt_options *options, struct pt_err *err)
{
    const char *other = options->mem != PT_MEM_OFF   ? "--mem"
                        : options->output != NULL    ? "--output"
                        : options->engine != NULL    ? "--engine"
                        : options->cmd != NULL       ? "--cmd"
                        : options->include.patterns  ? "--include"
                        : options->omit.patterns     ? "--omit"
                        : options->report.fail_under ? "--fail-under"
                        : options->with_hits         ? "--hits"
                        : options->with_branches     ? "--branch"
                        : options->with_times        ? "--line-times"
                        : options->with_tree         ? "--calls"
                                                     : NULL;

    if (other == NULL) {
        return PT_OK;
    }
    return pt_err_set(err, PT_ERR_USAGE,
                      "%s cannot be combined with --file, --report and "
                      "--no-report; run the program once for each",
                      other);
}

/* Is this word one that the module does not know, and how many are its? */
static int
own_words(const char *word)
{
    static const char *const flags[] = {"--all", "--thread-names", "--color"};
    static const char *const texts[] = {"--python", "--timing-digits"};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strcmp(word, flags[i]) == 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t length = strlen(texts[i]);

        if (strncmp(word, texts[i], length) == 0 &&
            (word[length] == '\0' || word[length] == '=')) {
            return word[length] == '=' ? 1 : 2;
        }
    }
    return 0;
}

/* How lines are shown, which python -m trace has no options for. The module
 * takes the variable away before the program starts. */
static int
hand_over_look(const struct pt_options *options)
{
    char look[32];

    snprintf(look, sizeof(look), "%u %d %d", options->timing_digits,
             options->with_thread_names, options->with_color);
    return setenv(LOOK_VARIABLE, look, 1) == 0 ? PT_OK : PT_ERR_NOMEM;
}

/* The words of the interpreter's command line; NULL when memory ran out. */
static char **
make_words(const struct pt_options *options, char *interpreter, char **argv,
           int at)
{
    int given = at, used = 0;
    char **words;

    while (argv[given] != NULL) {
        given++;
    }
    words = pt_rawmem_array((size_t)given + OWN_WORDS + 1, sizeof(*words));
    if (words == NULL) {
        return NULL;
    }
    words[used++] = interpreter;
    words[used++] = "-m";
    words[used++] = "pytrace.trace";
    if (!options->with_all) {
        words[used++] = LIBRARIES;
    }
    for (int i = 1; i < given;) {
        int skipped = i < at ? own_words(argv[i]) : 0;

        if (skipped == 0) {
            words[used++] = argv[i++];
        }
        i += skipped;
    }
    return words;
}

int
pt_standin_show_package(const struct pt_package *package)
{
    char path[PATH_MAX];
    const char *users = getenv("PYTHONPATH");
    struct pt_buf all = PT_BUF_INIT;
    int code;

    if (package->python[0] != '\0') {
        return PT_OK;
    }
    // <directory>/pytrace/_boot
    snprintf(path, sizeof(path), "%s", package->boot);
    pt_buf_add_text(&all, dirname(dirname(path)));
    if (users != NULL && users[0] != '\0') {
        pt_buf_add_format(&all, ":%s", users);
    }
    code = pt_buf_check(&all);
    if (code == PT_OK && setenv("PYTHONPATH", all.data, 1) != 0) {
        code = PT_ERR_NOMEM;
    }
    pt_buf_release(&all);
    return code;
}

int
pt_standin_run(const struct pt_options *options, char **argv, int at)
{
    struct pt_package package;
    struct pt_interpreter interpreter;
    struct pt_err err;
    char **words;
    int code = pt_package_find(&package, &err);

    if (code == PT_OK) {
        code = pt_interpreter_choose(&interpreter, options->python,
                                     package.python, &err);
    }
    if (code != PT_OK) {
        pt_say("%s", err.message);
        return code == PT_ERR_USAGE ? 2 : 1;
    }
    words = make_words(options, interpreter.path, argv, at);
    if (words == NULL || hand_over_look(options) != PT_OK ||
        pt_standin_show_package(&package) != PT_OK) {
        pt_say("out of memory; free some");
        return 1;
    }
    execv(words[0], words);
    pt_say("cannot run '%s': %s; choose another with --python", words[0],
           strerror(errno));
    return interpreter.is_asked_for ? 2 : 1;
}
