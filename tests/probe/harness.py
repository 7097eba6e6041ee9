"""What a case is, and how one is judged: right, refused, WRONG or CRASH."""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import diffsrc as ds
from tests.oracles import differences
from tests.oracles.structure import flat, floats, parts, rebuilt, unflat

RTOL, ATOL = 2e-6, 1e-7


@dataclass(frozen=True)
class Case:
    """A function with points to try it at. `exact`: cotangents that are known by hand, at kinks."""

    fn: Callable[..., Any]
    points: tuple[tuple[Any, ...], ...]
    topic: str
    second: bool
    exact: tuple[Any, ...] | None
    rtol: float

    @property
    def name(self) -> str:
        return self.fn.__name__


CASES: list[Case] = []


def case(
    *points: Any, second: bool = False, exact: tuple[Any, ...] | None = None, rtol: float = RTOL
) -> Callable[[Any], Any]:
    """Enter the decorated function; a point is a tuple of arguments, or one argument that isn't a tuple."""
    tuples = tuple(p if type(p) is tuple else (p,) for p in points)

    def enter(fn: Any) -> Any:
        CASES.append(Case(fn, tuples, fn.__module__.rpartition(".")[2], second, exact, rtol))
        return fn

    return enter


@dataclass(frozen=True)
class Verdict:
    """right | refused | WRONG | CRASH, with what was seen."""

    kind: str
    detail: str = ""


class Mismatch(Exception):
    """A derivative, a result or an effect isn't what it should be."""


def judge(c: Case, only_second: bool = False) -> Verdict:
    """Run every check of a case, or that of second order alone."""
    try:
        for point in c.points:
            with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # what the program itself calls
                warnings.simplefilter("ignore", PendingDeprecationWarning)
                _second(c, point, np.random.default_rng(7)) if only_second else _point(c, point)
    except Mismatch as wrong:
        return Verdict("WRONG", str(wrong))
    except ds.InternalError as fault:
        return Verdict("CRASH", fault.render())
    except ds.UnsupportedError as refusal:
        return Verdict("refused", refusal.render())
    except Exception as err:  # noqa: BLE001  any other exception is a crash of the compiler
        return Verdict("CRASH", f"{type(err).__name__}: {err}")
    return Verdict("right")


def _point(c: Case, args: tuple[Any, ...]) -> None:
    after = copy.deepcopy(args)
    out = c.fn(*after)
    _known(c, args, out, after) if c.exact is not None else _measured(c, args, out, after)


def _known(c: Case, args: tuple[Any, ...], out: Any, after: tuple[Any, ...]) -> None:
    mine = copy.deepcopy(args)
    got, pullback = ds.vjp(c.fn, *mine)
    _same(got, out, "the result")
    _close(flat(pullback(_ones(out))), flat(c.exact), 0.0, "reverse")
    v = np.ones(flat(args).size)
    _, dot = ds.jvp(c.fn, copy.deepcopy(args), unflat(args, v))
    _close(flat(dot).sum(), flat(c.exact).sum(), 0.0, "forward")


def _ones(out: Any) -> Any:
    return unflat(out, np.ones(flat(out).size))


def _measured(c: Case, args: tuple[Any, ...], out: Any, after: tuple[Any, ...]) -> None:
    rng = np.random.default_rng(7)
    jac, error = differences.jacobian(c.fn, args)
    rows = flat(out).size
    writes = not _equal(args, after)
    _forward(c, args, out, after, rng, jac, error, rows)
    if floats(out):
        _reverse(c, args, out, after, rng, jac, error, rows)
    if writes:
        _in_place(c, args, out, after, rng, jac, error, rows)
    if c.second:
        _second(c, args, rng)


def _forward(c: Case, args: Any, out: Any, after: Any, rng: Any, jac: Any, error: Any, rows: int) -> None:
    v = rng.standard_normal(jac.shape[1])
    mine, tangents = copy.deepcopy(args), unflat(args, v)
    kept = copy.deepcopy(tangents)
    got, dot = ds.jvp(c.fn, mine, tangents)
    _same(got, out, "the result (forward)")
    _same(mine, after, "an argument (forward)")
    _same(tangents, kept, "a tangent handed in")
    if floats(out):
        _shapes(dot, out, "tangent")
    _close(
        flat(dot)[:rows] if floats(out) else np.zeros(0),
        (jac @ v)[:rows],
        (error @ np.abs(v))[:rows],
        "forward",
        c.rtol,
    )


def _reverse(c: Case, args: Any, out: Any, after: Any, rng: Any, jac: Any, error: Any, rows: int) -> None:
    mine = copy.deepcopy(args)
    got, pullback = ds.vjp(c.fn, *mine)
    _same(got, out, "the result (reverse)")
    _same(mine, after, "an argument (reverse)")
    for turn in ("reverse", "reverse, second call"):
        w = rng.standard_normal(rows)
        ct = conjugate(unflat(out, w))
        kept = copy.deepcopy(ct)
        cotangents = pullback(ct)
        _same(ct, kept, "a cotangent handed in")
        for a, g in zip(args, cotangents):
            if floats(a):
                _shapes(g, a, "gradient")
            elif g is not None and floats(g):
                raise Mismatch(f"a gradient {g!r} for an argument without floats")
        _close(flat(conjugate(cotangents)), jac[:rows].T @ w, error[:rows].T @ np.abs(w), turn, c.rtol)
    if isinstance(out, float):
        active = tuple(i for i, a in enumerate(args) if floats(a))
        found = ds.grad(c.fn, active)(*copy.deepcopy(args))
        _close(flat(conjugate(found)), jac[0], error[0], "grad", c.rtol)


def conjugate(x: Any) -> Any:
    """Complex cotangents are conjugated: the real inner product of a cotangent and a tangent is `Re(ct *
    dot)`.
    """
    return rebuilt(x, iter([np.conj(leaf) for leaf in floats(x)]))


def _in_place(c: Case, args: Any, out: Any, after: Any, rng: Any, jac: Any, error: Any, rows: int) -> None:
    """Enzyme's semantics: the shadow of written memory is its cotangent on entry and on return."""
    if any(floats(a) and not _holds_in_place(a) and not isinstance(a, float) for a in args):
        return
    mine = copy.deepcopy(args)
    shadows = [unflat(a, rng.standard_normal(flat(a).size)) if _holds_in_place(a) else None for a in args]
    written = [not _equal(a, b) for a, b in zip(args, after)]
    wrapped = [
        ds.Duplicated(m, s) if s is not None else ds.Active(m) if isinstance(m, float) else ds.Const(m)
        for m, s in zip(mine, shadows)
    ]
    active = isinstance(out, float) or isinstance(out, np.floating)
    w_out = np.ones(rows) if active else np.zeros(rows)
    w_args = np.concatenate(
        [np.zeros(0)]
        + [flat(s) if wr and s is not None else np.zeros(flat(a).size) for a, s, wr in zip(args, shadows, written)]
    )
    start = np.concatenate(
        [np.zeros(0)]
        + [flat(s) if not wr and s is not None else np.zeros(flat(a).size) for a, s, wr in zip(args, shadows, written)]
    )
    found = ds.autodiff(ds.Reverse, c.fn, ds.Active if active else ds.Const, *wrapped)
    w = np.concatenate([w_out, w_args])
    got = [
        flat(s) if s is not None else flat(g) if isinstance(a, float) else flat(a) * 0
        for a, s, g in zip(args, shadows, found)
    ]
    _same(mine, after, "an argument (in place)")
    _close(np.concatenate([np.zeros(0), *got]), start + jac.T @ w, error.T @ np.abs(w), "in place", c.rtol)


def _holds_in_place(a: Any) -> bool:
    """Whether all floats of an argument can be changed in place."""
    if isinstance(a, np.ndarray):
        return a.dtype.kind in "fc"
    inner = parts(a)
    return inner is not None and bool(floats(a)) and not isinstance(a, tuple) and all(_holds(p) for p in inner)


def _holds(a: Any) -> bool:
    return isinstance(a, float) or not floats(a) or _holds_in_place(a)


def _second(c: Case, args: Any, rng: Any) -> None:
    active = tuple(i for i, a in enumerate(args) if floats(a))
    v = rng.standard_normal(flat(args).size)
    tangents = unflat(args, v)

    def gradient(*point: Any) -> Any:
        return ds.grad(c.fn, active)(*point)

    def shielded(*point: Any) -> Any:
        return gradient(*copy.deepcopy(point))

    wanted, error = differences.directional(shielded, args, v)
    product = ds.hvp(c.fn, *copy.deepcopy(args), tuple(tangents[i] for i in active), argnums=active)
    rows = sum(flat(args[i]).size for i in active)
    _close(flat(product), wanted[:rows], error[:rows], "second order")


def _close(got: Any, wanted: Any, error: Any, what: str, rtol: float = RTOL) -> None:
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.shape != wanted.shape:
        raise Mismatch(f"{what}: {got.shape[0]} derivatives, not {wanted.shape[0]}")
    allowed = max(ATOL, rtol / 20) + rtol * np.abs(wanted) + 30 * np.asarray(error)
    if not np.all(np.abs(got - wanted) <= allowed):
        raise Mismatch(f"{what}: {got}, not {wanted} (error estimate {error})")


def _shapes(derivative: Any, primal: Any, what: str) -> None:
    """Derivatives have the structure, shapes and dtypes of what they belong to."""
    mine, theirs = floats(derivative), floats(primal)
    if len(mine) != len(theirs):
        raise Mismatch(f"a {what} with {len(mine)} leaves for {len(theirs)}")
    for d, p in zip(mine, theirs):
        if np.shape(d) != np.shape(p) or isinstance(d, np.ndarray) != isinstance(p, np.ndarray):
            raise Mismatch(
                f"a {what} of shape {np.shape(d)} ({type(d).__name__}) for {np.shape(p)} ({type(p).__name__})"
            )
        if np.asarray(d).dtype != np.asarray(p).dtype:
            raise Mismatch(f"a {what} of dtype {np.asarray(d).dtype} for {np.asarray(p).dtype}")


def _same(a: Any, b: Any, what: str) -> None:
    if not _equal(a, b):
        raise Mismatch(f"{what}: {a!r}, the plain call gives {b!r}")


def _equal(a: Any, b: Any) -> bool:
    """Equal bit for bit, types included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (float, complex, np.generic)):
        return np.asarray(a).tobytes() == np.asarray(b).tobytes()
    inner, other = parts(a), parts(b)
    if inner is None or other is None:
        return bool(a == b)
    keys = list(a) == list(b) if isinstance(a, dict) else True
    return keys and len(inner) == len(other) and all(map(_equal, inner, other))
