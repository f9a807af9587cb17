"""Allocation-heavy: records built, grouped, kept and dropped."""


class Record:
    __slots__ = ("key", "name", "values")

    def __init__(self, key):
        self.key = key
        self.name = "record-%d" % key
        self.values = [key * 0.5, key * 0.25]


def build(n):
    return [Record(i) for i in range(n)]


def group(records):
    groups = {}
    for record in records:
        groups.setdefault(record.key % 50, []).append(
            {"name": record.name, "sum": sum(record.values)})
    return groups


def render(groups):
    parts = []
    for key, rows in groups.items():
        parts.append(str(key) + ":" + ",".join(row["name"] for row in rows))
    return "\n".join(parts)


def main(scale):
    kept = []
    total = 0
    for _ in range(int(40 * scale)):
        groups = group(build(2000))
        total += len(render(groups))
        kept.append(groups)
        if len(kept) > 5:
            kept = kept[3:]
    return total
