"""Random whole programs have the right derivatives, or are refused: seeded, the same in every run."""

from __future__ import annotations

from collections import Counter

import pytest

from .judge import judge
from .programs import generate

BATCHES, SIZE = 12, 10


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_programs(batch: int) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(10_000 + batch * SIZE, 10_000 + (batch + 1) * SIZE):
        p = generate(seed)
        verdict = judge(p, second=seed % 10 == 0)
        kinds[verdict.kind] += 1
        assert verdict.kind not in ("WRONG", "CRASH"), f"seed {seed}: {verdict.code}: {verdict.detail}\n{p.source}"
    assert kinds["right"] >= SIZE // 3, f"too many programs say nothing: {kinds}"
