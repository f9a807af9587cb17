# SPDX-License-Identifier: MIT
"""Read recordings: the results of the program's commands, as objects.

    from pytrace import recording

    recording.info("run.pytrace")["seconds"]
    for event in recording.events("run.pytrace", kind="alloc", min_size=4096):
        print(event["path"], event["line"], event["size"])

Each function runs the program `pytrace`, which reads recordings without
Python, and returns what it printed. What the program refuses raises a
RecordingError with its message; wrong arguments raise a ValueError. All of
them may be called from any thread.

A path is a str or os.PathLike; "run.pytrace@label" is a snapshot in it, and
"run.pytrace@1.5" the state 1.5 seconds after the start of the run. `filter`,
`file` and `omit` are a pattern of files or a sequence of them, as those of the
program.
"""
import json
import os
import subprocess

from pytrace.__main__ import find_program

__all__ = ["RecordingError", "check", "combine", "diff", "events", "export",
           "info", "leaks", "report", "top"]


class RecordingError(Exception):
    """A recording could not be read, or does not have what was asked for.

    Its text is what the program said.
    """


def _words(command, options):
    program = find_program()
    if program is None:
        raise RecordingError("cannot find the program 'pytrace' of this "
                             "package; install it again")
    words = [program, command]
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif name == "between":
            words += [f"{option}={value[0]}", str(value[1])]
        elif isinstance(value, (list, tuple)):
            words += [f"{option}={item}" for item in value]
        elif value is not None and value is not False:
            words.append(f"{option}={value}")
    return words


def _message(err):
    lines = [line.removeprefix("pytrace: ") for line in
             err.decode("utf-8", "replace").splitlines()]
    return "\n".join(line for line in lines
                     if not line.startswith("usage is ")) or "it failed"


def _files(paths):
    # No path is taken for an option.
    return ["--", *(os.fspath(path) for path in paths)]


def _run(command, paths, options, fine=(0,)):
    """What the program printed. Of the statuses in `fine` 2 is that of wrong
    usage, too, and 1 that of what was refused, for which it prints nothing."""
    done = subprocess.run(
        _words(command, options) + _files(paths), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode == 2 and (2 not in fine or b"usage is " in done.stderr):
        raise ValueError(_message(done.stderr))
    if done.returncode not in fine or (done.returncode == 1 and
                                       not done.stdout):
        raise RecordingError(_message(done.stderr))
    return done


def _json(data):
    # A path that is no UTF-8 comes as os.fsdecode() would give it.
    return json.loads(data.decode("utf-8", "surrogateescape"))


def info(path):
    """What a recording is: a dict of its run, processes and segments.

    Times are in seconds, sizes in bytes.
    """
    return _json(_run("info", [path], {"json": True}).stdout)


def check(path):
    """The findings of `pytrace check`, a list of texts; empty if all holds."""
    done = _run("check", [path], {}, fine=(0, 1))
    return [line for line in os.fsdecode(done.stdout).splitlines()
            if line.startswith("damaged: ")]


def combine(paths, output, *, relative=False):
    """Make one recording, the file `output`, of those in `paths`.

    relative: files below the directory of each run are those below that of
        the first one.
    """
    _run("combine", paths, {"output": os.fspath(output),
                            "relative": relative})


def diff(before, after, *, group="lineno", filter=(), omit=()):
    """What changed between two recordings: a dict with a list "changes".

    group: "lineno", "filename", "function" or "traceback".
    """
    return _json(_run("diff", [before, after],
                      {"json": True, "group": group, "filter": filter,
                       "omit": omit}).stdout)


def leaks(path, *, span=None, filter=(), omit=()):
    """The lines that hold more with each span: a dict with a list "leaks".

    span: the label of the spans, marks or snapshots that are the pieces of
        work; by default those that there are most of.
    """
    return _json(_run("leaks", [path],
                      {"json": True, "span": span, "filter": filter,
                       "omit": omit}).stdout)


def export(path, to, *, output=None, value=None, filter=(), omit=(),
           per_process=False):
    """The recording in another format: its bytes, or None if they went to
    the file `output`. Of "json" there is the content.

    to: a format of `pytrace export`, as "lcov" or "pprof".
    value: what the stacks of "collapsed" and "pprof" add up, as "kept".
    per_process: what each process has of a line, too; "json" and "csv".
    """
    if output is not None:
        output = os.fspath(output)
    done = _run("export", [path],
                {"to": to, "output": output, "value": value,
                 "filter": filter, "omit": omit,
                 "per_process": per_process})
    if output is not None:
        return None
    return _json(done.stdout) if to == "json" else done.stdout


def report(path, **options):
    """The text of `pytrace report`; options as of the program, with
    underscores: report(path, coverdir="cov", at=1.5, mem_top=3),
    report(path, between=("warm", "worked")).

    Listings are written beside the sources, or to `coverdir`. A limit that is
    missed (fail_under, fail_peak) is no error here.
    """
    return os.fsdecode(_run("report", [path], options,
                            fine=(0, 2, 3, 4, 5)).stdout)


def top(path, *, lines=10):
    """One look at a recording, also while it is written: the text of `pytrace
    top`, with so many lines in each table."""
    return os.fsdecode(_run("top", [path], {"top": lines}).stdout)


def events(path, *, kind=(), file=(), omit=(), function=(), thread=None,
           process=None, min_size=None, max_size=None, since=None,
           until=None, limit=None):
    """Go through the events, each a dict, in their order and in bounded
    memory. The program runs, and errors are raised, while they are asked for.

    kind: names or patterns, "alloc" or "span*"; by default all.
    function: patterns of function names, qualified or not.
    thread, process: their numbers; thread 1 and process 0 are the program's.
    min_size, max_size: of blocks, in bytes.
    since, until: seconds from the start of the run.
    limit: only so many.
    """
    if isinstance(kind, str):
        kind = (kind,)
    words = _words("dump", {
        "kind": kind, "file": file, "omit": omit, "function": function,
        "thread": thread, "process": process, "min_size": min_size,
        "max_size": max_size, "since": since, "until": until,
        "limit": limit}) + _files([path])
    with subprocess.Popen(words, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        try:
            for line in child.stdout:
                yield _json(line)
            err = child.stderr.read()
        finally:
            child.stdout.close()
    if child.returncode == 2:
        raise ValueError(_message(err))
    if child.returncode:
        raise RecordingError(_message(err))
