/* SPDX-License-Identifier: MIT */
/* selftest.c - a program whose counts are known. */
#include "linetrace/selftest.h"

#include <string.h>

#include "linetrace/rewrite.h"

#define COUNTERS_MAX 64
#define LINES 12

static const char program[] = "def f(n):\n"                   // 1
                              "    try:\n"                    // 2
                              "        if n % 2:\n"           // 3
                              "            raise KeyError\n"  // 4
                              "    except KeyError:\n"        // 5
                              "        return 1\n"            // 6
                              "    return [i\n"               // 7
                              "            for i in (n,)]\n"  // 8
                              "n = 0\n"                       // 9
                              "while n < 1000:\n"             // 10
                              "    f(n)\n"                    // 11
                              "    n += 1\n";                 // 12

// Lines 7 and 8 differ between versions, by where comprehensions run.
static const int64_t expected[LINES + 1] = {
    [1] = 1,   [2] = 1000, [3] = 1000,  [4] = 500,   [5] = 500,
    [6] = 500, [9] = 1,    [10] = 1001, [11] = 1000, [12] = 1000};

static struct {
    uint64_t counter[COUNTERS_MAX];
    uint32_t used;
    struct pt_term term[COUNTERS_MAX * 4];
    uint32_t terms;
} filed;

static int
claim(void *context, PyCodeObject *code, const struct pt_plan *plan,
      struct pt_claimed *claimed)
{
    (void)context, (void)code;
    if (filed.used + plan->counters > COUNTERS_MAX ||
        filed.terms + plan->terms > COUNTERS_MAX * 4) {
        return 0;
    }
    for (uint32_t i = 0; i < plan->terms; i++) {
        struct pt_term *term = &filed.term[filed.terms++];

        *term = plan->term[i];
        term->counter += filed.used;
    }
    claimed->counter = &filed.counter[filed.used];
    filed.used += plan->counters;
    return 1;
}

static int
counts_are_right(void)
{
    int64_t hits[LINES + 1] = {0};

    for (uint32_t i = 0; i < filed.terms; i++) {
        const struct pt_term *term = &filed.term[i];

        if (term->line <= LINES) {
            hits[term->line] +=
                term->weight * (int64_t)filed.counter[term->counter];
        }
    }
    for (int line = 1; line <= LINES; line++) {
        if (expected[line] != 0 && hits[line] != expected[line]) {
            return 0;
        }
    }
    return 1;
}

int
pt_selftest_run(void)
{
    struct pt_rewriter rewriter;
    PyObject *code = Py_CompileString(program, "<pytrace>", Py_file_input);
    PyCodeObject *rewritten = NULL;
    PyObject *names = PyDict_New(), *result = NULL;

    memset(&filed, 0, sizeof(filed));
    pt_rewriter_init(&rewriter, claim, NULL, NULL);
    if (code != NULL && names != NULL &&
        PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) ==
            0) {
        rewritten = pt_rewrite(&rewriter, (PyCodeObject *)code);
    }
    if (rewritten != NULL) {
        result = PyEval_EvalCode((PyObject *)rewritten, names, names);
    }
    pt_rewriter_release(&rewriter);
    Py_XDECREF(names);
    Py_XDECREF(rewritten);
    Py_XDECREF(code);
    Py_XDECREF(result);
    return result != NULL ? counts_are_right() : -1;
}
