"""Enough events for several packets of them."""


def halve(number):
    made = [number // 2]
    return made[0]


for turn in range(4000):
    halve(turn)
