"""exec, eval and compile, with and without a file of their own."""
SOURCE = """
def made(n):
    total = 0
    for i in range(n):
        total += i
    return total
result = made(3)
"""

space = {}
exec(SOURCE, space)
print(space["result"], space["made"](4))

named = {"__file__": "made_up.py"}
exec(compile(SOURCE, "<made>", "exec"), named)
print(named["result"])

here = dict(globals())
exec(compile(SOURCE, "<generated>", "exec"), here)
print(here["made"](2))

print(eval("[x * 2 for x in range(3)]"))
for i in range(3):
    exec("print(i)")
