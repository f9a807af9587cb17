from pytrace._pytrace import __version__ as __version__
from pytrace._pytrace import mark as mark
from pytrace._pytrace import snapshot as snapshot
from pytrace._pytrace import span as span
from pytrace._tracer import Tracer as Tracer

__all__ = ["Tracer", "__version__", "mark", "snapshot", "span"]
