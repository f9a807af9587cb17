# SPDX-License-Identifier: MIT
"""What differs between versions of CPython, named by behaviour.

The only module of the package that compares versions.
"""
import sys

# `trace` prints "name(3):  source" and ends a line without source; before
# that, "name(3): source" and, without source, no newline.
TRACE_TELLS_SOURCE_APART = sys.version_info >= (3, 13)

# The summary of `trace` has tenths of a percent.
TRACE_COVERS_IN_TENTHS = sys.version_info >= (3, 14)

# CoverageResults.write_results() knows ignore_missing_files.
TRACE_IGNORES_MISSING_FILES = sys.version_info >= (3, 13)

# PY_VERSION_HEX, for those who are told who read a source.
VERSION = sys.hexversion
