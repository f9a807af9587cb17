"""A package that can be run."""


def named(text):
    return text.title()
