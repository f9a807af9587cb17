"""Line counts: listings and summaries byte for byte as `trace` makes them."""

import pty
import re
import subprocess
import sys
import unittest

from support import PYTRACE, TIMEOUT_SECONDS, Case, environment

SUMMARY = re.compile(r"^ +\d+ +\d+% .*\n", re.MULTILINE)
CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
PROGRAMS = {
    # program: its own modules
    "async_tasks.py": ["async_tasks"],
    "class_bodies.py": ["class_bodies"],
    "closures.py": ["closures"],
    "comprehensions.py": ["comprehensions"],
    "decorators.py": ["decorators"],
    "escaping.py": ["escaping"],
    "raising.py": ["raising"],
    "yielding.py": ["yielding"],
    "matching.py": ["matching"],
    "one_liners.py": ["one_liners"],
    "statements.py": ["statements"],
}


class CountCase(Case):

    ENGINE = []  # options of pytrace alone

    def summaries(self, out, cover_names):
        """Summary lines of own modules, and the program's own output."""
        lines = [line for line in SUMMARY.findall(out)
                 if line.split()[2] in cover_names]
        own = SUMMARY.sub("", out)
        return sorted(lines), own.replace(
            "lines   cov%   module   (path)\n", "")

    def collect(self):
        """Take the listings that lie here away: {path: bytes}."""
        found = {}
        for path in sorted(self.scratch.rglob("*.cover")):
            found[str(path.relative_to(self.scratch))] = path.read_bytes()
            path.unlink()
        return found

    def compare(self, program, options, arguments=(), names=None):
        """Run by trace and by pytrace: the same listings and summary."""
        theirs = self.python("-m", "trace", "--count", *options, program,
                             *arguments)
        wanted = self.collect()
        ours = self.pytrace("--count", *self.ENGINE, *options, program,
                            *arguments)
        got = self.collect()
        self.assertQuiet(ours)
        self.assertEqual(0, ours.status)
        if "-C" not in options and "cover" not in str(options):
            # All that lies here are the program's own modules.
            self.assertEqual(sorted(wanted), sorted(got))
        if names is not None:
            self.assertEqual(sorted(names), sorted(
                path.rpartition("/")[2].removesuffix(".cover")
                for path in got))
        for path, listing in got.items():
            self.assertIn(path, wanted)
            self.assertEqual(
                wanted[path].decode("latin-1"), listing.decode("latin-1"),
                f"{path} with {options}")
        cover_names = [path.rpartition("/")[2].removesuffix(".cover")
                       for path in got]
        self.assertEqual(self.summaries(theirs.out, cover_names),
                         self.summaries(ours.out, cover_names))

    def check(self, program, names=None, arguments=()):
        for options in ([], ["--missing", "-s", "-C", "cover"]):
            with self.subTest(program=program, options=options):
                self.compare(program, options, arguments, names)


def add_program_test(program, names):
    def test(self):
        self.check(self.copy(program), names)
    test.__doc__ = f"{program}: as trace counts it"
    setattr(ProgramsTest, "test_" + program.removesuffix(".py"), test)


class ProgramsTest(CountCase):
    """Each program of tests/programs that is about counting."""


for name, modules in PROGRAMS.items():
    add_program_test(name, modules)


class ModulesTest(CountCase):
    """Programs of several files, and where their listings go."""

    def test_packages_listed_beside_sources(self):
        self.copy("shop")
        self.compare("shop/sell.py", ["-m"])

    def test_packages_in_coverdir(self):
        self.copy("shop")
        self.compare("shop/sell.py", ["-m", "-s", "-C", "out/deep"])
        self.compare("shop/sell.py", ["--coverdir=out", "-s"], ["kiwi"])

    def test_package_files_one_by_one(self):
        self.copy("shop")
        self.pytrace("--count", "shop/sell.py")
        self.assertEqual(
            ["prices.cover", "sell.cover", "shop/__init__.cover",
             "shop/basket.cover", "shop/stock/__init__.cover",
             "shop/stock/items.cover", "shop/stock/lazy.cover"],
            sorted(str(path.relative_to(self.scratch / "shop"))
                   for path in self.scratch.rglob("*.cover")))

    def test_coverdir_names_modules_in_full(self):
        self.copy("shop")
        # As with trace: in full from the directory on sys.path, which is
        # that of the program as it was named.
        self.pytrace("--count", "-C", "out", self.scratch / "shop/sell.py")
        self.assertEqual(
            ["prices.cover", "sell.cover", "shop.__init__.cover",
             "shop.basket.cover", "shop.stock.__init__.cover",
             "shop.stock.items.cover", "shop.stock.lazy.cover"],
            sorted(path.name for path in (self.scratch / "out").iterdir()))

    def test_executed_files(self):
        self.copy("plugins")
        self.check("plugins/load_plugins.py")

    def test_executed_in_a_namespace_without_file(self):
        # trace passes over code whose globals have no __file__; it ran.
        self.write("run_it.py",
                   "text = open('part.txt').read()\nfor i in range(3):\n"
                   "    exec(compile(text, 'part.txt', 'exec'), {})\n")
        self.write("part.txt", "x = 1\n")
        self.pytrace("--count", "run_it.py")
        self.assertEqual("    3: x = 1\n", self.listing("part"))

    def test_program_by_absolute_path(self):
        self.copy("closures.py")
        self.compare(str(self.scratch / "closures.py"), ["-s", "-m"])

    def test_program_from_another_directory(self):
        self.copy("closures.py")
        self.write("elsewhere/empty", "")
        self.scratch /= "elsewhere"
        theirs = self.python("-m", "trace", "--count", "../closures.py")
        wanted = (self.scratch.parent / "closures.cover").read_bytes()
        ours = self.pytrace("--count", "../closures.py")
        self.assertEqual(theirs.out, ours.out)
        got = (self.scratch.parent / "closures.cover").read_bytes()
        self.assertEqual(wanted, got)


class CompiledTest(CountCase):
    """Code that another compiler made, such as Cython, or a program."""

    def test_code_without_instructions(self):
        for engine in "probe", CALLBACK_ENGINE:
            with self.subTest(engine=engine):
                self.ENGINE = ["--engine", engine]
                self.compare(self.copy("compiled_stubs.py"), ["-m"],
                             names=["compiled_stubs"])

    def test_code_for_tracebacks(self):
        # Cython's, of a file that was there when the module was compiled.
        for engine in "probe", CALLBACK_ENGINE:
            with self.subTest(engine=engine):
                self.write("fails.py",
                           "import ctypes\n"
                           "make = ctypes.pythonapi.PyCode_NewEmpty\n"
                           "make.restype = ctypes.py_object\n"
                           "made = make(b'src/far.pyx', b'run', 912)\n"
                           "print(made.co_filename)\n")
                ran = self.pytrace("--count", "-s", "-m", "-C", "cov",
                                   "-o", "run.pytrace", "--engine", engine,
                                   "fails.py")
                # Nor is it told of as code that never ran.
                rows = self.pytrace("export", "--to", "csv", "run.pytrace")
                self.assertNotIn("far.pyx", rows.out)
                self.assertEqual(
                    ["src/far.pyx", "lines   cov%   module   (path)",
                     "    5   100%   fails   (fails.py)"],
                    ran.out.splitlines())

    def test_lines_that_no_compiler_gives(self):
        program = self.copy("odd_lines.py")
        for engine in "probe", CALLBACK_ENGINE:
            with self.subTest(engine=engine):
                self.ENGINE = ["--engine", engine]
                self.compare(program, [], names=["odd_lines"])


class SourcesTest(CountCase):
    """Sources in every shape that the tokenizer takes."""

    def check_source(self, content):
        self.write("odd.py", content)
        self.check("odd.py", ["odd"])

    def test_utf8(self):
        self.check_source(
            'grüße = "żółw 🐢 \u2028 ends no line"\n'
            "def größe(wert): return len(wert)\n"
            "for x in range(3): größe(grüße)  # kommentar: äöü\n"
            "if not grüße:\n    print('日本')\n")

    def test_latin_1(self):
        self.check_source(
            "#!/usr/bin/python\n# -*- coding: latin-1 -*-\n"
            "text = 'gr\xfc\xdfe'\n"
            "for letter in text:\n    if letter == '\xfc': print(1)\n"
            "if not text:\n    text = '\xe9'\n".encode("latin-1"))

    def test_other_encodings(self):
        for coding in "cp1252", "iso-8859-15", "koi8-r", "shift_jis":
            with self.subTest(coding=coding):
                text = f"# vim: set fileencoding={coding} :\nx = 'ab'\n"
                self.check_source(text.encode(coding)
                                  + "y = 'Ж'\n".encode(
                                      coding, errors="ignore"))

    def test_byte_order_mark(self):
        self.check_source(b"\xef\xbb\xbf" b"x = 1\nfor i in range(x): pass\n"
                          b"if i:\n    pass\n    print('\xc3\xa4')\n")

    def test_byte_order_mark_and_coding_line(self):
        self.check_source(b"\xef\xbb\xbf# coding: utf-8\nx = '\xc3\xa4'\n")

    def test_carriage_returns(self):
        self.check_source(b"def f(n):\r\n    '''doc\r\n    string'''\r\n"
                          b"    return n\r\n\r\nif f(0):\r\n    f(2)\r\n")

    def test_old_macintosh_line_ends(self):
        self.check_source(b"x = 1\rfor i in range(3):\r    x += i\r")

    def test_mixed_line_ends(self):
        self.check_source(b"x = 1\r\nfor i in range(3):\n    x += i\rx = 2\n")

    def test_tabs(self):
        self.check_source("if 1:\n\tfor i in range(3):\n\t\tx = '\t'\t# a\tb\n"
                          "\tif i > 4:\n\t        x\t=\t2\n"
                          "é = 'ä\tö'\t# ü\t日本\tend\n")

    def test_form_feeds(self):
        self.check_source("x = 1\n\f\ndef f():\n    return 1\n\f\n"
                          "\fclass A:\n    y = 2\n \f\nf()\n")

    def test_odd_separators_in_lines(self):
        self.check_source("a = 'x\x0by\x1cz\x85\u2029'\nb = a\nif not b:\n"
                          "    c = 1\n")

    def test_no_newline_at_the_end(self):
        self.check_source("x = 1\nif not x:\n    y = 2")

    def test_backslash_at_the_end(self):
        self.check_source("x = 1 + \\\n    2\nif not x: \\\n    y = 2\n")

    def test_blank_lines_at_the_end(self):
        self.check_source("x = 1\n\n   \n\t\n# end\n\n")

    def test_pragma(self):
        self.check_source(
            "import sys\nif not sys:\n    x = 1  #pragma NO COVER\n"
            "    y = 2  # pragma NO COVER\n    z = 3 #pragma NO COVER too\n"
            "def f():  #pragma NO COVER\n    return 3\n"
            "w = '#pragma NO COVER'\n")

    def test_docstrings(self):
        self.check_source(
            '"""Module."""\ndef f():\n    "one"\n    return 1\n'
            "class A:\n    '''two\n    lines'''\n    def g(self):\n"
            '        r"""three"""\n        "another"\n'
            "def h():\n    # comment\n\n    '''four'''\n"
            "def i(): 'five'\n"
            "async def j():\n    b'no docstring'\n    f'nor this'\n")

    def test_strings_first_on_their_line(self):
        self.check_source(
            "x = 0\nif x:\n    'a'\n    ('b' +\n     'c')\n    f(\n"
            "      'd',\n    )\n    f'{x}'\n    'e'.upper()\n"
            "def g():\n    return [\n        'f',\n        'g']\n")

    def test_nested_fstrings(self):
        self.check_source(
            "x = 3\ndef f():\n    return (f'{x:{x}}'\n"
            "            f'''{x}\n            {f\"{x}\"}\n''')\n"
            "if x > 4:\n    print(f'''\n{x}\n''')\n")

    def test_functions_that_never_ran(self):
        self.check_source(
            "def f(x):\n    def g():\n        return 1\n    return g\n"
            "class A:\n    def h(self):\n        return [\n"
            "            n for n in self\n            if n]\n"
            "if not A:\n    i = lambda: (\n        3)\n")

    def test_two_of_a_kind_on_one_line(self):
        self.check_source(
            "x = [1, 2]\nf = (n for n in x); g = (n\n  for n\n  in x)\n"
            "list(f); list(g)\nh = lambda: x; i = lambda: (\n  x)\n"
            "h(); i(); i()\nj = lambda: (\n  x), lambda: x\nj[0](); j[1]()\n")

    def test_only_a_docstring(self):
        self.check_source('"""Nothing\nelse."""\n')

    def test_only_comments(self):
        self.check_source("# nothing\n\n# else\n")

    def test_empty(self):
        self.check_source("")

    def test_line_0_of_an_empty_module(self):
        self.write("void.py", "# nothing\n")
        self.write("run.py", "import void\n")
        self.pytrace("--count", "-R", "-o", "run.pytrace", "run.py")
        rows = self.pytrace("export", "--to", "csv", "run.pytrace").out
        self.assertIn('"void.py","",0,1,0,0,0,0\n', rows)
        self.assertIn("modulename: void, funcname: <module>, calls: 1\n",
                      self.pytrace("report", "-l", "--call-counts",
                                   "run.pytrace").out)

    def test_one_line(self):
        self.check_source("pass")

    def test_long_line(self):
        self.check_source("x = [" + "1, " * 20000 + "]\ny = 'a" + "b" * 70000
                          + "'\n")

    def test_many_hits(self):
        self.check_source("x = 0\nwhile x < 123456:\n    x += 1\n")

    def test_long_program(self):
        self.check_source("".join(
            f"def f{n}(x):\n    if x:\n        return {n}\n    return f{n}\n"
            f"f{n}({n % 2})\n" for n in range(3000)))

    def test_sums_behind_many_lines(self):
        # What is stored stands alone on its line, and needs a probe if there
        # were enough lines before; yet nothing may come before the storing.
        end = "x = \\\n    a + \\\n    a\n"
        self.check_source("".join(
            f"def f{n}(a):\n" + n * "    x = a\n" + f"    {end}"
            f"    return x\ndef g{n}(a):\n  try:\n" + n * "    x = a\n" +
            f"    {end}  finally: a = 0\nf{n}(1), g{n}(1)\n"
            for n in (*range(12, 18), *range(122, 130))))

    def test_lines_far_apart(self):
        self.check_source("def f():\n    x = 1" + "\n" * 70000
                          + "    return x\n\nf()\n")


class CallbackProgramsTest(ProgramsTest):
    """The same, counted by the engine that needs no rewriting."""

    ENGINE = ["--engine", CALLBACK_ENGINE]


class CallbackSourcesTest(SourcesTest):

    ENGINE = ["--engine", CALLBACK_ENGINE]


class RecordingTest(CountCase):
    """A recording that is kept tells the same once more."""

    def test_report_again(self):
        self.copy("closures.py")
        first = self.pytrace("--count", "-m", "-s", "-o", "run.pytrace",
                             "closures.py")
        listing = self.listing("closures")
        (self.scratch / "closures.cover").unlink()
        again = self.pytrace("report", "-m", "-s", "run.pytrace")
        self.assertEqual(0, again.status)
        self.assertEqual(listing, self.listing("closures"))
        self.assertTrue(first.out.endswith(again.out), again.out)
        self.assertIn("closures.py", again.out)


class EnginesTest(CountCase):
    """What is not counted, and who says so."""

    def test_standard_library_only_with_all(self):
        self.write("uses.py", "import json\nprint(json.dumps([1]))\n")
        self.pytrace("--count", "-C", "own", "uses.py")
        self.pytrace("--count", "--all", "-C", "all", "uses.py")
        self.assertEqual(["uses.cover"], sorted(
            path.name for path in (self.scratch / "own").iterdir()))
        names = {path.name for path in (self.scratch / "all").iterdir()}
        self.assertIn("uses.cover", names)
        self.assertIn("json.encoder.cover", names)

    def test_standard_library_as_trace_counts_it(self):
        self.write("uses.py", "import colorsys\n"
                   "print(colorsys.rgb_to_hls(0.1, 0.2, 0.3))\n")
        self.python("-m", "trace", "--count", "-C", "a", "uses.py")
        self.pytrace("--count", "--all", "-C", "b", "uses.py")
        for name in "uses.cover", "colorsys.cover":
            self.assertEqual((self.scratch / "a" / name).read_text(),
                             (self.scratch / "b" / name).read_text())

    def said_to_a_terminal(self, *words):
        master, slave = pty.openpty()
        with open(master, "rb", buffering=0) as terminal:
            with open(slave, "wb") as stderr:
                subprocess.run(
                    [PYTRACE, *words], cwd=self.scratch, env=environment(),
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=stderr, timeout=TIMEOUT_SECONDS, check=True)
            return terminal.read(1000).decode().replace("\r\n", "\n")

    def test_engine_is_named(self):
        """With every figure that is printed, and at a terminal; listings
        alone leave stderr to the program, as those of trace."""
        self.write("plain.py", "x = 1\n")
        self.pytrace("--count", "-o", "run.pytrace", "plain.py")
        named = r"^pytrace: line counts exact, by [a-z]+\n$"
        for command in ["--count", "plain.py"], ["report", "run.pytrace"]:
            for option in "--summary", "--fail-under=1":
                with self.subTest(command=command, option=option):
                    done = self.pytrace(command[0], option, command[1])
                    self.assertRegex(done.err, named)
            with self.subTest(command=command):
                self.assertEqual("", self.pytrace(*command).err)
                self.assertRegex(self.said_to_a_terminal(*command), named)

    def test_engines_there_are(self):
        self.write("plain.py", "x = 1\n")
        done = self.pytrace("--count", "-s", "--engine", CALLBACK_ENGINE,
                            "plain.py")
        self.assertIn(f", by {CALLBACK_ENGINE}\n", done.err)
        other = ({"monitoring", "settrace"} - {CALLBACK_ENGINE}).pop()
        done = self.pytrace("--count", "--engine", other, "plain.py")
        self.assertEqual(2, done.status)
        self.assertIn(f"no line engine '{other}'", done.err)

    def check_trace_function_given_back(self, *engine):
        self.write("borrows.py", "import sys\ndef f():\n    return 1\n"
                   "old = sys.gettrace()\nsys.settrace(None)\nf()\n"
                   "sys.settrace(old)\nf()\nf()\nprint('fine')\n")
        done = self.pytrace("--count", *engine, "borrows.py")
        self.assertEqual((0, "fine\n"), (done.status, done.out), done.err)
        if "settrace" in engine:
            self.assertIn("took the trace function", done.err)
        else:
            self.assertIn("    1: f()\n    1: f()\n    1: print('fine')\n",
                          self.listing("borrows"))

    def test_trace_function_given_back(self):
        self.check_trace_function_given_back()

    def test_trace_function_given_back_to_callback_engine(self):
        self.check_trace_function_given_back("--engine", CALLBACK_ENGINE)

    def test_program_takes_the_trace_function(self):
        self.write("takes.py", "import sys\ndef tracer(*args): pass\n"
                   "sys.settrace(tracer)\nx = 1\nsys.settrace(None)\n"
                   "y = 2\n")
        for engine in [], ["--engine", CALLBACK_ENGINE]:
            done = self.pytrace("--count", *engine, "takes.py")
            self.assertEqual(0, done.status)
            self.assertIn("    1: sys.settrace(tracer)\n",
                          self.listing("takes"))
            if "settrace" in engine:
                self.assertIn("took the trace function", done.err)
            else:
                self.assertQuiet(done)
                self.assertIn("    1: y = 2\n", self.listing("takes"))


if __name__ == "__main__":
    unittest.main()
