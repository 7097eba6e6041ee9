"""`python -m tests.probe [NAME ...]`: the table of all cases, or the details of those whose name contains
NAME."""

from __future__ import annotations

import sys
from collections import Counter

from .collect import cases
from .harness import judge


def main(names: list[str]) -> int:
    counts: Counter[str] = Counter()
    for c in cases():
        if names and not any(n in c.name for n in names):
            continue
        verdict = judge(c)
        counts[verdict.kind] += 1
        detail = verdict.detail if names else verdict.detail.partition("\n")[0][:110]
        print(f"{verdict.kind:8} {c.topic + '.' + c.name:42} {detail}", flush=True)
    print(", ".join(f"{kind}: {n}" for kind, n in counts.most_common()))
    return 1 if counts["WRONG"] or counts["CRASH"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
