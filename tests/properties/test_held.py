"""Random programs over memory that containers and objects hold: right in every mode, or refused by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.probe.harness import RTOL, Case, judge

from .held import Draw

X, Y = np.array([0.3, -0.6, 1.1]), np.array([0.9, 0.2, -0.8])


def loaded(seed: int, folder: Path) -> Callable[..., Any]:
    """The function that a seed draws; differentiation reads its source, so it stands in a file."""
    path = folder / f"held_{seed}.py"
    path.write_text(Draw(seed).program())
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., Any] = module.program
    return found


@pytest.mark.parametrize("seed", range(16))
def test_program(seed: int, tmp_path: Path) -> None:
    program = loaded(seed, tmp_path)
    verdict = judge(Case(program, ((X, Y),), "held", seed % 4 == 0, None, RTOL))
    assert verdict.kind in ("right", "refused"), f"{verdict}\n{Draw(seed).program()}"


def test_most_programs_are_right(tmp_path: Path) -> None:
    verdicts = []
    for seed in range(100, 108):
        program = loaded(seed, tmp_path)
        verdicts.append(judge(Case(program, ((X, Y),), "held", False, None, RTOL)).kind)
    assert verdicts.count("right") >= 6, verdicts
