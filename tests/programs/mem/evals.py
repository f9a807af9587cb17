"""Code that is compiled, run and thrown away."""

results = []
for turn in range(400):
    results.append(eval("[%d] * 3 + ['x']" % turn))
namespace = {}
for turn in range(100):
    exec("def f%d(a):\n    return [a, %d]\n" % (turn % 10, turn), namespace)
    results.append(namespace["f%d" % (turn % 10)]("text %d" % turn))
lambdas = [eval("lambda: %d" % n) for n in range(100)]
