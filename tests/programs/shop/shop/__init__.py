"""A package that imports its module while it is being imported."""
from . import basket
from .stock import items

CURRENCY = "EUR"


def lazily():
    from .stock.lazy import loaded
    return loaded()


__all__ = ["basket", "items", "lazily"]
