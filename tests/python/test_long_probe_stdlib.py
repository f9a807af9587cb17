"""Tests of the standard library under probes: same outcomes, same counts.

Counts are compared with the callback engine's, file by file: of the test
module alone, for what it uses is partly imported before either. Differences
that are explained in docs/versions.md are named here.
"""

import re
import sys
import unittest

import support
from support import Case, listed_hits, standard_tests

CALLBACK_ENGINE = "monitoring" if hasattr(sys, "monitoring") else "settrace"
MODULES = """test_with test_raise test_except_star test_textwrap test_fractions
test_contextlib test_generators test_dataclasses test_patma test_coroutines
test_asyncgen test_exceptions test_functools test_enum test_argparse
test_configparser test_json test_typing test_contextlib_async test_traceback
test_sys_settrace test_exception_group test_listcomps test_named_expressions
test_scope test_class test_decorators test_yield_from test_super test_string
test_shlex test_copy test_pprint test_graphlib test_bisect test_heapq
test_calendar test_descr test_unpack test_keywordonlyarg""".split()
# Callbacks are off while they trace themselves, or they are not the same
# twice, or look at their code; docs/versions.md tells for each.
UNLIKE = {"test_patma", "test_sys_settrace", "test_scope", "test_enum",
          "test_exceptions", "test_class", "test_functools", "test_descr",
          "test_heapq", "test_bisect", "test_pprint"}
# Where exceptions are thrown in, callbacks miss lines (docs/versions.md).
CALLBACKS_DIFFER = re.compile(r"\byield\b|\bawait\b|\basync\b")
OUTCOME = re.compile(r"^(Ran \d+ tests?|OK.*|FAILED.*|ERROR:.*|FAIL:.*)",
                     re.MULTILINE)
RUN = """\
import sys, test.support, unittest
test.support.no_tracing = lambda f: f
unittest.main("test." + sys.argv.pop(1), verbosity=0)
"""


class StandardLibraryTest(Case):

    def setUp(self):
        super().setUp()
        support.TIMEOUT_SECONDS = 900
        self.write("run.py", RUN)

    def outcome(self, done):
        return [line.partition(" in ")[0] for line in OUTCOME.findall(
            done.err)]

    def without_skips(self, done):
        """Some tests are left out where sys.gettrace() gives something."""
        return [re.sub(r"skipped=\d+(, )?| \(skipped=\d+\)", "", line)
                for line in self.outcome(done)]

    def hits(self, module):
        """(file, line) -> hits, for a test module or package; and text."""
        text, hits = {}, {}
        for path in sorted(self.scratch.glob(f"test.{module}*.cover")):
            listing = path.read_text()
            for line, count in listed_hits(listing).items():
                hits[path.name, line] = count
                text[path.name, line] = listing.splitlines()[line - 1]
            path.unlink()
        self.assertTrue(hits, f"no listing of {module}")
        return text, hits

    def check(self, module):
        options = ["--count", "--all", "-C", self.scratch]
        plain = self.python("run.py", module)
        callbacks = self.pytrace(*options, "--engine", CALLBACK_ENGINE,
                                 "run.py", module)
        _, wanted = self.hits(module)
        probes = self.pytrace(*options, "--engine", "probe", "run.py", module)
        text, found = self.hits(module)
        self.assertEqual(self.outcome(plain), self.outcome(probes))
        self.assertEqual(self.without_skips(plain),
                         self.without_skips(callbacks))
        if module not in UNLIKE:
            differ = [f"{text[place]} callbacks {wanted.get(place)}"
                      for place in found
                      if found[place] != wanted.get(place) and
                      not CALLBACKS_DIFFER.search(text[place])]
            self.assertEqual([], differ)

    def test_modules(self):
        for module in standard_tests(*MODULES):
            with self.subTest(module):
                self.check(module)


if __name__ == "__main__":
    unittest.main()
