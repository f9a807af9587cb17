# SPDX-License-Identifier: MIT
"""Decorating functions of all kinds with a Tracer."""
import functools
import inspect


class _Steps:
    """A generator or coroutine that is traced while it runs."""

    def __init__(self, tracer, inner):
        self._tracer = tracer
        self._inner = inner

    def __iter__(self):
        return self

    __await__ = __iter__

    def __next__(self):
        return self.send(None)

    def send(self, value):
        with self._tracer:
            return self._inner.send(value)

    def throw(self, *error):
        with self._tracer:
            return self._inner.throw(*error)

    def close(self):
        with self._tracer:
            return self._inner.close()


def decorate(tracer, function):
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(decorate(tracer, function.__func__))
    if isinstance(function, type):
        raise TypeError(f"a Tracer decorates functions, not the {function!r}; "
                        f"decorate its methods")
    if not callable(function):
        raise TypeError(f"a Tracer decorates functions, not {function!r}")
    if inspect.isasyncgenfunction(function):
        @functools.wraps(function)
        async def traced(*args, **kwargs):
            inner = function(*args, **kwargs)
            # asend() and athrow() give what has a coroutine's methods.
            step = inner.asend(None)
            while True:
                try:
                    value = await _Steps(tracer, step)
                except StopAsyncIteration:
                    return
                try:
                    step = inner.asend((yield value))
                except GeneratorExit:
                    await _Steps(tracer, inner.aclose())
                    raise
                except BaseException as error:
                    step = inner.athrow(error)
    elif inspect.iscoroutinefunction(function):
        @functools.wraps(function)
        async def traced(*args, **kwargs):
            return await _Steps(tracer, function(*args, **kwargs))
    elif inspect.isgeneratorfunction(function):
        @functools.wraps(function)
        def traced(*args, **kwargs):
            return (yield from _Steps(tracer, function(*args, **kwargs)))
    else:
        @functools.wraps(function)
        def traced(*args, **kwargs):
            with tracer:
                return function(*args, **kwargs)
    return traced
