from types import TracebackType
from typing import Final, final

from pytrace._tracer import Tracer as Tracer

__all__ = ["Tracer", "__version__", "mark", "snapshot", "span"]
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
