"""`python -m tests.properties.totals FILE...`: the counts of many runs of `fuzz --record FILE`, added up."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path


def added(lines: Iterable[str]) -> tuple[dict[str, Counter[str]], int, dict[str, set[int]]]:
    """The counters of all runs; how many programs were run; the distinct texts by verdict."""
    sums: dict[str, Counter[str]] = {name: Counter() for name in ("verdicts", "refusals", "checks", "used")}
    texts: defaultdict[str, set[int]] = defaultdict(set)
    seeds: set[int] = set()
    for line in lines:
        run = json.loads(line)
        fresh = range(run["seed"], run["seed"] + run["programs"])
        if seeds & set(fresh):
            raise ValueError(f"seeds from {run['seed']} are counted twice")
        seeds |= set(fresh)
        for kind, found in run["texts"].items():
            texts[kind].update(found)
        for name, counter in sums.items():
            counter.update(run[name])
    return sums, len(seeds), texts


def main() -> int:
    sums, programs, texts = added(line for name in sys.argv[1:] for line in Path(name).read_text().splitlines())
    print(f"{programs} programs, {len(set().union(*texts.values()))} distinct:")
    print(", ".join(f"{len(found)} {kind}" for kind, found in texts.items()))
    for title, counter in sums.items():
        print(f"\n{title}:")
        print("\n".join(f"{n:8} {what}" for what, n in counter.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
