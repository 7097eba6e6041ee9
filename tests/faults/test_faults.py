"""Planted faults are caught; the whole catalogue is `python -m tests.faults`."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .catalogue import AREAS, catalogue
from .equivalent import EQUIVALENT
from .noticed import trial
from .plant import faulty

ROOT = Path(__file__).parents[2]


def test_catalogue() -> None:
    """At least 200 faults, each another program that compiles; no area is empty."""
    faults = catalogue()
    names = [str(f) for f in faults]
    assert len(names) == len(set(names)) >= 200
    assert {f.area for f in faults} == set(AREAS)
    for f in faults[::9]:
        tree = faulty(f.module, f.key)
        compile(tree, f.module, "exec")
        plain = ROOT / (f.module.replace(".", "/") + ".py")
        assert ast.dump(tree) != ast.dump(ast.parse(plain.read_text(encoding="utf-8")))


def test_what_is_no_fault_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())
    assert len(EQUIVALENT) <= len(catalogue()) / 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_some_are_caught(tmp_path: Path) -> None:
    """Faults of some areas against the first stage of the tests; what only later stages notice may survive that."""
    areas = ("rules of elements", "activity", "reverse sweep", "forward mode")
    command = [sys.executable, "-m", "tests.faults", *areas, "--stages", "1", "--green", "--first", "6", "--every", "60"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603
    assert done.stdout.count("\ncaught") + done.stdout.startswith("caught") >= 2, done.stdout + done.stderr


@pytest.mark.parametrize("seed", range(3))
def test_check_grads_notices(seed: int) -> None:
    assert not trial(seed)
