"""Hostile input is right, refused, or raises what the plain call raises; each case is pinned to what is expected."""

from __future__ import annotations

import pytest

from . import callables, inputs, names, objects, sizes  # noqa: F401  they enter their cases
from .harness import CASES, Case, allowed, verdict


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("c", CASES, ids=lambda c: ascii(c.name))
def test_case(c: Case) -> None:
    found, details = verdict(c)
    assert allowed(c, found), f"{found}, not {c.expect}\n{details}"


def test_names_are_unique() -> None:
    found = [c.name for c in CASES]
    assert len(found) == len(set(found)) >= 600
