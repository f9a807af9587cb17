"""No space for the recording: nobody notices but the report."""

import unittest

from full_disk import OPTIONS, FullDiskCase, has_tmpfs


class FullDiskTest(FullDiskCase):

    # Beyond the header; each is another segment's first growth.
    PAGES = 2, 3, 7, 12, 33, 46, 77, 110, 140

    def test_limit_of_a_file(self):
        for at, pages in enumerate(self.PAGES):
            options = OPTIONS[at % len(OPTIONS)]
            with self.subTest(options=options, pages=pages):
                done = self.run_with_limit(options, pages * 4096 + at)
                is_full = self.check_run(done, options)
                self.assertTrue(is_full or pages > 46)

    @has_tmpfs
    def test_full_disk(self):
        for at, pages in enumerate(self.PAGES[1:]):
            options = OPTIONS[at % len(OPTIONS)]
            with self.subTest(options=options, pages=pages):
                done = self.run_on_tmpfs(options, pages * 4096)
                is_full = self.check_run(done, options)
                self.assertTrue(is_full or pages > 46)

    def test_no_room_for_a_header(self):
        for limit in 0, 1, 4095:
            done = self.run_with_limit(["--count"], limit)
            self.assertEqual((done.status, done.out), (1, ""), done.err)
            self.assertEqual(done.err, "pytrace: cannot write the recording: "
                                       "File too large\n")


if __name__ == "__main__":
    unittest.main()
