"""`python -m tests.faults [AREA ...]`: plant faults, run the tests, print which were caught and which survived."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from .catalogue import AREAS, catalogue
from .equivalent import EQUIVALENT
from .suite import baseline, covered, judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("areas", nargs="*", help=f"of {', '.join(AREAS)}; all by default")
    parser.add_argument("--only", default="", help="part of the name of a fault")
    parser.add_argument("--every", type=int, default=1, help="only every n-th fault")
    parser.add_argument("--first", type=int, default=0, help="start at the n-th")
    parser.add_argument("--stages", type=int, default=9, help="stop after this many stages of the tests")
    parser.add_argument("--after", type=int, default=0, help="leave out this many stages, which were tried before")
    parser.add_argument("--of", default="", help="a file that names faults, as printed: only these")
    parser.add_argument("--left-out", default="", help="a file that names tests that fail without a fault")
    parser.add_argument("--coverage", default="", help="a file with what the probe covers; made if it isn't there")
    parser.add_argument("--green", action="store_true", help="the tests pass without a fault: don't run them first")
    given = parser.parse_args()
    known = Path(given.left_out).read_text().split("\n") if given.left_out else None
    left_out = [] if given.green else known if known is not None else baseline()
    if left_out:
        print(f"{len(left_out)} tests fail without a fault and are left out:", *left_out, sep="\n  ", flush=True)
    coverage = covered(Path(given.coverage)) if given.coverage else {}
    faults = [f for f in catalogue() if f.area in (given.areas or AREAS) and given.only in str(f)]
    if given.of:
        named = Path(given.of).read_text()
        faults = [f for f in faults if f"{f} (" in named]
    counts: Counter[str] = Counter()
    for fault in faults[given.first :: given.every]:
        reason = EQUIVALENT.get(str(fault))
        if reason is not None:
            counts["no fault"] += 1
            continue
        outcome = judge(fault, left_out, coverage, slice(given.after, given.stages))
        counts["caught" if outcome.by else "survived"] += 1
        mark = "caught  " if outcome.by else "SURVIVED"
        print(f"{mark} {outcome.seconds:6.1f} s  {fault.area}: {fault} (line {fault.line})  {outcome.by[:120]}", flush=True)
    print(", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return 1 if counts["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
