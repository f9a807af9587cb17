import os

keep = []


def work(n):
    for i in range(n):
        keep.append(bytes(5000))


if os.fork() == 0:
    work(20)
    os._exit(0)
os.wait()
work(10)
