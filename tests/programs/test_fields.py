"""Every program is right: result, effects, both modes, second order."""

from __future__ import annotations

import pytest

from tests.probe.harness import Case, judge

from .table import cases

#: programs that are refused by name
REFUSED: frozenset[str] = frozenset()


@pytest.mark.parametrize("c", list(cases()), ids=lambda c: c.name)
def test_program(c: Case) -> None:
    verdict = judge(c)
    if c.name in REFUSED:
        assert verdict.kind == "refused", f"{verdict.kind}: take {c.name} off the list"
        return
    assert verdict.kind == "right", f"{verdict.kind}: {verdict.detail}"
