def count(words):
    found = {}
    for word in words:
        found[word] = 1
    return found


def rest():  # pragma: no cover
    if found:
        return 1


if not count(""):
    print()  # pragma: no cover
if count(""):
    print()  # pragma: no cover
