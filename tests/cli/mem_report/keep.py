keep = []
for i in range(100):
    keep.append(bytes(10000))
