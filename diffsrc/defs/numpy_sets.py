"""Rows for set operations, whose results are elements of what they are given: of equal ones the first.

How many there are is seen in the contents.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array
from .dims import dims_of
from .numpy_tools import add_at, at, only, present, rule
from .numpy_types import stored_kind
from .special import dispatching

_unique = dispatching(np.unique)


def _places(found: Any, source: Any) -> Any:
    """Where the elements come from, in a flat array."""
    order = np.argsort(source, kind="stable")
    return np.take(order, np.searchsorted(np.take(source, order), found))


def _flat(a: Any) -> Any:
    return a if a.ndim == 1 else np.ravel(a)


# -- unique


def _unique_places(out: Any, a: Any, axis: Any, several: bool) -> Any:
    if axis is None:
        return _places(out[0] if several else out, _flat(a))
    return _unique(a, return_index=True, axis=axis)[1]


def _unique_options(options: Any) -> tuple[Any, int]:
    """The axis, and how many arrays of positions and counts come with the elements."""
    only("np.unique", options, "return_index", "return_inverse", "return_counts", "axis", "equal_nan", "sorted")
    return options.get("axis"), sum(bool(options.get(f"return_{k}")) for k in ("index", "inverse", "counts"))


def _unique_jvp(dot: Any, out: Any, ar: Any, *flags: Any, **options: Any) -> Any:
    options |= dict(zip(("return_index", "return_inverse", "return_counts", "axis", "equal_nan"), flags))
    axis, more = _unique_options(options)
    taken = np.take(dot, _unique_places(out, ar, axis, more > 0), **at(axis))
    return (taken, *(np.zeros_like(out[1 + k]) for k in range(more))) if more else taken


def _unique_vjp(ct: Any, out: Any, ar: Any, *flags: Any, **options: Any) -> Any:
    options |= dict(zip(("return_index", "return_inverse", "return_counts", "axis", "equal_nan"), flags))
    axis, more = _unique_options(options)
    places = _unique_places(out, ar, axis, more > 0)
    return _put(ct[0] if more else ct, places, ar, axis)


def _put(g: Any, places: Any, a: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(add_at(g, places, (a.size,)), a.shape)
    return add_at(g, places, a.shape, **({} if axis == 0 else {"axis": axis}))


_KINK = "of equal elements the first one counts"
rule(np.unique, jvp=_unique_jvp, vjp=_unique_vjp, kink=_KINK)


def _values(name: str, others: int) -> None:
    """`np.unique_all` and its kin: the elements, then arrays of positions and counts."""

    def jvp(dot: Any, out: Any, x: Any) -> Any:
        taken = np.take(dot, _places(out[0] if others else out, _flat(x)))
        return (taken, *(np.zeros_like(out[1 + k]) for k in range(others))) if others else taken

    def vjp(ct: Any, out: Any, x: Any) -> Any:
        return _put(ct[0] if others else ct, _places(out[0] if others else out, _flat(x)), x)

    for fn in present(np, name):
        rule(fn, jvp=jvp, vjp=vjp, kink=_KINK)


for _name, _others in (("unique_values", 0), ("unique_counts", 1), ("unique_inverse", 1), ("unique_all", 3)):
    _values(_name, _others)

# -- of two arrays


def _both(a: Any, b: Any) -> Any:
    return np.concatenate((_flat(a), _flat(b)))


def _of_two(fn: Any, position: int) -> dict[str, Any]:
    """What comes of each array; where both have an element, of the first."""

    def of(out: Any, options: Any) -> Any:
        only(f"np.{fn.__name__}", options, "assume_unique", "return_indices")
        return out[0] if options.get("return_indices") else out

    def jvp(dot: Any, out: Any, a: Any, b: Any, *flags: Any, **options: Any) -> Any:
        options |= dict(zip(("assume_unique", "return_indices"), flags))
        pair = (dot, np.zeros_like(b)) if position == 0 else (np.zeros_like(a), dot)
        taken = np.take(_both(*pair), _places(of(out, options), _both(a, b)))
        whole = options.get("return_indices")
        return (taken, np.zeros_like(out[1]), np.zeros_like(out[2])) if whole else taken

    def vjp(ct: Any, out: Any, a: Any, b: Any, *flags: Any, **options: Any) -> Any:
        options |= dict(zip(("assume_unique", "return_indices"), flags))
        found = of(out, options)
        g = add_at(ct[0] if options.get("return_indices") else ct, _places(found, _both(a, b)), (a.size + b.size,))
        return np.reshape(g[: a.size] if position == 0 else g[a.size :], (a, b)[position].shape)

    return {"jvp": jvp, "vjp": vjp}


for _fn in (np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d):
    for _k in (0, 1):
        rule(_fn, arg=_k, **_of_two(_fn, _k), kink="of equal elements the first one counts")

# -- sorted, as complex numbers


def _complex(args: Any, kwargs: Any) -> Any:
    return Array("c64" if stored_kind(args[0]) in ("f32", "c64") else "c128", dims_of(args[0]))


def _sort_complex_vjp(ct: Any, out: Any, a: Any) -> Any:
    back = np.argsort(np.argsort(a, kind="stable"), kind="stable")
    return np.take_along_axis(ct, back, -1)


rule(
    np.sort_complex, types=_complex, vjp=_sort_complex_vjp, kink="equal elements keep their order",
    jvp=lambda dot, out, a: np.take_along_axis(dot, np.argsort(a, kind="stable"), -1).astype(out.dtype),
)  # fmt: skip
