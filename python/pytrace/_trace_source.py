# SPDX-License-Identifier: MIT
"""Which lines of a source file could be run, and what it is encoded in."""
import sys
import types

# Imported when there is a listing to write: what the tool has imported is not
# imported by the program any more, and so not counted.
#   dis, token, tokenize


def complain(filename, error):
    """Say that a file cannot be reported on."""
    print(f"Not printing coverage data for {filename!r}: {error}",
          file=sys.stderr)


def find_encoding(filename):
    """The encoding a source file declares. OSError or SyntaxError."""
    import tokenize
    with open(filename, "rb") as file:
        return tokenize.detect_encoding(file.readline)[0]


def _find_lines_from_code(code, strs):
    """{line: 1} for the lines where this code object has instructions."""
    import dis
    return {line: 1 for _, line in dis.findlinestarts(code)
            if line not in strs}


def _find_lines(code, strs):
    """The same for this code object and all that it makes."""
    lines = _find_lines_from_code(code, strs)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            lines.update(_find_lines(constant, strs))
    return lines


def _find_strings(filename, encoding=None):
    """{line: 1} for the lines of strings that may be docstrings."""
    import token
    import tokenize
    lines = {}
    # The module's own docstring follows nothing.
    previous = token.INDENT
    with open(filename, encoding=encoding) as file:
        for kind, _, start, end, _ in tokenize.generate_tokens(file.readline):
            if kind == token.STRING and previous == token.INDENT:
                lines.update(dict.fromkeys(range(start[0], end[0] + 1), 1))
            previous = kind
    return lines


def _find_executable_linenos(filename):
    """{line: 1} for the lines of a source file that could be run."""
    import tokenize
    try:
        with tokenize.open(filename) as file:
            source = file.read()
            encoding = file.encoding
        code = compile(source, filename, "exec")
        strs = _find_strings(filename, encoding)
    except (OSError, SyntaxError, ValueError, tokenize.TokenError) as error:
        complain(filename, error)
        return {}
    return _find_lines(code, strs)
