/* SPDX-License-Identifier: MIT */
/* test_catalog.c - sources and code objects have one id each, by content. */
#include "tests/unit/inpython.h"

#include "core/base/rawmem.h"
#include "core/py/catalog.h"

static struct pt_timeline timeline;
static struct pt_catalog catalog;

static int
set_up(void **state)
{
    (void)state;
    return pt_timeline_attach(&timeline, -1, NULL) != PT_OK ||
           pt_catalog_init(&catalog, &timeline) != PT_OK;
}

static int
tear_down(void **state)
{
    (void)state;
    pt_catalog_release(&catalog);
    pt_timeline_release(&timeline);
    return 0;
}

/* The code object of the first function in a module. New reference. */
static PyCodeObject *
function_of(const char *text, const char *filename)
{
    PyCodeObject *module = code_of(text, filename);
    PyObject *found = NULL;

    for (Py_ssize_t i = 0; found == NULL; i++) {
        PyObject *constant = PyTuple_GetItem(module->co_consts, i);

        found = PyCode_Check(sound(constant)) ? Py_NewRef(constant) : NULL;
    }
    Py_DECREF(module);
    return (PyCodeObject *)found;
}

/* Catalog a function that is made for it and dies behind it. */
static uint32_t
catalog_function(const char *text, const char *filename)
{
    PyCodeObject *code = function_of(text, filename);
    uint32_t id = pt_catalog_code(&catalog, code);

    Py_DECREF(code);
    return id;
}

static const char *
text_at(uint32_t id, size_t *bytes)
{
    const struct pt_text *text = item_of(&timeline, PT_SEGMENT_TEXT, id);

    *bytes = text->bytes;
    return text->data;
}

static void
content_is_what_makes_one(void **state)
{
    uint32_t id = catalog_function("def f(): pass\n", "a.py");

    (void)state;
    assert_int_not_equal(id, 0);
    assert_int_equal(catalog_function("def f(): pass\n", "a.py"), id);
    // Another file, name, line, length.
    assert_int_not_equal(catalog_function("def f(): pass\n", "b.py"), id);
    assert_int_not_equal(catalog_function("def g(): pass\n", "a.py"), id);
    assert_int_not_equal(catalog_function("\ndef f(): pass\n", "a.py"), id);
    assert_int_not_equal(catalog_function("def f(): g(1, 2)\n", "a.py"), id);
    assert_int_equal(catalog_function("def f(): pass\n", "a.py"), id);
    assert_null(PyErr_Occurred());
}

static void
records_say_what_the_code_was(void **state)
{
    static const char text[] = "\ndef f(a):\n    x = 1\n\n    return a, x\n";
    uint32_t id = catalog_function(text, "/code/gr\xc3\xbc\xc3\x9f.py");
    const struct pt_code *code = pt_catalog_code_at(&catalog, id);
    size_t bytes;
    const char *path;

    (void)state;
    assert_int_equal(code->defined_line, 2);
    assert_int_equal(code->first_line, 2);
    assert_int_equal(code->lines, 4);
    assert_memory_equal(text_at(code->name, &bytes), "f", 1);
    assert_int_equal(bytes, 1);
    path = pt_catalog_path(&catalog, code->source, &bytes);
    assert_int_equal(bytes, strlen("/code/gr\xc3\xbc\xc3\x9f.py"));
    assert_memory_equal(path, "/code/gr\xc3\xbc\xc3\x9f.py", bytes);
}

/* A file's record has its size and time, so that a report can warn. */
static void
sources_are_looked_at_once(void **state)
{
    char path[] = "/tmp/pytrace-test-XXXXXX";
    int fd = mkstemp(path);
    const struct pt_source *source;
    struct stat status;
    uint32_t id;

    (void)state;
    assert_true(fd >= 0 && write(fd, "pass\n", 5) == 5);
    assert_int_equal(fstat(fd, &status), 0);
    id = catalog_function("def f(): pass\n", path);
    close(fd);
    unlink(path);
    source = pt_catalog_source_at(&catalog,
                                  pt_catalog_code_at(&catalog, id)->source);
    assert_int_equal(source->size_bytes, 5);
    assert_int_equal(source->modified_ns,
                     (int64_t)status.st_mtim.tv_sec * 1000000000 +
                         status.st_mtim.tv_nsec);
    // It is gone, and known.
    assert_int_equal(catalog_function("def f(): pass\n", path), id);
}

static void
what_only_looks_alike_is_another(void **state)
{
    PyCodeObject *code = function_of("def f(): pass\n", "a.py");
    uint32_t one = pt_catalog_code(&catalog, code);
    uint32_t two = pt_catalog_another(&catalog, code);
    uint32_t source = pt_catalog_source(&catalog, code);
    struct pt_catalog_span span = {3, 7};
    uint32_t three;

    (void)state;
    assert_true(one != 0 && two != 0 && one != two);
    assert_int_equal(pt_catalog_code(&catalog, code), one);
    assert_int_equal(pt_catalog_code_at(&catalog, two)->source, source);

    three =
        pt_catalog_rewritten(&catalog, code, source, &span, PT_CATALOG_KNOWN);
    assert_true(three != 0 && three != one && three != two);
    assert_int_equal(
        pt_catalog_rewritten(&catalog, code, source, NULL, PT_CATALOG_KNOWN),
        three);
    assert_int_equal(pt_catalog_code_at(&catalog, three)->first_line, 3);
    assert_int_equal(pt_catalog_code_at(&catalog, three)->lines, 7);
    assert_true(pt_catalog_code_at(&catalog, three)->units &
                PT_CODE_REWRITTEN);
    assert_int_not_equal(
        pt_catalog_rewritten(&catalog, code, source, NULL, PT_CATALOG_NEW),
        three);
    // No source, no record.
    assert_int_equal(
        pt_catalog_rewritten(&catalog, code, 0, NULL, PT_CATALOG_NEW), 0);
    Py_DECREF(code);
}

static void
lines_reach_from_the_lowest_to_the_highest(void **state)
{
    PyCodeObject *code = function_of("def f(a):\n"
                                     "    while (a >\n"
                                     "           1):\n"
                                     "        a -= 1\n",
                                     "a.py");
    struct pt_catalog_span span;

    (void)state;
    pt_catalog_measure(code, &span);
    assert_int_equal(span.first_line, 1);
    assert_int_equal(span.lines, 4);
    Py_DECREF(code);
}

static void
many_stay_apart(void **state)
{
    uint32_t first = 0;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 300; i++) {
            char text[64], path[32];
            uint32_t id;

            snprintf(text, sizeof(text), "def f%u(): pass\n", i);
            snprintf(path, sizeof(path), "file%u.py", i % 50);
            id = catalog_function(text, path);
            first = first != 0 ? first : id;
            // Ids are given in order, so this tells all of them apart.
            assert_int_equal(id, first + i);
        }
    }
}

#ifdef PT_TORTURE
/* Whichever allocation fails: an id or none, no exception, and what comes
 * afterwards is right. */
static void
without_memory_there_is_no_id(void **state)
{
    int failed = 1;

    (void)state;
    for (uint64_t nth = 1; failed; nth++) {
        tear_down(NULL);
        pt_rawmem_fail_at(nth);
        if (set_up(NULL) == 0) {
            for (uint32_t i = 0; i < 20; i++) {
                char text[64];

                snprintf(text, sizeof(text), "def f%u(): pass\n", i);
                (void)catalog_function(text, "a.py");
                assert_null(PyErr_Occurred());
            }
            failed = pt_rawmem_has_failed();
            pt_rawmem_fail_at(0);
            content_is_what_makes_one(NULL);
            tear_down(NULL);
        }
        pt_rawmem_fail_at(0);
        assert_int_equal(set_up(NULL), 0);
    }
}
#endif

#define IN_A_CATALOG(test) \
  cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int
run_all(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_CATALOG(content_is_what_makes_one),
        IN_A_CATALOG(records_say_what_the_code_was),
        IN_A_CATALOG(sources_are_looked_at_once),
        IN_A_CATALOG(what_only_looks_alike_is_another),
        IN_A_CATALOG(lines_reach_from_the_lowest_to_the_highest),
        IN_A_CATALOG(many_stay_apart),
#ifdef PT_TORTURE
        IN_A_CATALOG(without_memory_there_is_no_id),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

PT_TEST_MODULE(test_catalog, run_all)
