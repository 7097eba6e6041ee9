"""`python -m tests.properties.fuzz --programs N --seed S`: random programs judged, failures shrunk and printed."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter

from .judge import Verdict, judge
from .programs import Program, generate
from .shrink import shrink


def signature(v: Verdict) -> tuple[str, ...]:
    """What tells one fault from another."""
    words = "".join(v.detail.split("\n")[:1])[:90] if v.kind == "CRASH" else v.detail.partition(":")[0]
    return v.kind, v.code, re.sub(r"[-\d.'\"]+|of \w+", "#", words)


def shrunk(p: Program, verdict: Verdict, seconds: float, second: bool) -> Program:
    wanted = signature(verdict)
    return shrink(p, lambda q: signature(judge(q, second)) == wanted, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=6, help="statements at the top of a program, more or less")
    parser.add_argument("--seconds", type=float, default=20.0, help="time for shrinking each failure")
    parser.add_argument("--each", type=int, default=1, help="failures of one kind that are shrunk")
    given = parser.parse_args()
    kinds: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    used: Counter[str] = Counter()
    seen: Counter[tuple[str, ...]] = Counter()
    start = time.monotonic()
    for seed in range(given.seed, given.seed + given.programs):
        p = generate(seed, given.size)
        second = seed % 10 == 0
        v = judge(p, second)
        kinds[v.kind] += 1
        if v.kind == "refused":
            codes[f"{v.code}: {v.detail.splitlines()[0][7:80]}"] += 1
        if v.kind == "right":
            used.update(p.used)
        if v.kind not in ("WRONG", "CRASH"):
            continue
        mark = signature(v)
        seen[mark] += 1
        if seen[mark] <= given.each:
            small = shrunk(p, v, given.seconds, second)
            print(
                f"--- seed {seed}: {v.kind} {v.code}\n{judge(small, second).detail[:600]}\n{small.source}\n{small.points}",
                flush=True,
            )
    print(f"\n{given.programs} programs in {time.monotonic() - start:.0f} s")
    for counts in (kinds, codes, Counter({" ".join(k): n for k, n in seen.items()}), used):
        print("\n".join(f"{n:6} {k}" for k, n in counts.most_common()), end="\n\n")
    return 1 if kinds["WRONG"] or kinds["CRASH"] else 0


if __name__ == "__main__":
    sys.exit(main())
