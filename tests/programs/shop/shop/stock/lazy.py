"""Only a docstring and one function."""
def loaded(): return __name__
