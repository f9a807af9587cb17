"""No space from any byte on: test_full_disk at PT_FULL_MOMENTS (40) places.

The message of a failure has the place.
"""

import os
import random
import unittest

from full_disk import OPTIONS, FullDiskCase, has_tmpfs

MOMENTS = int(os.environ.get("PT_FULL_MOMENTS", "40"))
PLENTY = 1 << 28
PAGE = 4096


class AnyByteTest(FullDiskCase):

    def check_growing(self, run):
        for options in OPTIONS:
            self.assertFalse(self.check_run(run(options, PLENTY), options))
            whole = self.path.stat().st_size
            fulls = 0
            for _ in range(MOMENTS):
                bytes_ = random.randrange(2 * PAGE, whole)
                with self.subTest(options=options, bytes_=bytes_):
                    fulls += self.check_run(run(options, bytes_), options)
            # Another run may take a page less, but not by much.
            self.assertGreater(fulls, MOMENTS // 2)

    def test_limit_of_a_file(self):
        self.check_growing(self.run_with_limit)

    @has_tmpfs
    def test_full_disk(self):
        # Of a disk only whole pages can be had.
        self.check_growing(lambda options, bytes_: self.run_on_tmpfs(
            options, bytes_ & -PAGE))


if __name__ == "__main__":
    unittest.main()
