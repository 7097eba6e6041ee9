"""Programs that were once wrong."""

from __future__ import annotations

import pytest

from .judge import judge
from .regressions import programs


@pytest.mark.parametrize("name", list(programs()))
def test_regression(name: str) -> None:
    verdict = judge(programs()[name], second=True)
    assert verdict.kind in ("right", "refused"), f"{verdict.kind} {verdict.code}: {verdict.detail}"
