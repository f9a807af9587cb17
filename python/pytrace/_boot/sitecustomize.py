# SPDX-License-Identifier: MIT
"""Starts pytrace inside the interpreter that is to be traced.

The supervisor puts this directory first on PYTHONPATH, so that `site` imports
this module before the program; everything else is left to the interpreter,
which runs the program as it always does. What we changed to get here
(environment, sys.path, sys.modules) is put back, and the user's own
sitecustomize, if there is one, is imported as it would have been.

Written so that any Python can read it: the check of the version is below.
"""
import os
import sys

_RECORDING = "PYTRACE_RECORDING"  # core/timeline/handover.h
_SPOOLS = "PYTRACE_SPOOLS"
_SAVED_PATH = "PYTRACE_PYTHONPATH"
_SAVED_PRELOAD = "PYTRACE_LD_PRELOAD"
_PROFILE = "PYTRACE_NATIVE_PROFILE"
_SAVED_CONF = "PYTRACE_MALLOC_CONF"


def _fail(message, status):
    sys.stderr.write("pytrace: " + message + "\n")
    sys.stderr.flush()
    os._exit(status)


def _restore_environment():
    saved = os.environ.pop(_SAVED_PATH, None)
    if saved is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = saved
    if _SAVED_PRELOAD in os.environ:
        preload = os.environ.pop(_SAVED_PRELOAD)
        if preload:
            os.environ["LD_PRELOAD"] = preload
        else:
            os.environ.pop("LD_PRELOAD", None)
    if os.environ.pop(_PROFILE, None) is not None:
        conf = os.environ.pop(_SAVED_CONF, None)
        if conf is None:
            os.environ.pop("MALLOC_CONF", None)
        else:
            os.environ["MALLOC_CONF"] = conf
    return (int(os.environ.pop(_RECORDING)),
            int(os.environ.pop(_SPOOLS, "-1")))


def _restore_path(directory):
    if directory in sys.path:
        sys.path.remove(directory)
    sys.path_importer_cache.pop(directory, None)


def _import_users():
    """Import the user's sitecustomize in our place.

    None, or the exception that `site` is to see: as if there had been none,
    it passes over an ImportError of this very name.
    """
    sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # type: ignore[import-not-found]
    except Exception:
        # Kept until the engines run: a failure here does not stop Python.
        return sys.exc_info()[1]
    return None


def _check_interpreter():
    implementation = getattr(sys, "implementation", None)
    name = getattr(implementation, "name", "python")
    version = "%d.%d" % sys.version_info[:2]
    if name != "cpython" or sys.version_info < (3, 11):
        _fail("'%s' is %s %s, but pytrace needs CPython 3.11 or newer; "
              "choose another interpreter with --python"
              % (sys.executable, name, version), 1)


def _load_extension(package, name):
    """A module of our extension, without importing the package around it.

    None if there is no extension for this interpreter.
    """
    import _imp
    external = sys.modules["_frozen_importlib_external"]
    directories = [package]
    directories += [entry + "/pytrace" for entry in sys.path]
    for directory in directories:
        for suffix in _imp.extension_suffixes():
            path = directory + "/_pytrace" + suffix
            if not os.path.isfile(path):
                continue
            loader = external.ExtensionFileLoader(name, path)
            spec = sys.modules["_frozen_importlib"].ModuleSpec(
                name, loader, origin=path)
            module = _imp.create_dynamic(spec)
            _imp.exec_dynamic(module)
            # Who imports the package gets the same extension once more.
            sys.modules.pop(name, None)
            return module
    return None


def _fail_without_extension():
    _fail("no extension module for '%s' (CPython %d.%d); install pytrace for "
          "it with: %s -m pip install pytrace-toolkit, or choose another "
          "interpreter with --python"
          % (sys.executable, sys.version_info[0], sys.version_info[1],
             sys.executable), 1)


def _find_program():
    """The program's path, and the end of it where only a name is known."""
    argument = sys.orig_argv[1:] + ["", ""]
    if argument[0] == "-m":
        return "", "/" + argument[1].replace(".", "/") + ".py"
    if argument[0] == "-c":
        return "<string>", ""
    if argument[0] in ("", "-"):
        return "<stdin>", ""
    try:
        return os.path.abspath(argument[0]), ""
    except OSError:
        # The directory we are in is gone; the interpreter has the name as it
        # is, too.
        return argument[0], ""


def _start():
    boot = os.path.dirname(__file__)
    package = os.path.dirname(boot)
    fd, spools = _restore_environment()
    _restore_path(boot)
    _check_interpreter()
    # First, so that a tool that the user's module starts sees none of it.
    try:
        extension = _load_extension(package, "pytrace._pytrace")
    except (ImportError, MemoryError) as error:
        # Of a library that is missing, or for want of memory.
        _fail("cannot load the extension module for '%s': %s"
              % (sys.executable, str(error) or "no memory"), 1)
    if extension is None:
        _fail_without_extension()
    # In a list, to be gone from this frame when it returns: the exception
    # holds the frames it passed, and they those that called them.
    failure = [_import_users()]
    main_path, main_suffix = _find_program()
    is_new = "atexit" not in sys.modules
    import atexit
    # The first one registered runs last: the program's handlers are recorded.
    atexit.register(extension.finish)
    if is_new:
        del sys.modules["atexit"]
    try:
        extension.start(fd, spools, os.fsencode(main_path),
                        os.fsencode(main_suffix),
                        [os.fsencode(os.path.dirname(os.__file__))],
                        os.fsencode(package))
    except ValueError as error:
        _fail(str(error), 2)
    except MemoryError:
        _fail("no memory in '%s' for pytrace's own tables; raise the memory "
              "limit (ulimit -v, ulimit -d)" % sys.executable, 1)
    except Exception as error:
        _fail("cannot start in '%s': %s" % (sys.executable, error), 1)
    return failure.pop()


def _join():
    """In a sub-interpreter: the recording belongs to the main one."""
    boot = os.path.dirname(__file__)
    _restore_path(boot)
    try:
        _load_extension(os.path.dirname(boot), "pytrace._subinterpreter")
    except ImportError:
        pass  # of a program that has changed what may be imported
    return _import_users()


if _RECORDING not in os.environ:
    _failure = _join()
else:
    _failure = _start()
if _failure is not None:
    try:
        raise _failure
    finally:
        del _failure  # as above
