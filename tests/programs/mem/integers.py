"""Numbers of any size, and what is made of them."""

factorial = 1
kept = []
for number in range(1, 800):
    factorial *= number
    if number % 20 == 0:
        kept.append(factorial)
powers = [3**n for n in range(300)]
shifted = [1 << n for n in range(0, 20000, 97)]
quotients = [divmod(factorial, power) for power in powers[1:100]]
texts = [str(power) for power in powers]
again = [int(text) for text in texts]
packed = [power.to_bytes(80, "big") for power in powers]
floats = [n / 7 for n in range(3000)]
complexes = [complex(n, -n)**2 for n in range(1000)]
ranges = [range(n, n * 2, 3) for n in range(500)]
