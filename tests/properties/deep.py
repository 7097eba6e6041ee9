"""The dear checks of a program: passes exactly, second order exactly, whole Jacobians, text accepted again, hash seeds."""

from __future__ import annotations

import cmath
import copy
import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

import diffsrc as ds
from diffsrc.analysis.typeof import typeof_args
from diffsrc.api import engine
from diffsrc.compiler import driver, validate
from diffsrc.ir.types import carries_derivative
from tests.oracles import differences, lifting
from tests.oracles.structure import flat, floats, unflat
from tests.probe.harness import Mismatch

from . import exact, kinds

MAX_COLUMNS = 24
HASH_SEEDS = ("0", "1", "4711")


# -- passes


def exact_passes(f: Callable[..., Any], pair: Any, args: Any, out: Any) -> int:
    """Every pass of both derivatives on numbers of the field: equal, also where it is algebra.

    Raises:
        InternalError: a pass changes the meaning.
    """
    before = applications()
    for d, given in zip(pair, exact.arguments(pair, args, out)):
        d.trail.swap, d.trail.equal = lifting.swap, _equal
        d.trail.seen.clear()
        with lifting.runs(f.__globals__, vars(kinds), d.call.__globals__):
            d.trail.first(d.name, lifting.into_field(given))
    return applications() - before


def applications() -> int:
    """How many applications of a pass were validated so far."""
    return sum(n for k, n in validate.TALLY.items() if not k.startswith("skipped"))


def _equal(a: Any, b: Any, ulps: float) -> None:
    one, other = _numbers(a), _numbers(b)
    if len(one) != len(other):
        raise validate.DifferenceError(f"{len(other)} numbers for {len(one)}")
    if None not in one and None not in other and one != other:
        raise validate.DifferenceError(f"{b!r:.200} for {a!r:.200}")


def _numbers(x: Any) -> list[int | None]:
    found: list[int | None] = []

    def note(v: Any) -> Any:
        found.append(lifting.number(v).h)
        return v

    lifting.mapped(x, note)
    return found


# -- second order


def gradient_alone(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """`ds.grad`, which computes no primal and cleans accordingly, gives what the pullback gives.

    Raises:
        NotExact: it doesn't.
    """
    active = tuple(i for i, a in enumerate(args) if floats(a))
    found = flat(ds.grad(f, active)(*copy.deepcopy(args)))
    _, pullback = ds.vjp(f, *copy.deepcopy(args))
    pulled = flat(pullback(1.0))
    if found.shape == pulled.shape and not np.all(np.isfinite(pulled)):  # the program divides by zero: only what is finite
        known = np.isfinite(pulled) & np.isfinite(found)
        found, pulled = found[known], pulled[known]
    if found.shape != pulled.shape or not np.all(np.abs(found - pulled) <= 1e-8 * (1.0 + np.linalg.norm(pulled))):
        raise exact.NotExact(f"gradient alone: {found}, the pullback gives {pulled}")


def symmetric(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Forward mode over the gradient: <v, H u> is <u, H v>, exactly.

    Raises:
        NotExact: it isn't.
    """
    types = typeof_args(args)
    asked = ["value" if carries_derivative(t) else "const" for t in types]
    gradient = driver.derive_gradient(f, types, asked)
    if gradient is None:
        raise exact.NotKnown("no number is returned")
    shadows = [engine.make_zero(a) for a, k in zip(args, gradient.activity) if k == "shadow"]
    whole = (*args, *shadows)
    marks = ["const" if k == "const" else "dup" for k in gradient.activity] + ["dup"] * len(shadows)
    push = driver.derive_forward(gradient.call, typeof_args(whole), marks)
    rng = random.Random(9)
    u, v = lifting.random_like(args, rng), lifting.random_like(args, rng)
    with lifting.runs(f.__globals__, vars(kinds), push.call.__globals__):
        one, other = (_product(gradient, push, args, shadows, a, b) for a, b in ((u, v), (v, u)))
    if one != other:
        raise exact.NotExact("second derivatives aren't symmetric")


def _product(gradient: Any, push: Any, args: Any, shadows: Any, along: Any, by: Any) -> int | None:
    """<by, H along>."""
    mine = lifting.into_field((*args, *shadows))
    moved = [*copy.deepcopy(along), *map(lifting.zeros_of, lifting.into_field(shadows))]
    given = [m for m, k in zip(moved, push.activity) if k == "dup"]
    try:
        _, dots = push.call(*mine, *given)
    except (TypeError, ZeroDivisionError) as err:
        raise exact.NotKnown(str(err)) from err
    values = iter(engine.cotangents_of(gradient, dots))
    mirrors = iter(moved[len(args) :])
    total: int | None = 0
    for a, w, k in zip(args, by, gradient.activity):
        if k != "const":
            part = next(values) if k == "value" else next(mirrors)
            total = exact.plus(total, lifting.dot(lifting.values(a, part), lifting.values(a, w)))
    if total is None:
        raise exact.NotKnown("a value isn't finite")
    return total


# -- differences


def jacobian(f: Callable[..., Any], pair: Any, args: Any, out: Any) -> str:
    """The whole Jacobian of a small program: forward mode against differences, within their own error estimate, and against the
    complex step. Gives the name of what was done.

    Raises:
        Mismatch: they differ.
    """
    n = flat(args).size
    if not 0 < n <= MAX_COLUMNS:
        return "too many columns"
    try:
        wanted, error = differences.jacobian(f, args)
    except Exception:  # noqa: BLE001  beside the point the program may fail
        return "no differences"
    rows = flat(out).size
    got = np.stack([_column(pair[0], args, out, row) for row in np.eye(n)], axis=1)
    wanted, error = wanted[:rows], error[:rows]
    sure = error < 1e-6 * (1.0 + np.abs(wanted))
    wrong = sure & (np.abs(got - wanted) > 100.0 * error + 1e-8 * (1.0 + np.max(np.abs(wanted), initial=0.0)))
    if np.any(wrong):
        i, j = np.argwhere(wrong)[0]
        raise Mismatch(f"jacobian: {got[i, j]} at {i}, {j}, not {wanted[i, j]} +- {error[i, j]}")
    return "complex step" if _complex_step(f, args, out, got) else "jacobian"


def _column(forward: Any, args: Any, out: Any, row: np.ndarray) -> np.ndarray:
    mine, moved = copy.deepcopy(args), unflat(args, row)
    _, dot = forward.call(*mine, *(v for v, k in zip(moved, forward.activity) if k == "dup"))
    return flat(engine.finish_tangent(out, dot)) if engine.is_float_leaf(out) else flat(unflat(out, _flat_like(out, dot)))


def _flat_like(out: Any, dot: Any) -> np.ndarray:
    return np.array([float(v) for v in lifting.leaves(out, dot)])


def _complex_step(f: Callable[..., Any], args: Any, out: Any, jac: np.ndarray) -> bool:
    """Whether the program takes complex numbers, and then that its derivative in a direction is that of the Jacobian."""
    if any(word in f.__code__.co_names for word in ("abs", "maximum", "max", "min", "clip", "minimum", "sort")):
        return False
    v = np.random.default_rng(2).standard_normal(jac.shape[1])
    parts = iter(np.split(v, np.cumsum([np.size(x) for x in floats(args)])[:-1]))
    step = 1e-30
    try:
        moved = _complexified(args, parts, step)
        kept = f.__globals__.get("math")
        f.__globals__["math"] = SimpleNamespace(**{k: getattr(cmath, k) for k in dir(cmath) if k[0] != "_"})
        try:
            got = f(*moved)
        finally:
            f.__globals__["math"] = kept
        dots = np.array([complex(x).imag / step for x in lifting.leaves(out, got)])
    except Exception:  # noqa: BLE001  comparisons, storing into real arrays
        return False
    wanted = jac @ v
    if not np.all(np.abs(dots - wanted) <= 1e-9 * (1.0 + np.linalg.norm(wanted))):
        raise Mismatch(f"complex step: {dots}, not {wanted}")
    return True


def _complexified(args: Any, parts: Any, step: float) -> Any:
    if any(not isinstance(a, (float, np.ndarray, int, bool)) for a in args):
        raise TypeError("containers")
    new = []
    for a in args:
        is_float = isinstance(a, float) or (isinstance(a, np.ndarray) and a.dtype.kind == "f")
        new.append(a + 1j * step * np.reshape(next(parts), np.shape(a)) if is_float else a)
    return [x if isinstance(a, np.ndarray) or not isinstance(a, float) else complex(x) for a, x in zip(args, new)]


# -- text


def accepted_again(f: Callable[..., Any], pair: Any, args: Any, out: Any) -> None:
    """The text of the forward derivative is a program like any other.

    Raises:
        Mismatch: it is refused.
    """
    forward = pair[0]
    given = exact.arguments(pair, args, out)[0]
    types = typeof_args(given)
    try:
        driver.derive_forward(forward.call, types, ["dup" if carries_derivative(t) else "const" for t in types])
    except ds.InternalError:
        raise
    except ds.UnsupportedError as refusal:
        raise Mismatch(f"generated text is refused: {refusal.render()}") from None


def text_of(seed: int) -> str:
    """The texts of both derivatives of the program of a seed."""
    from .judge import load
    from .programs import generate

    p = generate(seed)
    try:
        return "\n".join(d.source for d in exact.compiled(load(p.source), p.points[0]))
    except ds.UnsupportedError as refusal:
        return f"refused {refusal.code}"


def other_texts(seeds: Sequence[int]) -> list[int]:
    """The seeds whose derivatives print differently under several hash seeds."""
    found: list[list[str]] = []
    for hash_seed in HASH_SEEDS:
        run = subprocess.run(
            [sys.executable, "-m", "tests.properties.deep", *map(str, seeds)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append(run.stdout.split())
    return [seed for k, seed in enumerate(seeds) if len({lines[k] for lines in found}) > 1]


__all__ = ["accepted_again", "applications", "exact_passes", "jacobian", "other_texts", "symmetric", "text_of"]

if __name__ == "__main__":
    for given in sys.argv[1:]:
        print(hashlib.sha256(text_of(int(given)).encode()).hexdigest()[:16], flush=True)
