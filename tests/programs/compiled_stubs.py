"""Makes what Cython makes for its functions: code objects that have names and
lines, but no instructions."""


def total(n):
    return sum(range(n))


def stub(function, name):
    code = function.__code__
    return code.replace(co_code=bytes(len(code.co_code)),
                        co_filename="fast.pyx", co_name=name)


STUBS = [stub(total, "fast" + str(i)) for i in range(3)]
print(total(4), len(STUBS))
