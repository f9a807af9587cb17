"""Programs that use coverage.py, under us and inside our tracers.

It is fetched for the test; where no index can be reached it is skipped.
"""

import os
import unittest

import support
import test_other_tools

COVERS = '''
def main():
    import coverage
    cover = coverage.Coverage(data_file=None, branch=True, include=__file__)
    cover.start()
    work()
    cover.stop()
    data = cover.get_data()
    print(sorted(data.lines(__file__)))
    print(sorted(data.arcs(__file__)))
'''


class CoverageInside(test_other_tools.Guests):
    programs = {"coverage": COVERS}

    @classmethod
    def setUpClass(cls):
        cls.path = os.pathsep.join([support.PACKAGE,
                                    support.fetch(cls, "coverage")])


if __name__ == "__main__":
    unittest.main()
