"""Nothing to run but this,

over some lines.
"""
"""and this"""
...


def f():
    """A docstring
    of two lines."""


class C:
    """Another."""


f()
C()
