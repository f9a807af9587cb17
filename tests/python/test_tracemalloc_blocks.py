# SPDX-License-Identifier: MIT
"""Every way to make, resize and free a block, against a plain dictionary."""
import json
import os
import unittest

from test_tracemalloc_foreign import EXTENSIONS, run_code

# Calls of the allocators in random order, each kind on a line of its own on
# which nothing else is allocated. `model` is what must live at the end.
CALLS = """
    import blocks, importlib, json, random, sys
    tracer = importlib.import_module(sys.argv[1])
    chance = random.Random(int(sys.argv[2]))
    new, resize, free = blocks.new, blocks.resize, blocks.free
    RAW, MEM, OBJ = range(3)
    HUGE = sys.maxsize
    SIZES = [0, 1, 8, 15, 16, 17, 100, 500, 511, 512, 513, 1000, 4096, 10000,
             32768, 100000, 1 << 20]

    def malloc(domain, slot, size):
        return new(domain, slot, size, 1)
    def calloc(domain, slot, size):
        return new(domain, slot, size, 8)
    def realloc(domain, slot, size):
        return resize(domain, slot, size)

    MALLOC, CALLOC, REALLOC = LINES = [
        one.__code__.co_firstlineno + 1 for one in (malloc, calloc, realloc)]

    model, before = {}, set()
    def turn():
        slot = chance.randrange(300)
        domain, size = slot % 3, chance.choice(SIZES)
        what = chance.randrange(12)
        if slot not in model and slot not in before:
            if what < 4:
                assert malloc(domain, slot, size)
                model[slot] = MALLOC, size
            elif what < 8:
                assert calloc(domain, slot, size)
                model[slot] = CALLOC, size * 8
            elif what < 10:
                assert realloc(domain, slot, size)  # of no block
                model[slot] = REALLOC, size
            else:
                assert not malloc(domain, slot, HUGE)
                assert not calloc(domain, slot, HUGE // 8)
                assert not realloc(domain, slot, HUGE)
        elif what < 5:
            assert realloc(domain, slot, size)
            model[slot] = REALLOC, size
            before.discard(slot)
        elif what < 6:
            assert not realloc(domain, slot, HUGE)  # as it was
        else:
            free(domain, slot)
            model.pop(slot, None)
            before.discard(slot)

    def turns(count):
        for _ in range(count):
            turn()

    turns(500)  # blocks born before the start,
    before, model = set(model), {}
    tracer.start()
    turns(15000)
    tracer.stop()
    turns(500)  # and while nobody looks
    before, model = set(model) | before, {}
    tracer.start()
    turns(15000)
    found = sorted((trace.traceback[0].lineno, trace.size)
                   for trace in tracer.take_snapshot().traces
                   if trace.traceback[0].filename == "<string>"
                   and trace.traceback[0].lineno in LINES)
    assert found == sorted(model.values())
    for slot in set(model) | before:
        free(slot % 3, slot)
    left = [trace.size for trace in tracer.take_snapshot().traces
            if trace.traceback[0].filename == "<string>"
            and trace.traceback[0].lineno in LINES]
    assert not left, left
    tracer.stop()
    print(json.dumps(found))
    """


@unittest.skipUnless(os.path.isdir(EXTENSIONS),
                     "no test extension: set PT_TEST_EXTENSIONS")
class Blocks(unittest.TestCase):
    def test_against_a_dictionary(self):
        for seed in range(3):
            with self.subTest(seed=seed):
                standard, ours = [
                    json.loads(run_code(CALLS, module, str(seed)))
                    for module in ("tracemalloc", "pytrace.tracemalloc")]
                self.assertGreater(len(ours), 100)
                self.assertEqual(ours, standard)


if __name__ == "__main__":
    unittest.main()
