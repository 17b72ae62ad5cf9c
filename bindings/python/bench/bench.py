#!/usr/bin/env python3
"""bench.py [ROUNDS]: the interpreter's own ssl and tlswrap, side by side.

Each measurement is made on one and on the other, in turn, ROUNDS times (3); the medians are
printed, and their ratio: above 1 tlswrap is ahead.
"""

import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
MAKE_CERTS = os.path.join(PACKAGE, "..", "..", "target", "release", "examples", "make-certs")


class Worker:
    """A process that measures on one backend."""

    def __init__(self, pki, *prefix):
        command = [sys.executable, *prefix, os.path.join(HERE, "work.py"), pki]
        environment = {**os.environ, "PYTHONPATH": PACKAGE}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.version = self._process.stdout.readline().strip()

    def measure(self, name):
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.communicate()


BACKENDS = {"stock": [], "tlswrap": ["-m", "tlswrap"]}


def main(rounds):
    sys.path.insert(0, HERE)
    with tempfile.TemporaryDirectory() as pki:
        subprocess.run([MAKE_CERTS, pki], check=True)
        sys.argv = ["work.py", pki]
        from work import MEASUREMENTS

        for backend, prefix in BACKENDS.items():
            with Worker(pki, *prefix) as worker:
                print(f"{backend + ':':9}{worker.version}")
        print(f"\n{'':34}{'stock':>12}{'tlswrap':>12}{'ratio':>8}")
        for name in MEASUREMENTS:
            numbers = {backend: [] for backend in BACKENDS}
            for _ in range(rounds):
                for backend, prefix in BACKENDS.items():
                    # A process for each: memory that an earlier one left free would not grow.
                    with Worker(pki, *prefix) as worker:
                        numbers[backend].append(worker.measure(name))
            stock, ours = map(statistics.median, numbers.values())
            ratio = stock / ours if name.startswith("KiB") else ours / stock
            print(f"{name:34}{stock:12.1f}{ours:12.1f}{ratio:8.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
