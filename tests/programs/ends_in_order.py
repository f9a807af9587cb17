"""Handlers and objects at the end, in the order in which they are called."""
import atexit
import sys
import threading
import weakref


class Last:
    def __del__(self, write=sys.stdout.write):
        write("deleted\n")


def at_end(name):
    print("atexit", name)


def fails():
    raise ValueError("at the end")


def outlives():
    threading.main_thread().join()
    print("thread after main")


last = Last()
atexit.register(at_end, 1)
atexit.register(fails)
atexit.register(at_end, 2)
weakref.finalize(last, at_end, "finalize")
threading.Thread(target=outlives).start()
print("end of program")
