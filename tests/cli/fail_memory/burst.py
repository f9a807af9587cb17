KEPT = bytes(300000)


def burst():
    return len(bytes(3000000))


burst()
