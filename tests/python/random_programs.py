"""Random programs: nested control flow, exceptions, generators, async, match.

They end, print nothing and do the same each time they are run; what they do is
of no interest but for the order in which their lines run. `program(seed)`
is the text of one.
"""

import random

HEAD = '''\
import asyncio

state = [{seed}]
fuel = [0]


class Out(BaseException):
    pass


def r(n):
    state[0] = (state[0] * 1103515245 + 12345) & 0x7fffffff
    return (state[0] >> 8) % n


def t(n=6, *more):
    fuel[0] += 1
    if fuel[0] > 2000:
        raise Out
    if r(n) == 0:
        raise (ValueError, KeyError, IndexError, TypeError)[r(4)](n)
    return r(5)


class O:
    def __init__(self, x=0):
        self.x = x; t(20)
    @property
    def p(self): return t(9)
    def __getitem__(self, i): return t(9)
    def __add__(self, o): t(12); return self
    def __enter__(self):
        t(30)
        return self
    def __exit__(self, *a):
        t(30); return r(3) == 0
    async def __aenter__(self): t(30); return self
    async def __aexit__(self, *a):
        await asyncio.sleep(0)
        return r(3) == 0
    def __iter__(self):
        for i in range(r(4)): yield t(15)
    async def __aiter__(self):
        for i in range(r(4)):
            yield t(15)
            await asyncio.sleep(0)


'''
DRIVE = {
    "function": "{name}()\n",
    "generator": '''\
g = {name}()
q = r(4)
if q == 0: list(g)
elif q == 1:
    for v in g:
        if r(3) == 0: break
    g.close()
elif q == 2:
    next(g); g.throw(KeyError); g.close()
else:
    while True: g.send(None)
''',
    "async": "asyncio.run({name}())\n",
    "async generator": '''\
async def go():
    g = {name}()
    async for v in g:
        if r(5) == 0: await g.athrow(ValueError)
        if r(9) == 0: break
    await g.aclose()
asyncio.run(go())
''',
}
LEAVES = ["t()", "r(3)", "a", "7", "t({n}2)", "b", "f'{{t()}}{{a}}'"]
BRANCHES = ["({x} +{n} {y})", "({x} and{n} {y})", "({x} if{n} {y} else{n} 1)",
            "t({n}7,{n})", "[{n}{x},{n} {y}]", "O({n}{x}{n}).p", "O()[{n}{x}]",
            "({x} <{n} {y} <{n} 5)", "(not ({x} or{n} {y}))"]
YIELDS = {
    "generator": ["({n}(yield {n}t()))", "(yield from {n}O())"],
    "async": ["({n}await asyncio.sleep(0, {n}t()))"],
    "async generator": ["({n}await asyncio.sleep(0, {n}t()))", "(yield r(3))"],
}
EXCEPTS = ["ValueError", "(KeyError, IndexError)", "TypeError as ex",
           "(\n  LookupError,\n  OSError)"]
CASES = ["0", "[x, *y]", "int() if t()", "str() | None", '{"a": z}', "O(x=1)",
         "1 | 2\\\n | 3"]
ITERABLES = ["range(r(4))", "O()", "(1, 2)", '"abc"', "[\n t() for i in O()]"]
CONDITIONS = ["r(3)", "t()", "t() and\\\n  r(3)", "r(4)", "not t(9)"]


class Writer:
    """Writes one program; `kind` and `loop` say where it is just now."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.kind = "function"
        self.loop = False

    def chance(self, probability):
        return self.random.random() < probability

    def is_async(self):
        return self.kind.startswith("async")

    def expression(self, depth=0):
        pick = self.random.choice
        newline = pick(["", "", "", "\n" + " " * self.random.randint(1, 9)])
        if self.kind in YIELDS and self.chance(0.07):
            return pick(YIELDS[self.kind]).format(n=newline)
        if depth >= 3 or self.chance(0.35):
            return pick(LEAVES).format(n=newline)
        if self.chance(0.15):
            return self.comprehension(depth, newline)
        return pick(BRANCHES).format(
            n=newline, x=self.expression(depth + 1),
            y=self.expression(depth + 1))

    def comprehension(self, depth, newline):
        kind, self.kind = self.kind, "comprehension"
        inner = self.expression(depth + 1)
        test = self.random.choice(
            ["", " if r(2)", f" if {self.expression(2)}"])
        self.kind = kind
        outer = self.random.choice(["[%s]", "list(%s)"])
        return outer % f"{newline}{inner}{newline} for i in{newline} O(){test}"

    def simple(self):
        """One statement that may stand before or behind a semicolon."""
        choice = self.random.randint(0, 11)
        if choice == 0:
            return f"b = {self.expression()}"
        if choice == 1:
            return "t()"
        if choice == 2:
            return "pass"
        if choice == 3:
            return "s = str(a); s = (\n s + s)"
        if choice in (4, 5) and self.loop:
            return self.random.choice(["break", "continue"])
        if choice == 6:
            return self.random.choice(["assert t()", "raise ValueError"])
        if choice == 7 and self.chance(0.4):
            return "return" if self.kind == "async generator" else (
                f"return {self.expression()}")
        return f"a = {self.expression()}"

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def suite(self, indent, head, depth):
        if self.chance(0.25):
            body = "; ".join(self.simple() for _ in range(2))
            self.line(indent, f"{head} {body}".replace(
                ": s = str(a); s = (\n", ": s = ("))
            return
        self.line(indent, head)
        for _ in range(self.random.randint(1, 3)):
            self.statement(indent + 1, depth + 1)

    def statement(self, indent, depth):
        if depth > 4 or self.chance(0.4):
            self.line(indent, self.simple())
            return
        self.random.choice([
            self.write_if, self.write_loop, self.write_loop, self.write_try,
            self.write_try, self.write_try, self.write_with, self.write_match,
            self.write_function])(indent, depth)

    def write_if(self, indent, depth):
        self.suite(indent, f"if {self.expression()}:", depth)
        if self.chance(0.4):
            self.suite(indent, f"elif {self.expression()}:", depth)
        if self.chance(0.5):
            self.suite(indent, "else:", depth)

    def write_loop(self, indent, depth):
        loop, self.loop = self.loop, True
        if self.is_async() and self.chance(0.5):
            head = "async for a in O():"
        elif self.chance(0.6):
            head = f"for a in {self.random.choice(ITERABLES)}:"
        else:
            head = f"while {self.random.choice(CONDITIONS)}:"
        self.suite(indent, head, depth)
        self.loop = loop
        if self.chance(0.3):
            self.suite(indent, "else:", depth)

    def write_try(self, indent, depth):
        self.suite(indent, "try:", depth)
        handlers = self.random.randint(0, 2)
        if self.chance(0.15):
            self.line(indent, "except* ValueError as ex: a = t(9)")
            self.line(indent, "except* KeyError:")
            self.line(indent + 1, "b = t()")
            self.line(indent + 1, self.random.choice(["pass", "raise"]))
            return
        for caught in self.random.sample(EXCEPTS, handlers):
            self.suite(indent, f"except {caught}:", depth)
        if handlers and self.chance(0.3):
            self.suite(indent, "else:", depth)
        if not handlers or self.chance(0.4):
            self.suite(indent, "finally:", depth)

    def write_with(self, indent, depth):
        head = self.random.choice(
            ["with O() as a:", "with O(), O() as b:",
             "with (O() as a,\n   O()):"])
        if self.is_async() and self.chance(0.5):
            head = "async " + head
        self.suite(indent, head, depth)

    def write_match(self, indent, depth):
        self.line(indent, f"match {self.expression(2)}:")
        for case in self.random.sample(CASES, self.random.randint(1, 3)):
            self.suite(indent + 1, f"case {case}:", depth)
        if self.chance(0.5):
            self.suite(indent + 1, "case _:", depth)

    def write_function(self, indent, depth):
        kind, loop = self.kind, self.loop
        self.kind, self.loop = "function", False
        name = f"inner_{len(self.lines)}"
        self.suite(indent, f"def {name}(a=1, b=2, s=''):", depth + 2)
        self.kind, self.loop = kind, loop
        self.line(indent, f"a = {name}()")

    def write_top(self, name):
        self.kind = self.random.choice(["function", *DRIVE])
        start = "async def" if self.is_async() else "def"
        self.line(0, f"{start} {name}(a=1,\n   b=2, s=''):")
        if self.kind.endswith("generator"):
            self.line(1, "if r(9) > 9: yield 0")
        for _ in range(self.random.randint(2, 5)):
            self.statement(1, 0)
        return DRIVE[self.kind].format(name=name)

    def program(self, seed):
        drives = [self.write_top(f"f{i}")
                  for i in range(self.random.randint(2, 4))]
        self.line(0, "for k in range(8):")
        self.line(1, "fuel[0] = 0")
        for drive in drives:
            self.line(1, "try:")
            for text in drive.splitlines():
                self.line(2, text)
            self.line(1, "except (Exception, Out): pass")
            self.line(1, "g = go = v = None")
        return HEAD.format(seed=seed) + "\n".join(self.lines) + "\n"


def program(seed):
    return Writer(seed).program(seed)
