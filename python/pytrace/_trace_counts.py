# SPDX-License-Identifier: MIT
"""Files of counts: the standard trace's pickles, read and written safely.

Such a file is a pickle of protocol 1 of three dicts: counts, called functions
and callers. It may hold nothing else, so reading one cannot run code.
"""
import os
import pickle
import stat

_REFUSED = (pickle.UnpicklingError, AttributeError, ImportError, IndexError,
            KeyError, MemoryError, OverflowError, RecursionError, TypeError)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"'{module}.{name}' does not belong in "
                                     "a counts file")


def _is_count(key, hits):
    return (isinstance(key, tuple) and len(key) == 2
            and isinstance(key[0], str) and isinstance(key[1], int)
            and isinstance(hits, int))


def read(path):
    """(counts, calledfuncs, callers); ValueError if that is not in it.

    EOFError if nothing at all is, as in a temporary file just made.
    """
    with open(path, "rb") as file:
        try:
            content = _Unpickler(file).load()
        except _REFUSED as error:
            raise ValueError(f"not a counts file: {error}") from None
        except EOFError:
            if os.fstat(file.fileno()).st_size == 0:
                raise
            raise ValueError("not a counts file: its end is missing") from None
    if (not isinstance(content, tuple) or len(content) != 3
            or not all(isinstance(part, dict) for part in content)):
        raise ValueError("not a counts file: it does not hold three dicts")
    if not all(_is_count(*item) for item in content[0].items()):
        raise ValueError("not a counts file: its counts are not "
                         "{(filename, lineno): hits}")
    if not all(isinstance(calls, int) for calls in content[1].values()):
        raise ValueError("not a counts file: its functions have no numbers "
                         "of calls")
    return content


class Lock:
    """Keeps other processes that have one from writing the file.

    The lock is on its directory, for the file itself is replaced. Where there
    are no locks, as on some network file systems, it does nothing.
    """

    def __init__(self, path):
        self._directory = os.path.dirname(os.path.realpath(path))

    def __enter__(self):
        import fcntl
        self._file = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError:
            pass

    def __exit__(self, *error):
        os.close(self._file)


def write(path, counts, calledfuncs, callers):
    """Write a file of counts: the whole of it, or OSError and the old one."""
    data = pickle.dumps((counts, calledfuncs, callers), 1)
    path = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        # A pipe or a device.
        with open(path, "wb") as file:
            file.write(data)
        return
    if mode is not None and not os.access(path, os.W_OK):
        raise PermissionError(f"{path!r} is write-protected")
    new = f"{path}.{os.getpid()}.new"
    try:
        with open(new, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(new, stat.S_IMODE(mode))
        os.replace(new, path)
    except BaseException:
        if os.path.exists(new):
            os.unlink(new)
        raise
