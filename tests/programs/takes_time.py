"""Times by construction: a line that says `takes: 20` sleeps so many
milliseconds in all, and a region between two readings of the clock takes in
all its lines take. What is between is printed, in nanoseconds."""
import threading
import time


def recurses(depth):
    time.sleep(0.004)  # takes: 12
    if depth:
        recurses(depth - 1)


def generates(count):
    for number in range(count):
        time.sleep(0.005)  # takes: 15
        yield number
        time.sleep(0.003)  # takes: 9


def raises():
    try:
        time.sleep(0.006)  # takes: 6
        raise ValueError
    finally:
        time.sleep(0.002)  # takes: 2


def sorts_by(number):
    time.sleep(0.001)  # takes: 4
    return -number


def works():
    recurses(2)
    for _ in generates(3):
        time.sleep(0.002)  # takes: 6
    try:
        raises()
    except ValueError:
        time.sleep(0.003)  # takes: 3
    sorted(range(4), key=sorts_by)
    generator = generates(9)
    generator.close()
    [time.sleep(0.001) for _ in range(5)]  # takes: 5


def main():
    begin = time.monotonic_ns()  # clock
    works()
    end = time.monotonic_ns()  # clock
    print(end - begin)


main()
thread = threading.Thread(target=lambda: time.sleep(0.02))  # takes: 20
thread.start()
thread.join()
