"""Writes between the lines, by every way to sys.stdout there is."""
import contextlib
import io
import os
import sys


def count(n):
    for i in range(n):
        i += 1
    return i


def by_methods():
    print("by print")
    count(2)
    sys.stdout.write("by write\n")
    sys.stdout.writelines(["by", " writelines\n"])
    count(1)
    sys.stdout.flush()
    sys.stdout.buffer.write(b"bytes\n")
    sys.stdout.buffer.flush()
    count(2)
    sys.stdout.flush()
    os.write(sys.stdout.fileno(), b"past all buffers\n")
    write = sys.stdout.write
    write("by a method that was kept\n")
    count(300)
    print("ä", "\U0001f600", file=sys.__stdout__)


def by_other_files():
    with contextlib.redirect_stdout(io.StringIO()) as text:
        print("kept")
        count(2)
    print(len(text.getvalue()) > 20)
    kept, sys.stdout = sys.stdout, None
    count(1)
    sys.stdout = kept
    count(1)


def by_own_function():
    seen = []
    original = sys.stdout.write
    sys.stdout.write = seen.append
    print("kept")
    count(1)
    sys.stdout.write = original
    count(1)
    del sys.stdout.write
    print(len(seen) > 3)


def reconfigured():
    sys.stdout.reconfigure(line_buffering=True)
    count(2)
    print("by lines")
    sys.stdout.reconfigure(line_buffering=False, write_through=True)
    count(2)
    print("at once")
    sys.stdout.reconfigure(write_through=False)
    count(2)


by_methods()
by_other_files()
by_own_function()
reconfigured()
count(2)
