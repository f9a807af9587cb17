"""Threads with shared and own work; each does a fixed share of it."""
import threading
import time
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
totals = {}


def digits(number):
    count = 0  # hits: 1700
    while number:  # hits: 6778
        number //= 10  # hits: 5078
        count += 1  # hits: 5078
    return count  # hits: 1700


def work(name, first, last):
    total = 0  # hits: 4
    for number in range(first, last):  # hits: 1204
        total += digits(number)  # hits: 1200
        if number % 100 == 0:  # hits: 1200
            time.sleep(0)  # hits: 12
    with lock:
        totals[name] = total  # hits: 4


class Worker(threading.Thread):
    def __init__(self, share):
        super().__init__(name=f"worker {share}")  # hits: 4
        self.share = share
        self.found = []

    def run(self):
        for number in range(self.share, 200, 4):  # hits: 204
            if number % 7 == 0:  # hits: 200
                self.found.append(number)  # hits: 29


threads = [threading.Thread(target=work, args=(i, i * 300, i * 300 + 300))
           for i in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(totals.items()))

workers = [Worker(share) for share in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print([len(worker.found) for worker in workers])

with ThreadPoolExecutor(3) as pool:
    print(sum(pool.map(digits, range(500))))
