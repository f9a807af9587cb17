"""Children by fork and by exec, while blocks live on in the parent."""
import os
import subprocess
import sys

kept = ["before %d" % n for n in range(3000)]
for turn in range(3):
    pid = os.fork()
    if pid == 0:
        own = ["child %d" % n for n in range(2000)]
        del kept[::2], own
        os._exit(0)
    os.waitpid(pid, 0)
    kept.append(["after %d" % turn])
answer = subprocess.run([sys.executable, "-S", "-c", "print('x' * 1000)"],
                        capture_output=True, check=True)
output = answer.stdout * 5
