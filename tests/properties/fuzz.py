"""`python -m tests.properties.fuzz --programs N --seed S --jobs J`: random programs judged; failures shrunk and printed.

Prints how many programs were tried and how many of them are distinct, the verdicts, refusals by code, the checks that were made
(`bulk.py`), and the constructs that programs found right had. `--record FILE` adds the counts as a line of JSON, so that many
runs can be added up (`totals.py`).
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import multiprocessing
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .bulk import Outcome, examine, turns_of
from .deep import other_texts
from .judge import Verdict
from .programs import Program, generate
from .shrink import shrink

CHUNK = 25
HASHED = 200  # one program in so many is printed under other hash seeds


def signature(v: Verdict) -> tuple[str, ...]:
    """What tells one fault from another."""
    words = "".join(v.detail.split("\n")[:1])[:90] if v.kind == "CRASH" else v.detail.partition(":")[0]
    return v.kind, v.code, re.sub(r"[-\d.'\"]+|of \w+", "#", words)


def shrunk(p: Program, verdict: Verdict, turns: frozenset[str], seconds: float) -> Program:
    wanted = signature(verdict)
    return shrink(p, lambda q: signature(examine(q, turns)[0]) == wanted, seconds)


def one(given: tuple[int, int, bool]) -> Outcome:
    """The outcome of a seed."""
    seed, size, everything = given
    p = generate(seed, size)
    verdict, done = examine(p, turns_of(seed, everything))
    return Outcome(seed, verdict, p.used, digest(p.source.partition("def f(")[2]), done)


def digest(text: str) -> int:
    """A number that two texts share only if they are the same, in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def outcomes(given: argparse.Namespace) -> Iterator[Outcome]:
    tasks = [(seed, given.size, given.all) for seed in range(given.seed, given.seed + given.programs)]
    if given.jobs == 1:
        yield from map(one, tasks)
        return
    with multiprocessing.get_context("fork").Pool(given.jobs, maxtasksperchild=40) as pool:
        yield from pool.imap_unordered(one, tasks, CHUNK)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=6, help="statements at the top of a program, more or less")
    parser.add_argument("--seconds", type=float, default=20.0, help="time for shrinking each failure")
    parser.add_argument("--each", type=int, default=1, help="failures of one kind that are shrunk")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--all", action="store_true", help="every check on every program")
    parser.add_argument("--record", help="a file to which the counts are added")
    given = parser.parse_args()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    tally = Tally()
    for outcome in outcomes(given):
        tally.note(outcome)
        v = outcome.verdict
        if v.kind in ("WRONG", "CRASH") and tally.seen[signature(v)] <= given.each:
            report(outcome, given)
    seeds = range(given.seed, given.seed + given.programs, HASHED)
    differing = other_texts(list(seeds)) if given.programs >= HASHED else []
    tally.done["hash seeds"] += len(seeds) if given.programs >= HASHED else 0
    distinct = len(set().union(*tally.texts.values()))
    print(f"\n{given.programs} programs in {time.monotonic() - tally.start:.0f} s, {distinct} distinct")
    tally.show()
    if given.record:
        with Path(given.record).open("a") as record:
            record.write(json.dumps(tally.counts(given.seed, given.programs)) + "\n")
    for seed in differing:
        print(f"seed {seed}: the text hangs on PYTHONHASHSEED")
    return 1 if tally.kinds["WRONG"] or tally.kinds["CRASH"] or differing else 0


def report(outcome: Outcome, given: argparse.Namespace) -> None:
    """A failure, as small as it gets."""
    turns = turns_of(outcome.seed, given.all)
    small = shrunk(generate(outcome.seed, given.size), outcome.verdict, turns, given.seconds)
    v = examine(small, turns)[0]
    print(f"--- seed {outcome.seed}: {v.kind} {v.code}\n{v.detail[:600]}\n{small.source}\n{small.points}", flush=True)


class Tally:
    """What was seen so far."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.kinds: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.used: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.seen: Counter[tuple[str, ...]] = Counter()
        self.texts: defaultdict[str, set[int]] = defaultdict(set)  # by verdict

    def note(self, outcome: Outcome) -> None:
        v = outcome.verdict
        self.kinds[v.kind] += 1
        self.texts[v.kind].add(outcome.text)
        self.done.update(outcome.done)
        if v.kind == "refused":
            self.codes[f"{v.code}: {v.detail.splitlines()[0][7:80]}"] += 1
        if v.kind == "right":
            self.used.update(outcome.used)
        if v.kind in ("WRONG", "CRASH"):
            self.seen[signature(v)] += 1

    def counts(self, seed: int, programs: int) -> dict[str, Any]:
        """What one run adds to the totals."""
        return {
            "seed": seed, "programs": programs, "seconds": round(time.monotonic() - self.start), "verdicts": self.kinds,
            "refusals": self.codes, "checks": self.done, "used": self.used,
            "texts": {kind: sorted(found) for kind, found in self.texts.items()},
        }  # fmt: skip

    def show(self) -> None:
        faults = Counter({" ".join(k): n for k, n in self.seen.items()})
        for title, counts in (
            ("verdicts", self.kinds), ("faults", faults), ("refusals", self.codes), ("checks", self.done),
            ("constructs in programs found right", self.used),
        ):  # fmt: skip
            print(f"{title}:")
            print("\n".join(f"{n:8} {k}" for k, n in counts.most_common()), end="\n\n")


if __name__ == "__main__":
    sys.exit(main())
