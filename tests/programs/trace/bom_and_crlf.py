x = 1
if x:
    y = "ä"

def f():
    return (x +
            1)
print(f())
"""doc
more"""
for i in range(2):
    pass
print("no newline at end")
