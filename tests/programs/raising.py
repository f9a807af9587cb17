"""Exceptions: raised, handled, grouped, passed on, and cleaned up after."""


class Refused(Exception):
    def __init__(self, reason, code=0):
        super().__init__(reason)
        self.code = code


class Resource:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return self.swallow and kind is not None


def parse(text):
    try:
        number = int(text)
    except ValueError as error:
        raise Refused(text, 7) from error
    else:
        if number < 0:
            return None
    finally:
        text = None
    return number


def nested(depth):
    try:
        if depth == 0:
            raise LookupError("bottom")
        nested(depth - 1)
    except LookupError:
        if depth % 2:
            raise
        return depth
    finally:
        depth += 1


def grouped(errors):
    seen = []
    try:
        raise ExceptionGroup("all", errors)
    except* ValueError as group:
        seen.append(len(group.exceptions))
    except* (TypeError, KeyError):
        seen.append("type or key")
    else:
        seen.append("none")
    finally:
        seen.append("end")
    return seen


def loops():
    for attempt in range(6):
        try:
            if attempt == 1:
                continue
            if attempt == 4:
                break
            1 / (attempt - 2)
        except ZeroDivisionError:
            continue
        finally:
            attempt = -1
    else:
        return "never"
    return attempt


for text in "12", "-3", "x", "":
    try:
        print(parse(text))
    except Refused as refused:
        print("refused", refused, refused.code)
for depth in range(4):
    try:
        print(nested(depth))
    except LookupError as error:
        print("lost", error)
print(grouped([ValueError(1), ValueError(2), KeyError(3)]))
print(grouped([ValueError(1), ExceptionGroup("in", [TypeError(2)])]))
print(loops())
with Resource(True), Resource(False):
    raise Refused("inside")
with Resource(False) as resource:
    resource.swallow = True
    [][1]
try:
    with Resource(False):
        {}["missing"]
except KeyError:
    print("came through")
assert resource.swallow, "never seen"
try:
    assert not resource.swallow, "seen"
except AssertionError as error:
    print(error)
