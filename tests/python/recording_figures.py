"""recording_figures.py - what the arrays of a recording add up to.

The other half of the reader in plain Python: recording_reader.py has the
items, here are hits, times and bytes of lines, as docs/format.md has them.
"""

import collections
import math

from recording_reader import HITS, MASK, Recording


class Figures(Recording):

    def codes(self, process):
        """(its path, code object) of those that are counted."""
        files = self.items(process, "file")
        return [(self.text(process, files[code.file].path), code)
                for code in self.items(process, "code").values()
                if code.counter]

    def hits(self, process=0):
        """{(path, line): hits} of the lines that have code."""
        counters = self.items(process, "counter")
        terms = self.items(process, "term")
        hits = collections.Counter()
        for path, code in self.codes(process):
            for i in range(code.term, code.term + code.terms):
                if terms[i].line or not code.first_line:
                    value = counters[code.counter + terms[i].counter].value
                    hits[path, terms[i].line] += terms[i].weight * (
                        value & HITS)
            for i in range(0 if code.terms else code.lines):
                value = counters[code.counter + i].value
                if value >> 63:
                    hits[path, code.first_line + i] += value & HITS
        return hits

    def arcs(self, process=0):
        """{(path, code, from, to): [how often, is it one of several ways]}."""
        files, codes = self.items(process, "file"), self.items(process, "code")
        counters = self.items(process, "counter")
        arcs = {}
        for arc in self.items(process, "arc").values():
            path = self.text(process, files[codes[arc.code].file].path)
            sums = arcs.setdefault((path, *arc[:3]), [0, 0])
            if arc.counter:
                sums[0] += arc.weight * (counters[arc.counter].value & HITS)
            sums[1] |= arc.flags & 1
        return arcs

    def calls(self, process=0):
        """[(caller, callee, calls, resumed)]: (path, name, line) of each."""
        files, counters = (self.items(process, name)
                           for name in ("file", "counter"))
        names = {index: (self.text(process, files[code.file].path),
                         self.text(process, code.name), code.defined_line)
                 for index, code in self.items(process, "code").items()}
        return [(names.get(call.caller), names[call.callee],
                 counters[call.counter].value & HITS,
                 counters[call.counter + 1].value & HITS)
                for call in self.items(process, "call").values()]

    def times(self, process=0, with_clocks=True):
        """{(path, line): nanoseconds} of the line itself; without clocks
        those that have been added to it."""
        counters = {index: counter.value for index, counter in self.items(
            process, "counter").items()}
        end_ns = self.processes[process]["end_ns"]
        for clock in self.items(process, "clock").values():
            if with_clocks and clock.counter and end_ns > clock.since_ns:
                counters[clock.counter] += end_ns - clock.since_ns
        times = collections.Counter()
        for path, code in self.codes(process):
            if not code.terms and code.counters == 2 * code.lines:
                for i in range(code.lines):
                    times[path, code.first_line + i] += counters[
                        code.counter + code.lines + i]
        return times

    def live_bytes(self, process=0):
        """{(path, line): bytes} of the living blocks that are its own."""
        record = self.processes[process]
        sample, is_forked = record["sample_bytes"], record["parent"] != process
        files, codes = self.items(process, "file"), self.items(process, "code")
        nodes = self.items(process, "node")
        live = collections.Counter()
        for pair in self.items(process, "pair").values():
            blocks = pair.live
            if is_forked:
                blocks = max(0, blocks - max(0, pair.inherited))
            code, line = nodes[pair.node][1:3] if pair.node else (0, 0)
            path = self.text(process, files[codes[code].file].path
                             ) if code else ""
            share = 1 - math.exp(-pair.size / sample
                                 ) if sample and pair.size else 1
            live[path, line] += round(pair.size / share) * blocks
        return live

    def lived(self, process=0):
        """{pair: (blocks, nanoseconds they lived, all together)}"""
        record, pairs = self.processes[process], self.items(process, "pair")
        age = record["end_ns"] - record["start_ns"]
        return {i: (pairs[i].allocated + pairs[i].inherited,
                    item.ns + pairs[i].live * age & MASK)
                for i, item in self.items(process, "lifetime").items()
                if i in pairs}
