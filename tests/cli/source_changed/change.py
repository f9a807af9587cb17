with open(__file__, "a") as file:
    file.write("# more\n")
