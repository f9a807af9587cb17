"""A server that leaks: docs/leaks.md finds out where.

It answers requests that it sends itself. Three things grow: a table made once
at the start, a cache that fills and then stays as large as it is, and what the
log of requests keeps, which nobody ever reads.
"""
import collections
import sys

import pytrace

CACHE_PAGES = 64


class Cache:
    """The pages used last."""

    def __init__(self, pages):
        self.pages = collections.OrderedDict()
        self.limit = pages

    def get(self, path):
        if path not in self.pages:
            self.pages[path] = render(path)
            if len(self.pages) > self.limit:
                self.pages.popitem(last=False)
        self.pages.move_to_end(path)
        return self.pages[path]


class Log:
    """What was asked for, for whoever may want to know."""

    def __init__(self):
        self.entries = []

    def note(self, path, answer):
        self.entries.append(path.encode() + answer[:1000])


def render(path):
    return path.encode() * 200


def load_table():
    return {number: str(number) * 10 for number in range(2000)}


def handle(path, cache, log, table):
    answer = cache.get(path) + table[len(path)].encode()
    log.note(path, answer)
    return answer


def main(requests):
    cache, log, table = Cache(CACHE_PAGES), Log(), None
    for number in range(1, requests + 1):
        with pytrace.span("request"):
            table = table or load_table()
            handle(f"/page/{number * 7919 % 200}", cache, log, table)
        if number % 25 == 0:
            pytrace.snapshot(f"after {number}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
