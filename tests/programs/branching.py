"""Every kind of line that decides; a comment says where it may go and how
often it does, exit being the end of the function; "no" is for lines that look
like a decision and are none."""


def early(number):
    if number > 2:  # ways: 8:0 exit:2
        return "big"


def loops(items):
    for item in items:  # ways: 13:3 17:1
        if item and item != 3:  # ways: 14:1 15:2
            continue
        print(item, end=" ")
    else:
        print("done")
    while items:  # ways: 19:3 exit:1
        items.pop()


def breaks(items):
    for item in items:  # ways: 24:1 exit:0
        if item:  # ways: 23:0 25:1
            break


def yields(count):
    for number in range(count):  # ways: 30:4 exit:1
        got = yield number
        if got:  # ways: 29:2 32:1
            print("got", got)


def catches(function):
    try:
        function()
    except ValueError:  # ways: 39:1 40:1
        print("value")
    except KeyError as error:  # ways: no
        print("key", error)
    finally:
        print("finally")


def raises(kind):
    raise kind("x")


def never(flag):
    if flag:
        return 1
    return 2


def excused(flag):
    if flag:  # pragma: no cover
        print("never")


def recurses(depth):
    if depth:  # ways: 63:3 64:1
        recurses(depth - 1)
    return depth


def one_liners(flag):
    listed = [item for item in range(4) if item]  # ways: no
    chosen = 1 if flag else 2  # ways: no
    for item in listed: chosen += item  # ways: no
    either = flag or chosen  # ways: no
    assert either  # ways: no
    with open("/dev/null") as file:  # ways: no
        file.read()
    return listed


def matches(value):
    match value:  # ways: no
        case 1:  # ways: 81:1 82:1
            return "one"
        case [_, *_]:  # ways: 83:1 84:0
            return "list"
        case _:
            return "other"


async def waits(items):
    async for item in items:  # ways: no
        if item:  # ways: 89:1 91:2
            print("async", item)


async def gives():
    for item in [0, 1, 2]:  # ways: 96:3 exit:1
        yield item


def main():
    early(1)
    early(1)
    loops([1, 0, 3])
    breaks([1])
    values = yields(3)
    next(values)
    values.send(4)
    values.close()
    list(yields(2))
    catches(lambda: raises(ValueError))
    catches(lambda: raises(KeyError))
    excused(0)
    recurses(3)
    one_liners([])
    matches(1)
    matches([1, 2])
    try:
        waits(gives()).send(None)
    except StopIteration:
        print("end")


if __name__ == "__main__":  # ways: 123:1 exit:0
    main()
