"""What rewriting code costs, by code object and by thousand lines.

    PYTRACE=<program> python tests/bench/rewriting.py [--rounds N]

Imports the modules of the standard library (not its packages) from .pyc files
made so that none of their code runs: it is a constant of a module that does
nothing. Prints the CPU time of that under pytrace less that without, the least
of N rounds each.
"""
import argparse
import glob
import importlib.util
import marshal
import os
import subprocess
import sys
import tempfile
import time
import types

IN_PROCESS = "--in-process"


def count(code):
    return 1 + sum(count(constant) for constant in code.co_consts
                   if isinstance(constant, types.CodeType))


def write_modules(directory):
    """(number of code objects, number of lines) that were written."""
    objects = lines = 0
    header = importlib.util.MAGIC_NUMBER + bytes(12)
    library = os.path.dirname(os.__file__)
    for path in sorted(glob.glob(os.path.join(library, "*.py"))):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = "corpus_" + os.path.basename(path)
        holder = compile("pass", name, "exec")
        holder = holder.replace(co_consts=holder.co_consts + (
            compile(text, name, "exec", dont_inherit=True),))
        with open(os.path.join(directory, name + "c"), "wb") as file:
            file.write(header + marshal.dumps(holder))
        objects += count(holder)
        lines += text.count("\n")
    return objects, lines


def measure(directory, result):
    files = sorted(glob.glob(os.path.join(directory, "*.pyc")))
    names = [os.path.splitext(os.path.basename(file))[0] for file in files]
    sys.path.insert(0, directory)
    start = time.process_time()
    for name in names:
        __import__(name)
    seconds = time.process_time() - start
    with open(result, "w") as file:
        print(seconds, file=file)


def seconds(command, directory):
    result = os.path.join(directory, "result")
    subprocess.run([*command, os.path.abspath(__file__), IN_PROCESS, directory,
                    result], check=True, cwd=directory,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(result) as file:
        return float(file.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    plain = [sys.executable]
    counted = [os.environ.get("PYTRACE", "pytrace"),
               f"--python={sys.executable}", "--count"]
    with tempfile.TemporaryDirectory() as directory:
        objects, lines = write_modules(directory)
        rounds = [(seconds(plain, directory), seconds(counted, directory))
                  for _ in range(options.rounds)]
    spent = (min(round[1] for round in rounds) -
             min(round[0] for round in rounds))
    print("CPython %d.%d.%d, %d code objects, %d lines: %.2f us a code "
          "object, %.3f ms a thousand lines"
          % (*sys.version_info[:3], objects, lines, spent / objects * 1e6,
             spent / lines * 1e6))


if __name__ == "__main__":
    if sys.argv[1:2] == [IN_PROCESS]:
        measure(*sys.argv[2:])
    else:
        main()
