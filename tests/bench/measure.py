"""Run one program of the benchmark and write its CPU seconds to a file.

    python measure.py RESULT PROGRAM SCALE [tracemalloc FRAMES]
"""
import importlib
import os
import sys
import time


def main():
    result, program, scale = sys.argv[1:4]
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "programs"))
    module = importlib.import_module(program)
    module.main(0.01)
    if len(sys.argv) > 4:
        import tracemalloc
        tracemalloc.start(int(sys.argv[5]))
    start = time.process_time()
    module.main(float(scale))
    seconds = time.process_time() - start
    with open(result, "w") as file:
        file.write(repr(seconds))


if __name__ == "__main__":
    main()
