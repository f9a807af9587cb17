"""pdb steps through rewritten code as through any other."""
import io
import pdb


def steps(n):
    total = 0
    for i in range(n):
        if i:
            total += i
    try:
        return total / 0
    except ZeroDivisionError:
        pass
    return total


commands = "step\n" * 3 + "next\n" * 6
commands += "where\nlist\nup\ndown\nargs\ncontinue\n"
out = io.StringIO()
debugger = pdb.Pdb(stdin=io.StringIO(commands), stdout=out, nosigint=True,
                   readrc=False)
debugger.use_rawinput = False
print(debugger.runcall(steps, 3))
print(out.getvalue())
