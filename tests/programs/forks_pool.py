"""multiprocessing with fork: a process, a pool, an executor."""
import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def square(n):
    kept = bytes(100)  # hits: 130
    return n * n  # hits: 130


def send(pipe):
    for n in range(10):  # hits: 11
        pipe.send(square(n))  # hits: 10
    pipe.close()  # hits: 1


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=send, args=(theirs,))
    process.start()
    print(sum(ours.recv() for _ in range(10)))  # hits: 12
    process.join()
    with context.Pool(3) as pool:
        print(sum(pool.map(square, range(100))))  # hits: 1
        pool.close()
        pool.join()
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(sum(executor.map(square, range(20))))  # hits: 1
