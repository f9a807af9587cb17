"""Does some work, then ends as its argument says."""
import atexit
import ctypes
import os
import signal
import sys
import threading
import time

kept = []


def work(n):
    for i in range(n):  # hits: 101
        kept.append(bytes(1000 + i))  # hits: 100
    return n  # hits: 1


def fall(depth):
    if depth:  # hits: 4
        fall(depth - 1)  # hits: 3
    end(sys.argv[1])  # hits: 1


def run_on():
    while True:
        time.sleep(0.01)


def end(how):
    if how == "exception":
        raise ValueError("on purpose")
    if how == "exit":
        sys.exit(3)
    if how == "message":
        sys.exit("a last word")
    if how == "_exit":
        os._exit(4)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "abort":
        os.abort()
    if how == "daemon":
        threading.Thread(target=run_on, daemon=True).start()
        time.sleep(0.05)
        sys.exit(6)
    if how == "exec":
        os.execv("/bin/sh", ["sh", "-c", "echo other; exit 7"])
    if how == "recursion":
        end(how)
    if how == "handler":
        atexit.register(kept.clear)
        signal.signal(signal.SIGTERM, lambda *details: sys.exit(9))
        os.kill(os.getpid(), signal.SIGTERM)
    if how == "wait":
        print("waiting", flush=True)
        time.sleep(60)
    os.kill(os.getpid(), getattr(signal, how))


work(100)  # hits: 1
fall(3)  # hits: 1
