"""Lowered programs do what Python does: the same results, the same writes, the same exceptions."""

from __future__ import annotations

import copy
import os
from typing import Any

import numpy as np
import pytest

from diffsrc.frontend.lower import lower_function
from diffsrc.ir.verify import verify
from tests.frontend.interp import Closure, run
from tests.frontend.programs import CASES

RUNS = [(f, args) for f, inputs in CASES for args in inputs]


def outcome(call: Any, args: tuple[Any, ...]) -> Any:
    args = copy.deepcopy(args)
    try:
        return "value", call(*args), args
    except Exception as err:  # noqa: BLE001  whatever the program raises
        return "exception", (type(err), str(err)), args


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float):
        return repr(a) == repr(b)
    if hasattr(a, "__dict__") and not isinstance(a, type):
        return same(vars(a), vars(b))
    return bool(a == b)


def test_case_names_are_known() -> None:
    assert not isinstance(run, Closure)
    assert len(CASES) > 50


@pytest.mark.parametrize(("f", "args"), RUNS, ids=[f"{f.__name__}-{n}" for n, (f, _) in enumerate(RUNS)])
def test_program(f: Any, args: tuple[Any, ...]) -> None:
    func = lower_function(f)
    verify(func)
    expected = outcome(f, args)
    got = outcome(lambda *a: run(func, *a), args)
    assert same(got, expected), (got, expected)


@pytest.mark.parametrize("f", [f for f, _ in CASES], ids=[f.__name__ for f, _ in CASES])
def test_lowering_twice_gives_one_text(f: Any) -> None:
    from diffsrc.ir.text import to_text

    first = to_text(lower_function(f))
    assert first == to_text(lower_function(f))
    assert os.sep not in first.splitlines()[0]
