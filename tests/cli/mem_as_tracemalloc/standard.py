"""What pytrace prints, made by the standard tracemalloc."""
import linecache
import tracemalloc

FILES = ("*/shelf.py", "*/other.py")


def once(snapshot, key):
    """Cumulative statistics that charge a place once in each stack."""
    groups = {}
    for trace in snapshot.traces:
        frames = {(frame.filename, frame.lineno if key == "lineno" else 0)
                  for frame in trace.traceback}
        for frame in frames:
            traceback = tracemalloc.Traceback((frame,))
            group = groups.setdefault(
                frame, tracemalloc.Statistic(traceback, 0, 0))
            group.size += trace.size
            group.count += 1
    return sorted(groups.values(), key=tracemalloc.Statistic._sort_key,
                  reverse=True)


def cut(snapshot, frames):
    """The snapshot with no more frames than that."""
    traces = [(domain, size, traceback[:frames], frames)
              for domain, size, traceback, _ in snapshot.traces._traces]
    return tracemalloc.Snapshot(traces, frames)


def statistics_lines(statistics):
    return "".join(f"{statistic}\n" for statistic in statistics)


def traceback_lines(statistics):
    text = ""
    for statistic in statistics:
        text += str(statistic).partition(": ")[2] + "\n"
        for frame in statistic.traceback:
            line = linecache.getline(frame.filename, frame.lineno).strip()
            text += f'  File "{frame.filename}", line {frame.lineno}\n'
            text += f"    {line}\n" if line else ""
    return text


def write(name):
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(True, pattern) for pattern in FILES])
    texts = {"traceback": traceback_lines(snapshot.statistics("traceback")),
             "traceback.2": traceback_lines(
                 cut(snapshot, 2).statistics("traceback"))}
    texts["omit"] = statistics_lines(snapshot.filter_traces(
        [tracemalloc.Filter(False, "*/other.py")]).statistics("lineno"))
    for key in ("lineno", "filename"):
        texts[key] = statistics_lines(snapshot.statistics(key))
        texts[key + ".cumulative"] = statistics_lines(once(snapshot, key))
    # Without recursion, and line by line, that is the module's own table.
    assert texts["lineno.cumulative"] == statistics_lines(
        snapshot.statistics("lineno", cumulative=True))
    for key, text in texts.items():
        with open(f"{name}.{key}", "w", encoding="utf-8") as file:
            file.write(text)
