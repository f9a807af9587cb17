from types import ModuleType, TracebackType
from typing import Final, final

__version__: str

def mark(label: str, /) -> None: ...
def snapshot(label: str, /) -> bool: ...
@final
class span:
    label: Final[str]
    def __new__(cls, label: str, /) -> span: ...
    def __enter__(self) -> span: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

# What the package's own modules are made of.
trace: ModuleType
tracemalloc: ModuleType
tracer: ModuleType

def start(
    fd: int,
    main_path: bytes,
    main_suffix: bytes,
    standard_directories: list[bytes],
    package: bytes,
    /,
) -> None: ...
def finish() -> None: ...
