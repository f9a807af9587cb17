"""No space from any page on: as test_full_disk, at every place of growth.

Space is taken by the page, so between two pages nothing differs but what the
kernel does of a limit; these are tried at random.
"""

import itertools
import random
import unittest

from full_disk import OPTIONS, FullDiskCase, has_tmpfs

ENOUGH = 60  # runs in a row that found all the space they wanted


class EveryPageTest(FullDiskCase):

    def check_growing(self, run):
        for options in OPTIONS:
            fulls, enough = 0, 0
            for pages in itertools.count(2):
                with self.subTest(options=options, pages=pages):
                    is_full = self.check_run(run(options, pages), options)
                fulls += is_full
                enough = 0 if is_full else enough + 1
                if enough == ENOUGH:
                    break
            self.assertGreater(fulls, 20)

    def test_limit_of_a_file(self):
        self.check_growing(lambda options, pages: self.run_with_limit(
            options, pages * 4096 + random.randrange(4096)))

    @has_tmpfs
    def test_full_disk(self):
        self.check_growing(lambda options, pages: self.run_on_tmpfs(
            options, pages * 4096))


if __name__ == "__main__":
    unittest.main()
