"""Eight threads in the same functions, switched as often as can be."""
import importlib
import sys
import threading

ROUNDS = 3000


def fails(n):
    if n % 3 == 0:  # hits: 24000
        raise ValueError(n)  # hits: 8000
    return n  # hits: 16000


def numbers():
    for n in range(ROUNDS):  # hits: 24008
        yield n  # hits: 24000


def work(barrier):
    barrier.wait()  # hits: 8
    importlib.import_module("imported")  # hits: 8
    total = 0  # hits: 8
    for n in numbers():  # hits: 24008
        try:
            total += fails(n)  # hits: 24000
        except ValueError:  # hits: 8000
            total -= 1  # hits: 8000
        finally:
            n = None  # hits: 24000
    return total  # hits: 8


sys.setswitchinterval(1e-6)
barrier = threading.Barrier(8)
threads = [threading.Thread(target=work, args=(barrier,)) for _ in range(8)]
for thread in threads:
    thread.start()  # hits: 8
for thread in threads:
    thread.join()  # hits: 8
