"""Float arithmetic in straight lines: bodies that pull at each other."""
import math


def make_bodies():
    return [[math.cos(i), math.sin(i), 0.1 * i, 0.0, 0.0, 0.0, 1.0 / (i + 1)]
            for i in range(5)]


def step(bodies, dt):
    for i, a in enumerate(bodies):
        for b in bodies[i + 1:]:
            dx = a[0] - b[0]
            dy = a[1] - b[1]
            dz = a[2] - b[2]
            distance = dx * dx + dy * dy + dz * dz + 0.01
            force = dt / (distance * math.sqrt(distance))
            a[3] -= dx * b[6] * force
            a[4] -= dy * b[6] * force
            a[5] -= dz * b[6] * force
            b[3] += dx * a[6] * force
            b[4] += dy * a[6] * force
            b[5] += dz * a[6] * force
    for body in bodies:
        body[0] += dt * body[3]
        body[1] += dt * body[4]
        body[2] += dt * body[5]


def main(scale):
    bodies = make_bodies()
    for _ in range(int(20000 * scale)):
        step(bodies, 0.001)
    return sum(body[0] for body in bodies)
