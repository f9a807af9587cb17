from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any, Literal

__all__ = ["RecordingError", "check", "combine", "diff", "events", "export",
           "info", "leaks", "report", "top"]

_Path = str | PathLike[str]
_Format = Literal["json", "csv", "lcov", "cobertura", "coveragepy",
                  "collapsed", "speedscope", "pprof", "chrome", "perfetto"]
_Value = Literal["kept", "kept-blocks", "peak", "peak-blocks", "allocated",
                 "allocated-blocks", "hits", "time", "native",
                 "native-blocks", "native-allocated",
                 "native-allocated-blocks"]

class RecordingError(Exception): ...

def info(path: _Path) -> dict[str, Any]: ...
def check(path: _Path) -> list[str]: ...
def combine(paths: Iterable[_Path], output: _Path, *,
            relative: bool = ...) -> None: ...
def diff(before: _Path, after: _Path, *,
         group: Literal["lineno", "function", "filename",
                        "traceback"] = ...,
         filter: Sequence[str] = ...,
         omit: Sequence[str] = ...) -> dict[str, Any]: ...
def leaks(path: _Path, *, span: str | None = ...,
          filter: Sequence[str] = ...,
          omit: Sequence[str] = ...) -> dict[str, Any]: ...
def export(path: _Path, to: _Format, *, output: _Path | None = ...,
           value: _Value | None = ..., filter: Sequence[str] = ...,
           omit: Sequence[str] = ..., per_process: bool = ...) -> Any: ...
def report(path: _Path, **options: Any) -> str: ...
def top(path: _Path, *, lines: int = ...) -> str: ...
def events(path: _Path, *, kind: str | Sequence[str] = ...,
           file: Sequence[str] = ..., omit: Sequence[str] = ...,
           function: Sequence[str] = ..., thread: int | None = ...,
           process: int | None = ..., min_size: int | None = ...,
           max_size: int | None = ..., since: float | None = ...,
           until: float | None = ...,
           limit: int | None = ...) -> Iterator[dict[str, Any]]: ...
