"""make.py - make the golden recordings, with what is to be read in them.

    PYTRACE=... PY=... PYTHONPATH=... python tests/golden/make.py [NAME...]

Each is a run of shop.py, or what PROGRAM says, packed by gzip, and beside it, NAME.txt, what the
commands of SESSION printed of it. They are kept for ever: a new format gets
new ones beside the old. Look at the texts before you commit them; what they
say is also compared with what tests/python/recording_reader.py reads, and the
hits with the comments in shop.py.

Process ids, times and addresses differ from one making to the next.
"""

import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WORK = pathlib.Path("/tmp/pytrace-golden")  # the recordings name it
SOURCE_SECONDS = 1700000000  # when shop.py was changed last
RUNS = {
    "count": ["--count", "--mem"],
    "fork": ["--count", "--mem", "--timeline=all"],
    "snapshot": ["--count", "--mem"],
    "probe": ["--count"],
    "branch": ["--count", "--branch", "--line-times", "--trackcalls"],
    "sample": ["--mem=sample"],
    "events": ["--count", "--mem", "--timeline=all"],
    "native": ["--mem", "--native", "--native-stacks", "--mem-churn",
               "--timeline=allocs"],
    "lifetime": ["--mem", "--mem-lifetime"],
}
COMBINED = {"combined": ["fork", "count"]}  # of these
NAMES = [*RUNS, *COMBINED]
SESSION = [
    "info {0}",
    "check {0}",
    "report --missing --mem-filter *shop.py {0}",
    "export --to csv --filter *shop.py {0}",
    "dump --kind [!acfl]* --kind fork {0}",
    "dump --kind alloc --min-size 1033 --max-size 1038 {0}",
]
BESIDE = {
    "snapshot": ["diff --filter *shop.py {0}@half {0}"],
    "branch": ["export --to lcov --filter *shop.py {0}",
               "report --callgraph json --missing --times-top 3 {0}"],
    "events": ["dump --limit 20 --function halve {0}"],
    "combined": ["report --per-process --mem-filter *shop.py {0}"],
    # The account; the names of functions are in files that change.
    "native": ["dump --kind account {0}"],
}
PROGRAM = {"sample": "hoard.py", "events": "busy.py"}
# A report of native memory names functions of libraries, which are elsewhere
# tomorrow.
WITHOUT = {"native": "report", "events": "dump --kind"}


def unpack(name, directory):
    """Put a golden recording and its source into a directory: its path."""
    path = pathlib.Path(directory, f"{name}.recording")
    packed = (HERE / f"{name}.recording.gz").read_bytes()
    path.write_bytes(gzip.decompress(packed))
    copy_program(name, directory)
    return path


def copy_program(name, directory):
    program = PROGRAM.get(name, "shop.py")
    shutil.copy(HERE / program, directory)
    os.utime(pathlib.Path(directory, program), (SOURCE_SECONDS,) * 2)
    return program


def session(pytrace, name):
    """What the commands print of a golden recording."""
    told = []
    with tempfile.TemporaryDirectory() as directory:
        path = unpack(name, directory)
        for line in SESSION + BESIDE.get(name, []):
            if name in WITHOUT and line.startswith(WITHOUT[name]):
                continue
            line = line.replace("*shop.py", "*" + PROGRAM.get(name, "shop.py"))
            line = line.format(path.name)
            done = subprocess.run([pytrace, *line.split()], cwd=directory,
                                  capture_output=True, text=True, timeout=60)
            told.append(f"$ pytrace {line}\n{done.stdout}{done.stderr}"
                        f"status {done.returncode}\n")
    return "\n".join(told)


def make(name):
    """Run shop.py, or combine such runs, and keep the recording."""
    program = copy_program(name, WORK)
    recording = WORK / f"{name}.recording"
    words = ["combine", "-o", recording,
             *(unpack(part, WORK) for part in COMBINED.get(name, ()))]
    if name in RUNS:
        words = [*RUNS[name], "--python", os.environ["PY"],
                 "-C", "listings", "-o", recording, program, name]
    subprocess.run([os.environ["PYTRACE"], *words],
                   cwd=WORK, check=True, stdout=subprocess.DEVNULL)
    packed = gzip.compress(recording.read_bytes(), mtime=0)
    (HERE / f"{name}.recording.gz").write_bytes(packed)


def main():
    names = sys.argv[1:] or NAMES
    WORK.mkdir()
    try:
        for name in names:
            make(name)
    finally:
        shutil.rmtree(WORK)
    for name in names:
        told = session(os.environ["PYTRACE"], name)
        (HERE / f"{name}.txt").write_text(told)


if __name__ == "__main__":
    main()
