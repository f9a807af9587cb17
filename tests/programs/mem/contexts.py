"""One place reached over many ways: closures, partials, decorators."""
import functools

kept = []


def counted(function):
    @functools.wraps(function)
    def wrapper(*args):
        kept.append(("call", len(kept)))
        return function(*args)
    return wrapper


@counted
def leaf(n):
    return ["leaf", n, str(n)]


@counted
def middle(n):
    return [leaf(n), leaf(n + 1000)]


def by_map(n):
    return list(map(middle, range(n)))


results = by_map(100) + [functools.partial(middle, n)() for n in range(100)]
ordered = sorted(results, key=lambda item: str(item[0][1]))
