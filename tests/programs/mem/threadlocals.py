"""Threads one after the other, each with things of its own."""
import queue
import threading

local = threading.local()
seen = []


def work(size):
    local.texts = ["local %d" % n for n in range(size)]
    local.numbers = {n: n for n in range(size)}
    seen.append(len(local.texts))


for turn in range(40):
    thread = threading.Thread(target=work, args=(turn * 5,))
    thread.start()
    thread.join()
waiting = queue.Queue()
for number in range(500):
    waiting.put([number])
taken = [waiting.get() for _ in range(300)]
locks = [threading.Condition() for _ in range(50)]
