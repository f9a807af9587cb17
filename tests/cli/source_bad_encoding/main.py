import other
with open("other.py", "w") as file:
    file.write("# coding: nonsense\n")
