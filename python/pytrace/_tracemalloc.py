# SPDX-License-Identifier: MIT
"""The functions CPython's _tracemalloc has, in C, over pytrace's engine."""
from pytrace._pytrace import tracemalloc as _functions

start = _functions.start
stop = _functions.stop
is_tracing = _functions.is_tracing
clear_traces = _functions.clear_traces
get_traced_memory = _functions.get_traced_memory
reset_peak = _functions.reset_peak
get_traceback_limit = _functions.get_traceback_limit
get_tracemalloc_memory = _functions.get_tracemalloc_memory
_get_object_traceback = _functions._get_object_traceback
_get_traces = _functions._get_traces
_capture = _functions._capture
_prepare = _functions._prepare
_Counters = _functions.Counters
