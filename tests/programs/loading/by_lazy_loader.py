"""importlib.util.LazyLoader: run when first looked at."""
import importlib.util
import sys

spec = importlib.util.find_spec("part")
spec.loader = importlib.util.LazyLoader(spec.loader)
part = importlib.util.module_from_spec(spec)
sys.modules["part"] = part
spec.loader.exec_module(part)
print("not yet")
print(part.total([2]))
