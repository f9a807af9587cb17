/* SPDX-License-Identifier: MIT */
/* test_naming.c - names of modules and sources, as trace has them. */
#include "tests/unit/figures.h"

#include "cli/report/source/naming.h"

static struct pt_reader *
start(struct figures *figures, const char *program, const char *search_path,
      uint32_t process_state)
{
    struct pt_process *process;

    figures_start(figures, PT_WANT_COUNT, program);
    process = figures->timeline.process;
    process->search_path = add_text(figures, search_path);
    process->state = process_state;
    return open_reader(figures->fd);
}

static void
modules_are_last_parts(void **state)
{
    // From trace._modname.
    static const struct {
        const char *path, *name;
    } cases[] = {
        {"/a/b/mod.py", "mod"},
        {"mod.py", "mod"},
        {"/a/mod", "mod"},
        {"a.b/mod.x.py", "mod.x"},
        {".hidden", ".hidden"},
        {"..x.py", "..x"},
        {"/a/", ""},
        {"...", "..."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pt_buf name = PT_BUF_INIT;

        pt_naming_module(cases[i].path, &name);
        assert_string_equal(pt_buf_text(&name), cases[i].name);
        pt_buf_release(&name);
    }
}

static void
full_modules_follow_the_search_path(void **state)
{
    // From trace._fullmodname, sys.path[0] being what trace makes it.
    static const struct {
        const char *program, *search_path, *path, *name;
        uint32_t state;
    } cases[] = {
        {"prog.py", "/code\n/lib\n/lib/site", "/lib/site/pkg/mod.py",
         "pkg.mod", PT_PROCESS_FINISHED},
        {"prog.py", "/code\n/lib", "prog.py", "prog", PT_PROCESS_FINISHED},
        {"sub/prog.py", "/code/sub\n/lib", "sub/prog.py", "prog",
         PT_PROCESS_FINISHED},
        {"prog.py", "/lib", "/libx/mod.py", "libx.mod", PT_PROCESS_NEW},
        {"prog.py", "/lib\n/code", "/lib/pkg/__init__.py", "pkg.__init__",
         PT_PROCESS_FINISHED},
        // The program's directory is not in trace's path as it is in Python's.
        {"prog.py", "/code\n/lib", "/code/mod.py", "code.mod",
         PT_PROCESS_FINISHED},
        {"/code/prog.py", "/code\n/lib", "/code/pkg/mod.py", "pkg.mod",
         PT_PROCESS_FINISHED},
        {"../else/prog.py", "/else\n/lib", "/else/mod.py", "else.mod",
         PT_PROCESS_FINISHED},
        // A killed program had not put it there when we looked.
        {"/code/prog.py", "/lib", "/code/pkg/mod.py", "pkg.mod",
         PT_PROCESS_RUNNING},
        {"/code/prog.py", "/lib", "/lib/pkg/mod.py", "pkg.mod",
         PT_PROCESS_RUNNING},
        // A module, code, stdin: the working directory.
        {"-m", "/lib", "/code/pkg/mod.py", "pkg.mod", PT_PROCESS_RUNNING},
        {"-c", "\n/lib", "/code/mod.py", "mod", PT_PROCESS_FINISHED},
        // A directory or a zip file is itself in the path.
        {"app", "/lib", "/code/app/__main__.py", "__main__",
         PT_PROCESS_RUNNING},
        {"/x/app", "/lib", "/x/app/pkg/mod.py", "pkg.mod", PT_PROCESS_RUNNING},
        // No suffix: the last part goes, as in trace.
        {"prog", "/code", "/code/pkg/prog", "code.pkg", PT_PROCESS_FINISHED},
        {"x", "", "", "", PT_PROCESS_FINISHED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct figures figures;
        struct pt_reader *reader = start(&figures, cases[i].program,
                                         cases[i].search_path, cases[i].state);
        struct pt_naming naming;
        struct pt_buf name = PT_BUF_INIT;

        pt_naming_init(&naming, reader);
        pt_naming_full_module(&naming, cases[i].path, &name);
        assert_string_equal(pt_buf_text(&name), cases[i].name);
        pt_buf_release(&name);
        pt_reader_close(reader);
        figures_end(&figures);
    }
}

static void
the_program_is_shown_as_typed(void **state)
{
    static const struct {
        const char *program, *path, *shown, *located;
    } cases[] = {
        {"prog.py", "/code/prog.py", "prog.py", "/code/prog.py"},
        {"./prog.py", "/code/./prog.py", "./prog.py", "/code/./prog.py"},
        {"prog.py", "/code/sub/prog.py", "/code/sub/prog.py",
         "/code/sub/prog.py"},
        {"/x/prog.py", "/x/prog.py", "/x/prog.py", "/x/prog.py"},
        {"prog.py", "/x/mod.pyc", "/x/mod.py", "/x/mod.py"},
        {"prog.py", "made.py", "made.py", "/code/made.py"},
        {"-m", "/code/-m", "/code/-m", "/code/-m"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct figures figures;
        struct pt_reader *reader =
            start(&figures, cases[i].program, "", PT_PROCESS_FINISHED);
        struct pt_naming naming;
        struct pt_buf shown = PT_BUF_INIT;
        struct pt_buf located = PT_BUF_INIT;

        pt_naming_init(&naming, reader);
        pt_naming_show(&naming, cases[i].path, &shown);
        pt_naming_locate(&naming, cases[i].path, &located);
        assert_string_equal(pt_buf_text(&shown), cases[i].shown);
        assert_string_equal(pt_buf_text(&located), cases[i].located);
        pt_buf_release(&shown);
        pt_buf_release(&located);
        pt_reader_close(reader);
        figures_end(&figures);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_are_last_parts),
        cmocka_unit_test(full_modules_follow_the_search_path),
        cmocka_unit_test(the_program_is_shown_as_typed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
