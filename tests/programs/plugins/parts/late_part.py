value = [part for part in (1, 2, 3)]
