"""Classes of records made by the standard library, and their objects."""
import collections
import dataclasses
import enum


@dataclasses.dataclass
class Open:
    x: int
    y: float = 2.0
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Shut:
    a: int
    b: str


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Mode(enum.IntFlag):
    READ = 1
    WRITE = 2


Triple = collections.namedtuple("Triple", "one two three", defaults=(3,))
opened = [Open(n, n / 2, [n]) for n in range(800)]
shut = sorted(Shut(n % 50, str(n)) for n in range(500))
triples = [Triple(n, n + 1)._replace(one=n) for n in range(600)]
tables = [triple._asdict() for triple in triples[:200]]
plain = [dataclasses.asdict(one) for one in opened[:100]]
colours = [Colour(n % 2 + 1) for n in range(100)]
modes = [Mode(n % 4) for n in range(100)]
ordered = collections.OrderedDict((n, str(n)) for n in range(700))
for _ in range(300):
    ordered.popitem(last=False)
groups = collections.defaultdict(list)
for number in range(3000):
    groups[number % 91].append(number)
