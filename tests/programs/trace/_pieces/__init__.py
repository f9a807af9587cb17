NAMES = ["left", "right"]
