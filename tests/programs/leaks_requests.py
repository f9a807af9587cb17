"""A server that keeps one buffer for each request it answers."""
import sys

log = []


def answer(request):
    body = bytearray(1000)
    log.append(bytes(2000))
    return len(body) + request


def serve(requests):
    total = 0
    for request in range(requests):
        total += answer(request)
    return total


print(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
