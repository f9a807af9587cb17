"""What the golden recordings are recordings of."""
import _thread  # hits: 1
import os  # hits: 1
import sys  # hits: 1

import pytrace  # hits: 1


def fill(count):  # hits: 1
    made = []
    for number in range(count):
        made.append(bytes(1000 + number))
    return made


def halves(number):  # hits: 1
    while number > 1:
        number //= 2
        yield number


def work(count, lock):  # hits: 1
    fill(count)
    lock.release()


kept = []  # hits: 1
pytrace.mark("begin")  # hits: 1
for turn in range(3):  # hits: 4
    with pytrace.span("turn"):  # hits: 6
        kept.append(fill(4))  # hits: 3
        sum(halves(100))  # hits: 3
if "fork" in sys.argv:  # hits: 1
    lock = _thread.allocate_lock()
    lock.acquire()
    _thread.start_new_thread(work, (5, lock))
    lock.acquire()
    child = os.fork()
    if child == 0:
        fill(2)
        os._exit(0)
    os.waitpid(child, 0)
if "snapshot" in sys.argv:  # hits: 1
    pytrace.snapshot("half")
    kept.append(fill(6))
pytrace.mark("end")  # hits: 1
