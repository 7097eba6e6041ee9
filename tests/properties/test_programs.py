"""Random whole programs have the right derivatives, or are refused: seeded, the same in every run.

`DIFFSRC_PROGRAMS` says how many; `python -m tests.properties.fuzz` runs other seeds at length.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from .bulk import examine, turns_of
from .programs import generate

SIZE = 20
BATCHES = int(os.environ.get("DIFFSRC_PROGRAMS", "1000")) // SIZE


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_programs(batch: int) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(10_000 + batch * SIZE, 10_000 + (batch + 1) * SIZE):
        p = generate(seed, size=0)
        verdict, _ = examine(p, turns_of(seed))
        kinds[verdict.kind] += 1
        assert verdict.kind not in ("WRONG", "CRASH"), f"seed {seed}: {verdict.code}: {verdict.detail}\n{p.source}"
    assert kinds["right"] >= SIZE // 3, f"too many programs say nothing: {kinds}"
