import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType, FrameType
from typing import Any, ParamSpec, TypeVar

import pytrace.tracemalloc as tracemalloc

__all__ = ["Trace", "CoverageResults"]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Function = tuple[str, str | None, str]  # file, module, function
_Path = str

PRAGMA_NOCOVER: str

class CoverageResults:
    counts: dict[tuple[str, int], int]
    counter: dict[tuple[str, int], int]
    calledfuncs: dict[_Function, int]
    callers: dict[tuple[_Function, _Function], int]
    infile: _Path | None
    outfile: _Path | None
    def __init__(
        self,
        counts: dict[tuple[str, int], int] | None = None,
        calledfuncs: dict[_Function, int] | None = None,
        infile: _Path | None = None,
        callers: dict[tuple[_Function, _Function], int] | None = None,
        outfile: _Path | None = None,
        *,
        countcalls: bool = False,
    ) -> None: ...
    def is_ignored_filename(self, filename: str) -> bool: ...
    def update(self, other: CoverageResults) -> None: ...
    def by_file(self) -> dict[str, dict[int, int]]: ...
    if sys.version_info >= (3, 13):
        def write_results(
            self,
            show_missing: bool = True,
            summary: bool = False,
            coverdir: _Path | None = None,
            *,
            ignore_missing_files: bool = False,
        ) -> None: ...
    else:
        def write_results(
            self,
            show_missing: bool = True,
            summary: bool = False,
            coverdir: _Path | None = None,
        ) -> None: ...
    def write_results_file(
        self,
        path: _Path,
        lines: Sequence[str],
        lnotab: Mapping[int, Any],
        lines_hit: Mapping[int, int],
        encoding: str | None = None,
    ) -> tuple[int, int]: ...

class Trace:
    infile: _Path | None
    outfile: _Path | None
    trace: int
    donothing: bool
    start_time: float | None
    globaltrace: Callable[[FrameType, str, Any], Any]
    localtrace: Callable[[FrameType, str, Any], Any]
    def __init__(
        self,
        count: int = ...,
        trace: int = ...,
        countfuncs: int = 0,
        countcallers: int = 0,
        ignoremods: Iterable[str] = (),
        ignoredirs: Iterable[str] = (),
        infile: _Path | None = None,
        outfile: _Path | None = None,
        timing: bool = False,
        *,
        countcalls: bool = False,
        countlines: int | None = None,
        ignore_function: Callable[[FrameType], object] | None = None,
        start_func: Callable[[str], object] | None = None,
        finish_func: Callable[[str], object] | None = None,
        time_digits: int = 2,
        thread_names: bool = False,
        color: bool = False,
    ) -> None: ...
    @property
    def counts(self) -> dict[tuple[str, int], int]: ...
    def run(self, cmd: str | CodeType) -> None: ...
    def runctx(
        self,
        cmd: str | CodeType,
        globals: dict[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
    ) -> None: ...
    def runfunc(self, func: Callable[_P, _T], /, *args: _P.args,
                **kw: _P.kwargs) -> _T: ...
    def file_module_function_of(self, frame: FrameType) -> _Function: ...
    def results(self) -> CoverageResults: ...

def main() -> None: ...
