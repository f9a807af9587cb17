"""Class bodies: nested, with loops, metaclasses, slots and hooks."""


class Meta(type):
    def __new__(mcs, name, bases, namespace, **extra):
        cls = super().__new__(mcs, name, bases, namespace)
        cls.extra = extra
        return cls

    def __call__(cls, *args):
        return super().__call__(*args)


class Outer(metaclass=Meta, mark=1):
    """With a docstring."""
    table = {}
    for key in "ab":
        table[key] = key * 2
    if table:
        kept = True
    else:
        kept = False

    class Inner:
        __slots__ = ("value",)

        def __init__(self, value):
            self.value = value

        def __eq__(self, other): return self.value == other.value

    def __init__(self):
        self.inner = self.Inner(1)

    def __init_subclass__(cls, **kwargs):
        cls.seen = True

    def __getattr__(self, name):
        return f"no {name}"


class Sub(Outer):
    pass


def make(n):
    class Local:
        number = n

        def get(self):
            return self.number + n
    return Local


print(Outer.table, Outer.extra, Sub().missing, Sub.seen)
print(Outer().inner == Sub().inner, [make(i)().get() for i in range(3)])
