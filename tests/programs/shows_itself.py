"""Prints all that a program can see of how it was started."""
import sys

# In development mode some Pythons look the codec up for any ASCII text.
first_modules = sorted(set(sys.modules) - {"encodings.ascii"})
import inspect
import os
import threading
import traceback
import warnings

here = globals()
print("argv", sys.argv)
print("orig_argv", sys.orig_argv)
print("path", sys.path)
print("flags", sys.flags)
print("modules", first_modules)
print("meta_path", sys.meta_path)
print("path_hooks", [str(hook).split(" at ")[0] for hook in sys.path_hooks])
print("importer_cache", sorted(sys.path_importer_cache))
print("executable", sys.executable, sys.prefix, sys.base_prefix)
print("warnoptions", sys.warnoptions, sys._xoptions, sys.dont_write_bytecode)
print("hooks", sys.excepthook, sys.displayhook, sys.unraisablehook,
      threading.excepthook)
# Without sys.monitoring the trace function is what lines are counted by.
print("tracing", sys.gettrace() if hasattr(sys, "monitoring") else None,
      sys.getprofile(),
      threading.gettrace(), threading.getprofile())
print("limits", sys.getrecursionlimit(), sys.getswitchinterval())
print("names", [name for name in here if name != "here"])
for name in ("__name__", "__file__", "__spec__", "__package__", "__doc__",
             "__annotations__", "__cached__"):
    print(name, repr(here.get(name, "missing")))
print("loader", str(here["__loader__"]).split(" at ")[0])
print("builtins", type(here["__builtins__"]).__name__,
      sorted(here["__builtins__"].__dict__)
      if hasattr(here["__builtins__"], "__dict__") else "")
print("main", sys.modules["__main__"].__dict__ is here)
print("environ", sorted(item for item in os.environ.items()
                        if item[0] not in ("_", "SHLVL")))
print("descriptors", [name for name in os.listdir("/proc/self/fd")
                      if int(name) < 100])
print("cwd", os.getcwd())
print("stdin", sys.stdin.isatty(), sys.stdout.isatty(), sys.stdin.encoding,
      sys.stdout.line_buffering, sys.stdout.errors)
print("read", sys.stdin.read())
frame = sys._getframe()
print("frame", frame.f_back, frame.f_code.co_filename, frame.f_lineno,
      frame.f_code.co_name, frame.f_trace)
print("stack", [(info.filename, info.lineno, info.function,
                 info.code_context) for info in inspect.stack()])
print("threads", threading.current_thread().name, threading.active_count(),
      threading.main_thread() is threading.current_thread())
traceback.print_stack(file=sys.stdout)
warnings.warn("from here", DeprecationWarning)
warnings.warn("from there", UserWarning, stacklevel=2)


def warn_from_inside():
    warnings.warn("inside", ResourceWarning, stacklevel=2)


warnings.simplefilter("always")
warn_from_inside()
print("site", [name for name in ("sitecustomize", "usercustomize", "pytrace",
                                 "pytrace._pytrace", "runpy")
               if name in sys.modules])
if __name__ == "__main__":
    print("is main")
