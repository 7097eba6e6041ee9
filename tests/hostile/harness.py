"""Hostile input: what a case is, and how one is judged.

A case is a callable with a maker of its arguments, both as strange as they like. Every mode is tried; allowed are the
right derivative (the plain call's result with it), a refusal, and the exception that the plain call raises. Anything
else (another exception, an `InternalError`, a wrong number, an argument changed otherwise than by the plain call) is a
fault.
"""

from __future__ import annotations

import contextlib
import copy
import io
import linecache
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import diffsrc as ds
from tests.oracles import differences
from tests.oracles.structure import flat, floats, unflat

RTOL = 2e-6


@dataclass(frozen=True)
class Case:
    """`make` gives the arguments, anew at each call. `expect`: "right", a code, or the name of an exception.

    `gradient`: what `ds.grad` gives for argument 0, known by hand where differences can't tell (nan, inf).
    """

    name: str
    fn: Any
    make: Callable[[], tuple[Any, ...]]
    expect: str
    gradient: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    modes: tuple[str, ...] = ("grad", "vjp", "jvp", "hvp")
    rtol: float = RTOL


CASES: list[Case] = []


def add(
    name: str, fn: Any, make: Callable[[], tuple[Any, ...]], expect: str = "right", gradient: Any = None, **more: Any
) -> None:
    """Enter a case."""
    CASES.append(Case(name, fn, make, expect, gradient, **more))


_FILES = iter(range(10**9))


def defined(text: str, name: str = "f", file: str = "", **names: Any) -> Any:
    """A function from text, with its source in `linecache` as notebooks do it."""
    file = file or f"<hostile {next(_FILES)} of {__name__}>"  # the module may be there by two names
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"__name__": "hostile", "np": np, **names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, file, "exec"), scope)  # noqa: S102
    return scope[name]


class Wrong(Exception):
    """A number, a result or an effect isn't what it should be."""


def verdict(c: Case) -> tuple[str, str]:
    """What became of a case: the outcomes of its modes when they differ, else the one; and details."""
    found: dict[str, str] = {}
    details = ""
    plain = _attempt(lambda: c.fn(*c.make()))
    for mode in c.modes:
        found[mode], detail = _outcome(c, mode, plain)
        details = details or detail
    kinds = set(found.values())
    return (kinds.pop() if len(kinds) == 1 else " ".join(f"{m}:{k}" for m, k in found.items())), details


def allowed(c: Case, found: str) -> bool:
    """Whether the outcome is what was expected; "any": no mode is at fault."""
    if c.expect != "any":
        return found == c.expect
    kinds = [part.rpartition(":")[2] for part in found.split()]
    return not {"WRONG", "CRASH"} & set(kinds)


def _attempt(run: Callable[[], Any]) -> Any:
    try:
        with _quiet():
            return run()
    except Exception as err:  # noqa: BLE001
        return err


@contextlib.contextmanager
def _quiet() -> Any:
    with np.errstate(all="ignore"), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _outcome(c: Case, mode: str, plain: Any) -> tuple[str, str]:
    try:
        with _quiet():
            _MODES[mode](c, plain)
    except Wrong as wrong:
        return "WRONG", f"{mode}: {wrong}"
    except ds.InternalError as fault:
        return "CRASH", f"{mode}: {fault.render()}"
    except ds.DiffsrcError as refusal:
        return refusal.code, f"{mode}: {refusal.render()}"
    except Exception as err:  # noqa: BLE001
        if isinstance(plain, Exception) and type(err) is type(plain):
            return type(err).__name__, ""
        return "CRASH", f"{mode}: {type(err).__name__}: {err}"
    if isinstance(plain, Exception):
        return "WRONG", f"{mode}: the plain call raises {plain!r}, the derivative doesn't"
    return "right", ""


def _reference(c: Case) -> tuple[np.ndarray, np.ndarray]:
    return differences.jacobian(c.fn, c.make())


def _grad(c: Case, plain: Any) -> None:
    args = c.make()
    got = ds.grad(c.fn, **c.options)(*args)
    if isinstance(plain, Exception):
        return
    _unchanged(c, args)
    if c.gradient is not None:
        _equal(flat(got), flat(c.gradient), "gradient")
        return
    argnums = c.options.get("argnums", 0)
    if isinstance(argnums, int):
        _shape(got, args[argnums])
    jac, error = _reference(c)
    rows = flat(plain).size
    columns = _columns(args, argnums)
    if isinstance(argnums, int):
        got = (got,)
    _close(flat(got), jac[:rows].sum(axis=0)[columns], error[:rows].sum(axis=0)[columns], "gradient", c.rtol)


def _columns(args: tuple[Any, ...], argnums: Any) -> np.ndarray:
    sizes = [flat(a).size for a in args]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    chosen = argnums if isinstance(argnums, tuple) else (argnums,)
    return np.concatenate([np.arange(starts[i % len(args)], starts[i % len(args)] + sizes[i]) for i in chosen])


def _vjp(c: Case, plain: Any) -> None:
    args = c.make()
    out, back = ds.vjp(c.fn, *args)
    if isinstance(plain, Exception):
        return
    _same(out, plain, "the result (vjp)")
    _unchanged(c, args)
    if not floats(out):
        return
    rng = np.random.default_rng(3)
    ct = unflat(out, rng.standard_normal(flat(out).size))
    got = back(ct)
    if c.gradient is not None:
        return
    jac, error = _reference(c)
    w = flat(ct)
    _close(flat(got), jac[: w.size].T @ w, error[: w.size].T @ np.abs(w), "vjp", c.rtol)


def _jvp(c: Case, plain: Any) -> None:
    args = c.make()
    v = np.random.default_rng(4).standard_normal(flat(args).size) if c.expect in ("right", "any") else np.zeros(0)
    out, dot = ds.jvp(c.fn, args, unflat(args, v) if c.expect in ("right", "any") else args)
    if isinstance(plain, Exception):
        return
    _same(out, plain, "the result (jvp)")
    _unchanged(c, args)
    if c.gradient is not None or not floats(out):
        return
    jac, error = _reference(c)
    rows = flat(out).size
    _close(flat(dot)[:rows], (jac @ v)[:rows], (error @ np.abs(v))[:rows], "jvp", c.rtol)


def _hvp(c: Case, plain: Any) -> None:
    """Second order in the first argument, against differences of the gradient."""
    args = c.make()
    v = args[0]
    if c.expect in ("right", "any"):
        v = unflat(args[0], np.random.default_rng(5).standard_normal(flat(args[0]).size))
    got = ds.hvp(c.fn, *args, (v,), argnums=(0,))
    if isinstance(plain, Exception) or c.gradient is not None:
        return

    def gradient(x: Any) -> Any:
        return ds.grad(c.fn)(copied(x), *c.make()[1:])

    wanted, error = differences.directional(gradient, c.make()[:1], flat(v))
    rows = flat(got).size
    _close(flat(got), wanted[:rows], error[:rows], "hvp", c.rtol)


_MODES: dict[str, Callable[[Case, Any], None]] = {"grad": _grad, "vjp": _vjp, "jvp": _jvp, "hvp": _hvp}


def _unchanged(c: Case, args: tuple[Any, ...]) -> None:
    """Arguments are what the plain call leaves."""
    mine = c.make()
    c.fn(*mine)
    for a, b in zip(args, mine):
        if isinstance(a, np.ndarray) and not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"):
            raise Wrong(f"an argument became {a!r}, the plain call leaves {b!r}")


def _shape(got: Any, primal: Any) -> None:
    if isinstance(primal, np.ndarray) and (np.shape(got) != primal.shape or got.dtype != primal.dtype):
        raise Wrong(f"a gradient {np.shape(got)} {got.dtype} for {primal.shape} {primal.dtype}")


def _same(got: Any, wanted: Any, what: str) -> None:
    if isinstance(wanted, (float, np.ndarray, np.generic)):
        alike = type(got) is type(wanted) and np.array_equal(got, wanted, equal_nan=np.asarray(got).dtype.kind in "fc")
    else:
        alike = type(got) is type(wanted)
    if not alike:
        raise Wrong(f"{what}: {got!r}, not {wanted!r}")


def _equal(got: np.ndarray, wanted: np.ndarray, what: str) -> None:
    if not np.array_equal(got, wanted, equal_nan=True):
        raise Wrong(f"{what}: {got}, not {wanted}")


def _close(got: np.ndarray, wanted: np.ndarray, error: np.ndarray, what: str, rtol: float) -> None:
    if got.shape != wanted.shape:
        raise Wrong(f"{what}: {got.size} numbers, not {wanted.size}")
    if not np.all(np.abs(got - wanted) <= 1e-7 + rtol * np.abs(wanted) + 30 * error):
        raise Wrong(f"{what}: {got}, not {wanted}")


def copied(x: Any) -> Any:
    return copy.deepcopy(x)
