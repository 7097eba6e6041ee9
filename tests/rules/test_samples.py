"""A share of the samples of samples.py, the same at every run; that a wrong rule is found; and how many there are."""

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from diffsrc.defs.table import BY_NAME, parsed

from .samples import check_call, check_elementwise, elementwise_rows, elementwise_samples, every, failure, lines

PARTS = 8
SHARE = 0.04


@functools.cache
def chosen() -> list[tuple[str, str, str, Callable[[], None]]]:
    return list(every(SHARE, [], seed=3))


@pytest.mark.parametrize("part", range(PARTS))
def test_samples(part: int) -> None:
    wrong = [f"{name} {label}: {said}" for _, name, label, check in chosen()[part::PARTS] if (said := failure(check))]
    assert not wrong, "\n".join(wrong)


def test_there_are_many() -> None:
    names = {d.name for d in elementwise_rows()} | {p.d.name for p in lines()}
    rng = np.random.default_rng(0)
    number = sum(1 for d in elementwise_rows()[::10] for _ in elementwise_samples(d, rng))
    assert len(names) >= 400
    assert 10 * number + 10 * len(lines()) >= 25_000


@pytest.mark.parametrize("text", ["cos(x) * 1.000000000003", "cos(x) + 0 * x", "cos(x) + 1e-9 * x"])
def test_a_wrong_partial_is_found(text: str) -> None:
    d = replace(BY_NAME["np.sin"], partials=(parsed(text),))
    found = [failure(lambda s=s: check_elementwise(s)) for s in elementwise_samples(d, np.random.default_rng(0))]
    assert any(found) == (text != "cos(x) + 0 * x")


def test_a_wrong_transpose_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    p = next(p for p in lines() if p.call.text == "np.diff(x, axis=0, prepend=0.0)" or p.d.name == "np.cumsum")
    right = p.d.rules[0]
    assert not failure(lambda: check_call(p, "float64", "C"))
    monkeypatch.setitem(p.d.rules, 0, replace(right, vjp=lambda ct, out, a, *r, **k: right.vjp(ct, out, a, *r, **k)[::-1]))
    assert failure(lambda: check_call(p, "float64", "C"))
