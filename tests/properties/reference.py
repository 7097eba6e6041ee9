"""Tangents of whole programs by dual numbers: the source runs with `np` and `math` that accept them."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.oracles.dual import Dual, exp, lift, log
from tests.oracles.structure import floats, rebuilt


def _as_objects(make: Callable[..., Any]) -> Callable[..., Any]:
    """An allocation whose result can hold dual numbers."""

    def made(*args: Any, **kwargs: Any) -> Any:
        out = make(*args, **kwargs)
        return out.astype(object) if out.dtype.kind == "f" else out

    return made


def _tanh(x: Any) -> Any:
    return x.tanh() if isinstance(x, Dual) else math.tanh(x)


_MATH = SimpleNamespace(
    sin=lambda x: lift(x).sin(), cos=lambda x: lift(x).cos(), tanh=_tanh, exp=lambda x: exp(lift(x)),
    log=lambda x: log(lift(x)), sqrt=lambda x: lift(x).sqrt(), pi=math.pi,
)  # fmt: skip


class _NumPy:
    """NumPy whose allocations are object arrays, so that numbers with tangents can be stored."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if name in ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "full_like", "array", "linspace"):
            return _as_objects(value)
        return value


def _dual(value: Any, tangent: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return Dual(value, tangent)
    made = np.empty(value.shape, dtype=object)
    for at in np.ndindex(value.shape):
        made[at] = Dual(value[at], tangent[at])
    return made


def seeded(args: Any, tangents: Any) -> Any:
    """Arguments whose floats are dual numbers."""
    parts = iter([_dual(v, t) for v, t in zip(floats(args), floats(tangents))])
    return _replaced(args, parts)


def _replaced(x: Any, parts: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return next(parts)
    if isinstance(x, float):
        return next(parts)
    if isinstance(x, dict):
        return {k: _replaced(v, parts) for k, v in x.items()}
    if isinstance(x, list):
        return [_replaced(v, parts) for v in x]
    if isinstance(x, tuple):
        inner = [_replaced(v, parts) for v in x]
        return type(x)(*inner) if hasattr(x, "_fields") else tuple(inner)
    if hasattr(x, "__dataclass_fields__"):
        return type(x)(*[_replaced(getattr(x, k), parts) for k in x.__dataclass_fields__])
    return x


def tangents_of(like: Any, x: Any) -> np.ndarray:
    """The tangents in a result or argument of the dual run, in one vector; `like` is that of the plain run."""
    found: list[np.ndarray] = [np.zeros(0)]
    for leaf in _leaves(like, x):
        array = np.asarray(leaf, dtype=object) if not isinstance(leaf, np.ndarray) else leaf
        found.append(np.array([v.b if isinstance(v, Dual) else 0.0 for v in array.ravel().tolist()], dtype=float))
    return np.concatenate(found)


def _leaves(like: Any, x: Any) -> Any:
    if isinstance(like, np.ndarray) or isinstance(like, (float, np.floating)):
        if isinstance(like, np.floating) or like.__class__ is float or like.dtype.kind == "f":
            yield x
    elif isinstance(like, dict):
        for k, v in like.items():
            yield from _leaves(v, x[k])
    elif isinstance(like, (list, tuple)):
        for a, b in zip(like, x, strict=True):
            yield from _leaves(a, b)
    elif hasattr(like, "__dataclass_fields__"):
        for k in like.__dataclass_fields__:
            yield from _leaves(getattr(like, k), getattr(x, k))


def run(source: str, args: Any, tangents: Any, out: Any, after: Any) -> tuple[np.ndarray, np.ndarray]:
    """Tangents of the result and of the arguments as the call leaves them."""
    space: dict[str, Any] = {}
    exec(compile(source, "<dual>", "exec"), space)
    space["np"], space["math"] = _NumPy(), _MATH
    mine = seeded(args, tangents)
    result = space["f"](*mine)
    return tangents_of(out, result), tangents_of(after, mine)


__all__ = ["rebuilt", "run", "seeded", "tangents_of"]
