"""Rewrite the whole standard library and compare its code before and after.

Run by probe. An inner code object of one that is run is rewritten with it: so
those of the library are put among the constants of a carrier, which then
looks at its own. A code object shows that it was rewritten once it has begun
to run, so one of its probes is made to count first.

    rewrites_all.py [STEP]     of the files, each STEP-th
"""
import ctypes
import dis
import os
import sys
import sysconfig
import types
import warnings

CARRIER = "import sys\nfound = sys._getframe().f_code.co_consts\n"
SAME = """co_argcount co_posonlyargcount co_kwonlyargcount co_nlocals co_flags
co_names co_varnames co_freevars co_cellvars co_filename co_name co_qualname
co_firstlineno""".split()


def sources():
    for directory, below, names in os.walk(sysconfig.get_path("stdlib")):
        below[:] = sorted(set(below) - {"site-packages", "__pycache__"})
        for name in sorted(names):
            if name.endswith(".py"):
                yield os.path.join(directory, name)


def compiled(path):
    with open(path, "rb") as file:
        source = file.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None  # of lib2to3's and the tests' own data


def rewritten(code):
    carrier = compile(CARRIER, __file__, "exec")
    carrier = carrier.replace(co_consts=carrier.co_consts + (code,))
    names = {}
    exec(carrier, names)
    return names["found"][len(carrier.co_consts) - 1]


def walk(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from walk(constant)


def begin(code):
    """Count something of it, if it has probes. Its first field has them."""
    header_bytes = object.__basicsize__ + ctypes.sizeof(ctypes.c_ssize_t)
    consts = ctypes.py_object.from_address(id(code) + header_bytes).value
    for constant in consts:
        if hasattr(constant, "__next__"):
            next(constant, None)
            return
        if type(constant).__name__ in ("Probe", "StandIn"):
            ~constant
            return


def instructions(code):
    """(name, place) of each; a jump may have turned round."""
    return [(i.opname.replace("BACKWARD_IF", "FORWARD_IF"), i.positions)
            for i in dis.get_instructions(code) if i.opname != "EXTENDED_ARG"]


def problems(old, new):
    """Yield what of `old` is lost or broken in `new`."""
    for name in SAME:
        if getattr(old, name) != getattr(new, name):
            yield name
    rest = iter(instructions(new))
    for wanted in instructions(old):
        if not any(wanted == found for found in rest):
            yield f"{wanted} is lost"
            break
    before, after = ({line for _, _, line in code.co_lines() if line}
                     for code in (old, new))
    if before != after:
        yield f"lines {before ^ after}"
    end = 0
    for start, stop, _ in new.co_lines():
        if start != end or stop <= start:
            yield f"co_lines() at {start}"
        end = stop
    if end != len(new.co_code):
        yield "co_lines() ends early"
    if len(list(new.co_positions())) != len(new.co_code) // 2:
        yield "co_positions()"
    end = 0
    starts = {i.offset for i in dis.get_instructions(new)}
    for row in dis._parse_exception_table(new):
        if row.start < end or row.end <= row.start or (
                row.target not in starts):
            yield f"exception table at {row.start}"
        end = row.end


def main():
    codes = changed = 0
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for path in list(sources())[::step]:
        old = compiled(path)
        if old is None:
            continue
        new = rewritten(old)
        for before, after in zip(walk(old), walk(new)):
            codes += 1
            begin(after)
            changed += before.co_code != after.co_code
            for problem in problems(before, after):
                print(path, before.co_qualname, problem)
    print("code objects", codes, "rewritten", changed)


sys.setrecursionlimit(10000)
main()
