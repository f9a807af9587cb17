"""Code that leaves the process: marshal, multiprocessing's spawn."""
import marshal
import multiprocessing
import types


def work(n):
    total = 0
    for i in range(n):
        total += i if i % 2 else 1
    return total


def sent():
    try:
        data = marshal.dumps(work.__code__)
    except ValueError as error:
        return str(error)
    return types.FunctionType(marshal.loads(data), globals())(10)


if __name__ == "__main__":
    print(sent())
    source = compile("def h(n):\n    return n or 1\n", "text", "exec")
    print(len(marshal.dumps(source)) > 0)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(work, [3, 4]))
