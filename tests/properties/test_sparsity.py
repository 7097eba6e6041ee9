"""The pattern of a program has an entry wherever its Jacobian has one: random programs, constructs, whole programs."""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.api import engine
from diffsrc.api.gradient import GradientOf
from diffsrc.api.higher import Source, columns
from diffsrc.api.trees import flatten
from tests.probe.collect import cases as constructs
from tests.programs.table import cases as programs
from tests.rules.calls import case, table

from .judge import load
from .programs import generate

pytest.importorskip("scipy.sparse")

from diffsrc.api.dependence import NotKnownError, Sets, _traced  # noqa: E402


def judged(f: Any, args: Any, gradient: bool = False) -> str:
    """ok; full: the marks can't be followed; or why there is nothing to compare.

    Raises:
        AssertionError: an entry is missing, or an argument was changed.
    """
    args = copy.deepcopy(args)
    call = Source(f).program(args, {}).call
    numbers = tuple(i for i, place in enumerate(call.positional) if real(call.value(place)))
    if not numbers:
        return "no numbers"
    program = GradientOf(f, numbers, aux=False, value=False).program(args, {}) if gradient else Source(f).program(args, {})
    places = [program.call.place(a) for a in numbers]
    before = copy.deepcopy(flatten(program.call.args))
    try:
        pattern = _traced(program, places, Sets(sum(np.size(x) for p in places for _, x in flatten(program.call.value(p)))))
    except ds.UnsupportedError:
        return "refused"
    except NotKnownError:
        return "full"
    for (_, old), (_, new) in zip(before, flatten(program.call.args)):
        np.testing.assert_array_equal(old, new)
    _, dots = columns(program, engine.Site("forward"), places)
    dense = [np.concatenate([np.zeros(0), *(np.ravel(x) for _, x in flatten(d))]) for dot in dots for d in dot]
    if dense:
        assert not np.any(np.stack(dense, axis=1)[~pattern.toarray()])
    return "ok"


def real(value: Any) -> bool:
    leaves = flatten(value)
    return bool(leaves) and not any(np.iscomplexobj(x) for _, x in leaves)


def tally(given: Iterator[tuple[str, Any, Any]], gradient: bool = False) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, f, args in given:
        with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found[judged(f, args, gradient)] += 1
            except AssertionError as err:
                raise AssertionError(f"{name}: {err}") from None
            except ds.UnsupportedError:
                found["refused"] += 1
            except (ArithmeticError, LookupError, NameError, TypeError, ValueError):
                found["raises"] += 1  # the program itself
    return found


def random_programs(first: int, last: int) -> Iterator[tuple[str, Any, Any]]:
    for seed in range(first, last):
        made = generate(seed, size=0)
        yield f"seed {seed}\n{made.source}", load(made.source), made.points[0]


def test_random_programs() -> None:
    found = tally(random_programs(50_000, 50_080))
    assert found["ok"] >= 60 and found["full"] <= 1, found


def test_constructs() -> None:
    found = tally((c.name, c.fn, c.points[0]) for c in constructs()[::10])
    assert found["ok"] >= 0.9 * sum(found.values()), found


def test_calls_of_the_library() -> None:
    made = (case(call) for call in list(table())[::12] if not call.refused)
    found = tally((c.name, c.fn, c.points[0]) for c in made)
    assert found["full"] <= 1 and found["ok"] >= 60, found


def test_gradients_of_programs() -> None:
    found = tally(((c.name, c.fn, c.points[0]) for c in list(programs())[::8]), gradient=True)
    assert found["ok"] >= 0.7 * sum(found.values()) and found["full"] <= 1, found
