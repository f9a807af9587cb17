# SPDX-License-Identifier: MIT
"""The command line of `python -m pytrace.trace`: that of `python -m trace`."""
import argparse
import os


def _add_main(parser):
    group = parser.add_argument_group(
        "Main options", "One of these (or --report) must be given")
    group.add_argument(
        "-c", "--count", action="store_true",
        help="Count the number of times each line is executed and write "
             "the counts to <module>.cover for each module executed, in "
             "the module's directory. See also --coverdir, --file, "
             "--no-report below.")
    group.add_argument(
        "-t", "--trace", action="store_true",
        help="Print each line to sys.stdout before it is executed")
    group.add_argument(
        "-l", "--listfuncs", action="store_true",
        help="Keep track of which functions are executed at least once "
             "and write the results to sys.stdout after the program exits. "
             "Cannot be specified alongside --trace or --count.")
    group.add_argument(
        "-T", "--trackcalls", action="store_true",
        help="Keep track of caller/called pairs and write the results to "
             "sys.stdout after the program exits.")


def _add_modifiers(parser):
    group = parser.add_argument_group("Modifiers")
    reports = group.add_mutually_exclusive_group()
    reports.add_argument(
        "-r", "--report", action="store_true",
        help="Generate a report from a counts file; does not execute any "
             "code. --file must specify the results file to read, which "
             "must have been created in a previous run with --count "
             "--file=FILE")
    reports.add_argument(
        "-R", "--no-report", action="store_true",
        help="Do not generate the coverage report files. "
             "Useful if you want to accumulate over several runs.")
    group.add_argument(
        "-f", "--file", help="File to accumulate counts over several runs")
    group.add_argument(
        "-C", "--coverdir",
        help="Directory where the report files go. The coverage report "
             "for <package>.<module> will be written to file "
             "<dir>/<package>/<module>.cover")
    group.add_argument(
        "-m", "--missing", action="store_true",
        help="Annotate executable lines that were not executed with "
             '">>>>>> "')
    group.add_argument(
        "-s", "--summary", action="store_true",
        help="Write a brief summary for each file to sys.stdout. "
             "Can only be used with --count or --report")
    group.add_argument(
        "-g", "--timing", action="store_true",
        help="Prefix each line with the time since the program started. "
             "Only used while tracing")


def _add_filters(parser):
    group = parser.add_argument_group(
        "Filters", "Can be specified multiple times")
    group.add_argument(
        "--ignore-module", action="append", default=[],
        help="Ignore the given module(s) and its submodules "
             "(if it is a package). Accepts comma separated list of "
             "module names.")
    group.add_argument(
        "--ignore-dir", action="append", default=[],
        help="Ignore files in the given directory "
             "(multiple directories can be joined by os.pathsep).")


def _make_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="version", version="trace 2.0")
    _add_main(parser)
    _add_modifiers(parser)
    _add_filters(parser)
    parser.add_argument("--module", action="store_true", default=False,
                        help="Trace a module. ")
    parser.add_argument("progname", nargs="?",
                        help="file to run as main program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER,
                        help="arguments to the program")
    return parser


def _expand_dirs(options):
    import sysconfig
    prefixes = {"$prefix": sysconfig.get_path("stdlib"),
                "$exec_prefix": sysconfig.get_path("platstdlib")}
    for directories in options.ignore_dir:
        for directory in directories.split(os.pathsep):
            directory = os.path.expanduser(os.path.expandvars(directory))
            for name, value in prefixes.items():
                directory = directory.replace(name, value)
            yield os.path.normpath(directory)


def _check(parser, options):
    if options.report and not options.file:
        parser.error("-r/--report requires -f/--file")
    if options.report:
        return
    if not (options.trace or options.count or options.listfuncs
            or options.trackcalls):
        parser.error("must specify one of --trace, --count, --report, "
                     "--listfuncs, or --trackcalls")
    if options.listfuncs and (options.count or options.trace):
        parser.error("cannot specify both --listfuncs and (--trace or "
                     "--count)")
    if options.summary and not options.count:
        parser.error("--summary can only be used with --count or --report")
    if options.progname is None:
        parser.error("progname is missing: required with the main options")


def parse():
    """The options of sys.argv; ends the process with a message if wrong.

    --count --report with a program and without a file, an error in the
    standard module, runs the program and marks missing lines.
    """
    parser = _make_parser()
    options = parser.parse_args()
    if (options.report and options.count and options.progname is not None
            and not options.file):
        options.report = False
        options.missing = True
    _check(parser, options)
    options.ignore_module = [name.strip() for names in options.ignore_module
                             for name in names.split(",")]
    if options.ignore_dir:
        options.ignore_dir = list(_expand_dirs(options))
    return options
