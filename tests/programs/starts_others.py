"""Starts Python again in every usual way; none of these are traced."""
import multiprocessing
import os
import subprocess
import sys

PEEK = ("import os, sys; print(sorted(name for name in os.environ if 'PYT' in "
        "name), os.environ.get('PYTHONPATH'), sys.path[1:2], "
        "[name for name in sys.modules if 'pytrace' in name], "
        "[fd for fd in os.listdir('/proc/self/fd') if int(fd) > 5])")


def peek(**options):
    print(subprocess.run([sys.executable, "-c", PEEK], text=True, check=True,
                         stdout=subprocess.PIPE, **options).stdout, end="")


def other():
    exec(PEEK)


if __name__ == "__main__":
    peek()
    peek(env={"PATH": os.environ["PATH"]})
    os.environ["PYTHONPATH"] = "/changed"
    peek()
    peek(close_fds=False)
    sys.stdout.flush()
    os.system(f'{sys.executable} -c "{PEEK}"')
    os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", PEEK])
    process = multiprocessing.get_context("spawn").Process(target=other)
    process.start()
    process.join()
    print(process.exitcode)
