def greet(name):
    if name == "you":
        return "hello " + name
    return "hi " + name
