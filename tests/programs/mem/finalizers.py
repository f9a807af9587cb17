"""__del__ and weakref callbacks that allocate while blocks are freed."""
import gc
import weakref

log = []


class Noisy:
    def __init__(self, number):
        self.number = number
        self.load = "load %d" % number

    def __del__(self):
        log.append("gone %d with %s" % (self.number, self.load))


for number in range(1500):
    Noisy(number)
cycles = []
for number in range(300):
    first, second = Noisy(number), Noisy(number + 10000)
    first.other, second.other = second, first
del first, second
gc.collect()
watched = [Noisy(n) for n in range(200)]
refs = [weakref.ref(x, lambda ref: log.append(["ref"])) for x in watched]
del watched[50:]
del number
