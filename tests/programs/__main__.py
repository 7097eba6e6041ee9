"""Print what became of each program, and where it went wrong."""

from __future__ import annotations

import sys
import time

from tests.probe.harness import judge

from .table import cases


def main(names: list[str]) -> int:
    bad = 0
    count = {"right": 0, "refused": 0, "WRONG": 0, "CRASH": 0}
    for c in cases():
        if names and not any(n in (c.name, c.topic) for n in names):
            continue
        start = time.perf_counter()
        verdict = judge(c)
        count[verdict.kind] += 1
        bad += verdict.kind != "right"
        if verdict.kind != "right" or names:
            print(f"{verdict.kind:8} {c.topic}.{c.name} ({time.perf_counter() - start:.1f} s)", flush=True)
            print("    " + verdict.detail.replace("\n", "\n    "), flush=True)
    print(", ".join(f"{n} {kind}" for kind, n in count.items()))
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
