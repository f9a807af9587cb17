KEEP = []


def grow(count):
    for _ in range(count):
        KEEP.append(bytes(1000))
    if count > 5:
        return "many"
    return "few"


def unused():
    return 1


grow(3)
