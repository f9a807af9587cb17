"""runpy: a module, a package's __main__, a file."""
import runpy

print(sorted(runpy.run_module("part"))[-1])
print(sorted(runpy.run_path("part.py", run_name="again"))[-1])
print(sorted(runpy.run_module("pack", run_name="__main__"))[-1])
