"""Programs that were once wrong."""

from __future__ import annotations

import pytest

from .bulk import TURNS, examine
from .regressions import programs


@pytest.mark.parametrize("name", list(programs()))
def test_regression(name: str) -> None:
    verdict, _ = examine(programs()[name], frozenset(TURNS))
    assert verdict.kind in ("right", "refused"), f"{verdict.kind} {verdict.code}: {verdict.detail}"
