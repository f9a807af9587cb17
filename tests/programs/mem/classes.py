"""Instances, slots, bound methods, properties and class creation."""


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, by):
        return Point(self.x + by, self.y + by)


class Slim:
    __slots__ = ("name", "size")

    def __init__(self, name, size):
        self.name = name
        self.size = size


points = [Point(n, n * 1.5) for n in range(4000)]
moved = [point.moved(1000) for point in points[::3]]
slim = {n: Slim("slim %d" % n, n) for n in range(3000)}
made = [type("Made%d" % n, (Point,), {"n": n}) for n in range(60)]
points[1000:3000] = []
