import os
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType
from typing import Any, Literal, Protocol, TypeVar

from pytrace._tracer_reports import Function as _Function
from pytrace._tracer_reports import LineTime as _LineTime

_F = TypeVar("_F", bound=Callable[..., Any])
_Event = Literal["call", "line", "return", "exception", "opcode"]
_Path = str | os.PathLike[str]

class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...

class Tracer:
    def __new__(
        cls,
        callback: Callable[[FrameType, str, Any], object] | None = None,
        *,
        events: _Event | Iterable[_Event] | None = None,
        show: bool | _Writable | None = None,
        values: bool = True,
        places: bool = True,
        size: int = 80,
        callgraph: bool = False,
        times: bool = False,
        include: _Path | Iterable[_Path] | None = None,
        omit: _Path | Iterable[_Path] | None = None,
        modules: str | Iterable[str] | None = None,
        omit_modules: str | Iterable[str] | None = None,
        functions: str | Iterable[str] | None = None,
        omit_functions: str | Iterable[str] | None = None,
        everything: bool = False,
        depth: int | None = None,
        threads: str | Iterable[str] | None = None,
    ) -> Tracer: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def __enter__(self) -> Tracer: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def __call__(self, function: _F) -> _F: ...
    @property
    def running(self) -> bool: ...
    @property
    def interrupted(self) -> bool: ...
    @property
    def dropped(self) -> int: ...
    @property
    def callers(self) -> dict[tuple[_Function | None, _Function], int]: ...
    @property
    def calls(self) -> dict[_Function, int]: ...
    @property
    def line_times(self) -> dict[tuple[str, int], _LineTime]: ...
    def write_callgraph(
        self,
        file: _Writable | None = None,
        format: Literal["text", "dot", "json"] = "text",
    ) -> None: ...
    def write_times(
        self, file: _Writable | None = None, top: int = 10
    ) -> None: ...
