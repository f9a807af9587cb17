# SPDX-License-Identifier: MIT
"""`python -m pytrace ...` is `pytrace --python <this interpreter> ...`."""
import os
import sys
import sysconfig


def find_program():
    """Path of the installed `pytrace` program, or None."""
    package = os.path.dirname(os.path.abspath(__file__))
    directories = [
        # A build tree, then pip's places.
        os.path.join(package, os.pardir, os.pardir, "bin"),
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")),
        os.path.join(package, os.pardir, "bin"),
        os.path.join(package, *[os.pardir] * 4, "bin"),
    ]
    for directory in directories:
        program = os.path.join(os.path.normpath(directory), "pytrace")
        if os.access(program, os.X_OK) and not os.path.isdir(program):
            return program
    return None


def main():
    """Replace this process by the program, with the same arguments."""
    program = find_program()
    if program is None:
        sys.exit("pytrace: cannot find the program 'pytrace' of this package; "
                 "install it again with: "
                 f"{sys.executable} -m pip install pytrace-toolkit")
    try:
        os.execv(program, [program, f"--python={sys.executable}",
                           *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"pytrace: cannot run '{program}': {error.strerror}")


if __name__ == "__main__":
    main()
