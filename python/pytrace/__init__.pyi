from pytrace._tracer import Tracer as Tracer

__all__ = ["Tracer", "__version__"]
__version__: str
