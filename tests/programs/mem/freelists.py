"""Objects that come off free lists where the interpreter has them."""

kept = []
for turn in range(3000):
    short = [turn]
    pair = (turn, turn + 1.5)
    number = turn * 0.5
    del short
    if turn % 5 == 0:
        kept.append((pair, number, {"turn": turn}))
methods = [kept.append for _ in range(500)]
ranges = [slice(n, n + 1) for n in range(500)]
