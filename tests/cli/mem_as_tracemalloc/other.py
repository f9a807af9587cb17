def fill(kept, count):
    for _ in range(count):
        kept.append(bytes(300))
