"""Branches and strings: a hand-written scanner and parser of expressions."""

SOURCE = "(alpha + 12.5) * beta - gamma(3, delta / 4) + 'text' * 2; "


def scan(text):
    tokens = []
    at = 0
    end = len(text)
    while at < end:
        c = text[at]
        if c.isspace():
            at += 1
        elif c.isalpha():
            start = at
            while at < end and text[at].isalnum():
                at += 1
            tokens.append(("name", text[start:at]))
        elif c.isdigit():
            start = at
            while at < end and (text[at].isdigit() or text[at] == "."):
                at += 1
            tokens.append(("number", float(text[start:at])))
        elif c == "'":
            start = at + 1
            at = text.index("'", start)
            tokens.append(("string", text[start:at]))
            at += 1
        else:
            tokens.append(("sign", c))
            at += 1
    return tokens


def depth(tokens):
    level = deepest = 0
    for kind, value in tokens:
        if kind != "sign":
            continue
        if value == "(":
            level += 1
            if level > deepest:
                deepest = level
        elif value == ")":
            level -= 1
    return deepest


def main(scale):
    total = 0
    for _ in range(int(5000 * scale)):
        tokens = scan(SOURCE * 2)
        total += depth(tokens) + len(tokens)
    return total
